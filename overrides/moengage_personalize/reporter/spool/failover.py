"""Opens the durable spool behind a resilient one, and opens it again after a failure."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from enum import Enum
from typing import Final, Literal, Protocol, TypeVar

from moengage_personalize.clock import monotonic
from moengage_personalize.models.events import Event

from .base import DurableSpool, SpoolCounts

__all__ = ["FAILED", "Backing", "Failed", "Failover"]

T = TypeVar("T")


class _Failed(Enum):
    FAILED = "failed"


Failed = Literal[_Failed.FAILED]
FAILED: Final = _Failed.FAILED
"""The result of an attempt that failed, or was not made."""

_log: Final = logging.getLogger("moengage_personalize.reporter.spool")
_BUSY_SECONDS: Final = 0.05


class Backing(Protocol):
    """Opens a durable spool, and knows what its failures mean.

    Attributes:
        name: Its name in the log, without credentials.
        failures: The exceptions that its spool raises when it fails.
    """

    name: str
    failures: tuple[type[Exception], ...]

    def open(self, workspace: str | None) -> DurableSpool:
        """Open the spool, and bind it to a workspace; raise one of the failures."""
        ...

    def reason(self, error: Exception) -> str:
        """Describe a failure for the log, without credentials and data of events."""
        ...

    def is_busy(self, error: Exception) -> bool:  # noqa: ARG002  (a server is never busy)
        """Return whether it works, and only another process or thread used it for too long."""
        return False

    def is_over(self, error: Exception) -> bool:
        """Return whether the open spool is unusable after this error, so that another is needed."""
        ...

    def orphaned_events(self) -> Sequence[Event] | None:
        """Close a spool that is no longer at its place, and return its events.

        `None` if it is still there.
        """
        return None


class Failover:
    """Opens the durable spool, opens it again if necessary, and logs a failure once.

    Args:
        backing: What opens the durable spool.
        retry_seconds: How long to wait after a failure before the next attempt, in seconds.

    Attributes:
        spool: The spool that was opened last.
        is_failing: Whether it failed or was busy, and has not taken all waiting events since.
        workspace: The workspace of its events, as a digest.
    """

    def __init__(self, backing: Backing, retry_seconds: float) -> None:
        self._backing = backing
        self._retry_seconds = retry_seconds
        self._lock = threading.RLock()
        self._counts = SpoolCounts()
        self._is_closed = False
        self._try_again = self._ask_again = 0.0
        self._is_busy = False
        self._busy_until = 0.0
        self.spool: DurableSpool | None = None
        self.is_failing = False
        self.workspace: str | None = None

    def should_retry_now(self) -> bool:
        """Return whether to try it now: it works, or the last attempt was long enough ago."""
        now = monotonic()
        if self.is_failing and not self._is_busy and now < self._try_again:
            return False
        self._try_again = now + self._retry_seconds
        return True

    def attempt_if_healthy(self, work: Callable[[DurableSpool], T]) -> T | Failed:
        """`attempt` while a page waits; if the spool is only busy, pages soon try again."""
        if self.is_failing and not (self._is_busy and monotonic() >= self._busy_until):
            return FAILED
        return self.attempt(work)

    def attempt(self, work: Callable[[DurableSpool], T]) -> T | Failed:
        """Work on the spool; if it has become unusable, once more on its successor."""
        for _ in range(2):
            spool = None
            try:
                spool = self._opened()
                return FAILED if spool is None else work(spool)
            except self._backing.failures as error:
                if not self._is_replaced(spool, error):
                    break
        return FAILED

    def counts(self) -> SpoolCounts:
        """Return the spool's counts; if they cannot be read, the last known ones.

        It tries even if writing fails, because a full disk can be read.
        """
        if not self.is_failing or monotonic() >= self._ask_again:
            counts = self.attempt(lambda spool: spool.counts())
            if counts is FAILED:
                self._ask_again = monotonic() + self._retry_seconds
            else:
                self._counts = counts
        return self._counts

    def orphaned_events(self) -> Sequence[Event]:
        """Return the events of a spool that is no longer at its place, and open another."""
        with self._lock:
            events = None if self._is_closed else self._backing.orphaned_events()
            if events is None:
                return ()
            self._forget()
        return events

    def is_proven(self) -> bool:
        """Return whether the spool works; test it if it failed before."""
        return not self.is_failing or self.attempt(lambda durable: durable.probe()) is not FAILED

    def works_again(self) -> None:
        """Log that the spool works again, if it failed before."""
        with self._lock:
            if self.is_failing:
                self.is_failing = False
                _log.warning("the spool %s works again", self._backing.name)

    def after_fork(self) -> None:
        """Start again in a child process."""
        self._lock = threading.RLock()
        if self.spool is not None:
            self.spool.after_fork()

    def close(self) -> None:
        """Close the spool for good."""
        with self._lock:
            self._is_closed = True
            if self.spool is not None:
                self.spool.close()

    def _opened(self) -> DurableSpool | None:
        spool = self.spool
        if spool is None:
            with self._lock:
                if self.spool is None and not self._is_closed:
                    self.spool = self._backing.open(self.workspace)
                    self._counts = self.spool.counts()
                spool = self.spool
        return None if self._is_closed else spool

    def _is_replaced(self, spool: DurableSpool | None, error: Exception) -> bool:
        """Note a failure; return whether another spool replaces the one that failed."""
        with self._lock:
            if self._is_closed:
                return False
            if spool is not self.spool:
                return True  # another thread has replaced it
            if self._backing.is_over(error):
                self._forget()
                return True
            was_failing, was_busy = self.is_failing, self._is_busy
            self._is_busy = self._backing.is_busy(error)
            self._busy_until = monotonic() + _BUSY_SECONDS
            if not was_failing or (was_busy and not self._is_busy):
                self.is_failing = True
                self._try_again = monotonic() + self._retry_seconds
                level = logging.WARNING if self._is_busy else logging.ERROR
                verb = "is busy" if self._is_busy else "failed"
                name, reason = self._backing.name, self._backing.reason(error)
                _log.log(level, "the spool %s %s; events wait in memory: %s", name, verb, reason)
        return False

    def _forget(self) -> None:
        self.spool = None
        self._counts = SpoolCounts()
