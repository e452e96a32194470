"""The thread that delivers: it sleeps until a delivery is due, and wakes for a flush."""

from __future__ import annotations

import logging
import math
import threading
import traceback
from typing import Final

from moengage_personalize.clock import monotonic
from moengage_personalize.transport.thread_timeout import start

from .dispatcher import Dispatcher
from .options import Options
from .schedule import FlushSchedule
from .spool import Spool

__all__ = ["Worker", "told"]

_log: Final = logging.getLogger("moengage_personalize.reporter")
_MAINTENANCE_SECONDS: Final = 1.0
_FLUSH_PAUSE_SECONDS: Final = 0.02
_GRACE_SECONDS: Final = 1.0


class Worker:
    """Delivers in its own thread, which starts when it is first needed.

    Args:
        dispatcher: The dispatcher that delivers.
        spool: The spool where the events wait.
        options: How to deliver.

    Attributes:
        has_begun: Whether this process has reported, flushed, or read the stats.
    """

    def __init__(self, dispatcher: Dispatcher, spool: Spool, options: Options) -> None:
        self._dispatcher = dispatcher
        self._spool = spool
        self._interval = options.flush_interval
        self._schedule = FlushSchedule(options.flush_users, options.flush_interval)
        self._changed = threading.Condition()
        self._stop = threading.Event()
        self._delivering_here = threading.Lock()
        self._thread: threading.Thread | None = None
        self._is_refused = False
        self.has_begun = False
        self._next_round = 0.0
        self._flushes_wanted = 0
        self._flushes_done = 0
        self._flush_deadline = 0.0
        self._next_flush = 0.0
        self._idle_since = math.inf
        self._pending: int | None = None
        self._is_empty = False
        self._end: float | None = None

    def start(self) -> None:
        """Start the thread, unless it runs. If that fails, events wait for the next attempt."""
        self.has_begun = True
        with self._changed:
            if self._thread is not None and self._thread.is_alive():
                return
            thread = threading.Thread(
                target=self._run, name="moengage-personalize-reporter", daemon=True
            )
            try:
                start(thread)
            except RuntimeError as error:  # too many threads, or the interpreter ends
                if not self._is_refused:
                    _log.error("no thread can be started, so events for MoEngage wait: %s", error)
                self._is_refused = True
            else:
                self._thread, self._is_refused = thread, False

    def accepted(self, customer_id: str) -> None:
        """Note an event; wake the thread once a request is full."""
        if self._thread is None or not self._thread.is_alive():
            self.start()
        if self._schedule.accepted(customer_id, monotonic()):
            with self._changed:
                self._changed.notify_all()

    def wait_for_room(self, timeout: float) -> None:
        """Deliver now, and wait until the spool has room or the timeout, in seconds, is over."""
        with self._changed:
            self._next_round = 0.0
            self._changed.notify_all()
            self._changed.wait_for(lambda: not self._spool.is_full(), timeout)

    def flush(self, deadline: float) -> bool:
        """Deliver now; return whether no event was pending at the deadline, a `monotonic` time.

        It waits for events that this process can deliver, and not for those that another process
        leased, because that one may be dead.

        Raises:
            RuntimeError: Called by the thread itself, which cannot wait for itself.
        """
        self.refuse_itself()
        wanted = self.begin_flush(deadline)
        if self._is_refused:  # the interpreter ends, for example, and starts no threads
            self._flush_here(deadline)
        with self._changed:
            remaining = max(0.0, deadline - monotonic())
            is_over = self._changed.wait_for(lambda: self._flushes_done >= wanted, remaining)
            return is_over and self._is_empty

    def begin_flush(self, deadline: float) -> int:
        """Deliver from now until the deadline; return the number of this flush."""
        self.start()
        with self._changed:
            self._flushes_wanted += 1
            self._flush_deadline = max(self._flush_deadline, deadline)
            self._next_flush = 0.0
            self._idle_since = math.inf
            self._dispatcher.try_now()
            self._changed.notify_all()
            return self._flushes_wanted

    def _flush_here(self, deadline: float) -> None:
        """Deliver in the caller's thread, because there is no other."""
        if not self._delivering_here.acquire(blocking=False):
            return
        end, self._end = self._end, min(deadline, self._end or math.inf)
        try:
            while self._is_flushing():
                wait = self._wait()
                if wait > 0:
                    self._stop.wait(min(wait, max(0.0, deadline - monotonic())))
                else:
                    self._round(self._flushes_wanted)
        finally:
            self._end = end
            self._delivering_here.release()

    def refuse_itself(self) -> None:
        """Raise `RuntimeError` in the worker's own thread, which cannot wait for itself."""
        if threading.current_thread() is self._thread:
            raise RuntimeError("flush and close cannot be called from on_lost")

    def end_by(self, deadline: float) -> None:
        """Cut every request at this moment from now on."""
        self._end = deadline

    def stop(self, deadline: float) -> None:
        """Stop the thread; abandon one that hangs in a request at the deadline."""
        self._stop.set()
        with self._changed:
            self._changed.notify_all()
            thread = self._thread
        if thread is not None:
            thread.join(max(0.0, deadline - monotonic()))

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._spool.maintain()
                with self._changed:
                    wanted = self._flushes_wanted
                    wait = self._wait()
                    if wait > 0 and not self._stop.is_set():
                        self._changed.wait(min(wait, _MAINTENANCE_SECONDS))
                if wait <= 0:  # after `stop` it delivers nothing
                    self._round(wanted)
            except BaseException as error:  # noqa: BLE001  (a callback may raise anything)
                if self._stop.is_set():  # the spool was closed under a request that hung
                    return
                _log.error("delivery to MoEngage failed: %s", told(error))
                self._stop.wait(_MAINTENANCE_SECONDS)

    def _round(self, wanted: int) -> None:
        self._schedule.flushed()
        is_flush = self._is_flushing()
        is_done = self._dispatcher.deliver(self._stop, everything=is_flush, deadline=self._end)
        pending = self._spool.counts().pending if is_flush else None
        now = monotonic()
        with self._changed:
            # Events that failed are due at once; the dispatcher itself makes them wait.
            self._next_round = now + (self._interval if is_done else 0.0)
            self._next_flush = now + _FLUSH_PAUSE_SECONDS
            # Wait a moment for events that another process leased, or for a busy disk.
            if not is_done or pending != self._pending:
                self._idle_since = now
            self._idle_since, self._pending = min(self._idle_since, now), pending
            if is_flush and is_done and (pending == 0 or now - self._idle_since >= _GRACE_SECONDS):
                self._flushes_done, self._is_empty = wanted, pending == 0
            self._changed.notify_all()

    def _wait(self) -> float:
        """Return the seconds until a delivery is due."""
        now = monotonic()
        if self._is_flushing():
            due = self._next_flush
        else:
            due = min(self._next_round, now + self._schedule.due_in(now))
        return max(due, self._dispatcher.not_before) - now

    def _is_flushing(self) -> bool:
        return self._flushes_done < self._flushes_wanted and monotonic() < self._flush_deadline


def told(error: BaseException) -> str:
    """Name an exception and the line that raised it; its text may show the data of an event."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} at {last.filename}:{last.lineno}, {last.line}"
