"""A time limit for blocking work."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextvars import copy_context
from typing import TypeVar

__all__ = ["run_with_timeout", "start", "start_in_thread"]

T = TypeVar("T")


def run_with_timeout(work: Callable[[], T], seconds: float) -> T:
    """Do blocking work that cannot be interrupted, and stop waiting for it after a time limit.

    Abandoned work continues in a daemon thread until it ends by itself.

    Raises:
        TimeoutError: The work took longer.
    """
    future: Future[T] = Future()
    start_in_thread(work, future)
    return future.result(max(0.0, seconds))


def start_in_thread(work: Callable[[], T], future: Future[T]) -> None:
    """Do work in a daemon thread and a copy of the current context, and set the future."""
    context = copy_context()

    def run() -> None:
        try:
            result = context.run(work)
        except BaseException as error:  # noqa: BLE001  (it belongs to the thread that waits)
            future.set_exception(error)
        else:
            future.set_result(result)

    try:
        start(threading.Thread(target=run, name="moengage-personalize-timeout", daemon=True))
    except RuntimeError:
        run()


def start(thread: threading.Thread) -> None:
    """Start a thread; raise `RuntimeError` if the interpreter ends, where 3.11 waits for ever."""
    if sys.is_finalizing():
        raise RuntimeError("the interpreter ends")
    thread.start()
