"""Works on a durable spool as long as it can, and notes when it fails."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from moengage_personalize.models.events import Event

from .base import Account, Spool
from .durable_store import Backing

__all__ = ["Failover"]

T = TypeVar("T")

_log: Final = logging.getLogger("moengage_personalize.reporter.spool")
_BUSY_SECONDS: Final = 0.05


class Failover:
    """Opens what stands behind, again where it has to, and says a failure once.

    Args:
        backing: What stands behind.
        retry_seconds: How long what failed is left alone.

    Attributes:
        spool: What was opened last.
        is_failing: Whether it failed, or was busy, and did not take everything since.
    """

    def __init__(self, backing: Backing, retry_seconds: float) -> None:
        self._backing = backing
        self._retry_seconds = retry_seconds
        self._lock = threading.RLock()
        self._account = Account()
        self._is_closed = False
        self._try_again = self._ask_again = 0.0
        self._is_busy = False
        self._busy_until = 0.0
        self.spool: Spool | None = None
        self.is_failing = False

    def is_turn(self) -> bool:
        """Whether to try it now: it works, or was left alone for long enough since the last try."""
        now = time.monotonic()
        if self.is_failing and not self._is_busy and now < self._try_again:
            return False
        self._try_again = now + self._retry_seconds
        return True

    def unless_failing(self, work: Callable[[Spool], T], otherwise: T) -> T:
        """Work on the spool, where a page waits for it; what is only busy, pages soon try again."""
        if self.is_failing and not (self._is_busy and time.monotonic() >= self._busy_until):
            return otherwise
        return self.attempt(work, otherwise)

    def attempt(self, work: Callable[[Spool], T], otherwise: T) -> T:
        """Work on the spool; where that is beyond use, once more on its successor."""
        for _ in range(2):
            spool = None
            try:
                spool = self._opened()
                return otherwise if spool is None else work(spool)
            except self._backing.failures as error:
                if not self._is_replaced(spool, error):
                    break
        return otherwise

    def account(self) -> Account:
        """The spool's account; of what cannot be read, as was last known.

        A full disk can be read, so a failure to write is no reason not to ask.
        """
        if not self.is_failing or time.monotonic() >= self._ask_again:
            account = self.attempt(lambda spool: spool.account(), None)
            if account is None:
                self._ask_again = time.monotonic() + self._retry_seconds
            else:
                self._account = account
        return self._account

    def left_behind(self) -> Sequence[Event]:
        """The events of a spool that is no longer at its place; another is opened instead."""
        with self._lock:
            events = None if self._is_closed else self._backing.left_behind()
            if events is None:
                return ()
            self._forget()
        return events

    def works_again(self) -> None:
        """Say so, where it had failed."""
        with self._lock:
            if self.is_failing:
                self.is_failing = False
                _log.warning("the spool %s works again", self._backing.name)

    def after_fork(self) -> None:
        """Begin anew in a child process."""
        self._lock = threading.RLock()
        if self.spool is not None:
            self.spool.after_fork()

    def close(self) -> None:
        """Close the spool, for ever."""
        with self._lock:
            self._is_closed = True
            if self.spool is not None:
                self.spool.close()

    def _opened(self) -> Spool | None:
        with self._lock:
            if self.spool is None and not self._is_closed:
                self.spool = self._backing.open()
                self._account = self.spool.account()
            return None if self._is_closed else self.spool

    def _is_replaced(self, spool: Spool | None, error: Exception) -> bool:
        """Note a failure; whether another spool takes over from the one that failed."""
        with self._lock:
            if self._is_closed:
                return False
            if spool is not self.spool:
                return True  # another thread saw to it
            if self._backing.is_over(error):
                self._forget()
                return True
            was_failing, was_busy = self.is_failing, self._is_busy
            self._is_busy = self._backing.is_busy(error)
            self._busy_until = time.monotonic() + _BUSY_SECONDS
            if not was_failing or (was_busy and not self._is_busy):
                self.is_failing = True
                self._try_again = time.monotonic() + self._retry_seconds
                level = logging.WARNING if self._is_busy else logging.ERROR
                verb = "is busy" if self._is_busy else "failed"
                name, words = self._backing.name, self._backing.words(error)
                _log.log(level, "the spool %s %s, events wait in memory: %s", name, verb, words)
        return False

    def _forget(self) -> None:
        self.spool = None
        self._account = Account()
