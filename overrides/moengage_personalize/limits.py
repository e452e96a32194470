"""A time limit for blocking work that has none of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from contextvars import copy_context
from typing import TypeVar

__all__ = ["bounded"]

T = TypeVar("T")


def bounded(work: Callable[[], T], seconds: float) -> T:
    """Do blocking work that cannot be interrupted, and stop waiting for it after so many seconds.

    Abandoned work goes on in a daemon thread until it ends by itself.

    Raises:
        TimeoutError: The work took longer.
    """
    future: Future[T] = Future()
    context = copy_context()

    def run() -> None:
        try:
            future.set_result(context.run(work))
        except BaseException as error:  # noqa: BLE001  (it belongs to the thread that waits)
            future.set_exception(error)

    threading.Thread(target=run, name="moengage-personalize-bounded", daemon=True).start()
    if not wait([future], timeout=max(0.0, seconds)).done:
        raise TimeoutError
    return future.result()
