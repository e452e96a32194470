"""A durable spool that never breaks a page: while it fails, events wait in memory.

What stands behind it is a `Backing`: a file, or a server.
"""

from __future__ import annotations

import itertools
import logging
import math
import sys
import threading
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, Final, TypeVar

import attrs

from moengage_personalize.clock import monotonic
from moengage_personalize.models.events import Event

from .base import DeadLetter, LeasedEvent, Limits, Spool, SpoolCounts
from .durable_store import Backing, DurableSpool
from .memory import MemorySpool

__all__ = ["ResilientSpool"]

T = TypeVar("T")

_log: Final = logging.getLogger("moengage_personalize.reporter.spool")
_BUSY_SECONDS: Final = 0.05
_RETRY_SECONDS: Final = 5.0
_ITSELF: Final = "the spool itself"
_BATCH: Final = 250
_LONGEST_WAIT: Final = 1.0
"""For a thread that may wait for what this one holds, as it was interrupted by a signal."""


class ResilientSpool:
    """A durable spool with a memory spool behind it.

    A failure is logged once, and then only `maintain` tries the durable spool again, so that no
    page waits for it. A corrupt file is set aside for a person to look at, never deleted, and a new
    one is begun, whose counts begin at zero.

    It is opened with the first use, so that a process that only forks others opens nothing.

    Args:
        backing: What stands behind it: a file, or a server.
        limits: How much each of the two may hold.
        retry_seconds: How long what failed is left alone.
    """

    def __init__(
        self,
        backing: Backing,
        limits: Limits | None = None,
        *,
        retry_seconds: float = _RETRY_SECONDS,
    ) -> None:
        self._memory = MemorySpool(limits)
        self._durable = _Failover(backing, retry_seconds)
        self._moving = threading.RLock()
        self._movers = itertools.count()
        self._is_draining = False

    def bind(self, workspace: str) -> None:
        """Keep the events of this workspace only; those of another are a failure."""
        self._durable.workspace = workspace

    def put(self, event: Event) -> None:
        """Accept an event: durably, or in memory while that fails."""
        if not self._durable.call_if_healthy(
            _done(lambda durable: durable.put(event)), otherwise=False
        ):
            self._memory.put(event)

    def refuse(self, event: Event, reason: str) -> None:
        """Accept an event only to drop it at once."""
        work = _done(lambda durable: durable.refuse(event, reason))
        if not self._durable.call_if_healthy(work, otherwise=False):
            self._memory.refuse(event, reason)

    def is_full(self) -> bool:
        """Whether the one of the two that the next event goes to is full."""
        is_full = self._durable.call_if_healthy(lambda durable: durable.is_full(), None)
        return self._memory.is_full() if is_full is None else is_full

    def drop_oldest(self, reason: str) -> Sequence[Event]:
        """Drop the oldest events of the one that is full."""
        dropped = self._durable.call_if_healthy(lambda durable: durable.drop_oldest(reason), None)
        return self._memory.drop_oldest(reason) if dropped is None else dropped

    def lease(
        self, owner: str, *, events: int, users: int, seconds: float, size: int = sys.maxsize
    ) -> Sequence[LeasedEvent]:
        """Lease what waits in memory first, as only that can be lost, and then the rest."""

        def lease(place: Spool) -> Sequence[LeasedEvent]:
            leased = place.lease(owner, events=events, users=users, seconds=seconds, size=size)
            return [attrs.evolve(one, id=(place, one.id)) for one in leased]

        return lease(self._memory) or self._durable.call_if_healthy(lease, ())

    def renew(self, owner: str, ids: Iterable[Any], *, seconds: float) -> None:
        """Renew the lease of these events."""
        self._settle(ids, lambda place, own: place.renew(owner, own, seconds=seconds))

    def deliver(self, owner: str, ids: Iterable[Any]) -> None:
        """Note that the API accepted these events.

        What fails to be noted is delivered again later; the server drops it by its UUID.
        """
        self._settle(ids, lambda place, own: place.deliver(owner, own))

    def dead_letter(self, owner: str, letter: LeasedEvent, reason: str) -> Sequence[Event] | None:
        """Set an event aside as a dead letter, and drop the oldest of too many."""
        dropped: Sequence[Event] | None = None

        def dead_letter(place: Spool, own: list[Any]) -> None:
            nonlocal dropped
            dropped = place.dead_letter(owner, LeasedEvent(own[0], letter.event), reason)

        self._settle([letter.id], dead_letter)
        return dropped

    def release(self, owner: str, ids: Iterable[Any]) -> None:
        """Give these events back."""
        self._settle(ids, lambda place, own: place.release(owner, own))

    def drop(self, owner: str, ids: Iterable[Any], reason: str) -> None:
        """Drop these events."""
        self._settle(ids, lambda place, own: place.drop(owner, own, reason))

    def purge_dead(self, reason: str, *, before: float = math.inf) -> int:
        """Drop dead letters of both, and tell how many there were."""
        purged = self._durable.call_if_healthy(
            lambda durable: durable.purge_dead(reason, before=before), 0
        )
        return purged + self._memory.purge_dead(reason, before=before)

    def dead_letters(self) -> Sequence[DeadLetter]:
        """The dead letters of both."""
        none: Sequence[DeadLetter] = ()
        return [
            *self._durable.call_if_healthy(lambda durable: durable.dead_letters(), none),
            *self._memory.dead_letters(),
        ]

    def counts(self) -> SpoolCounts:
        """What became of every event so far; of what fails or is closed, as was last known."""
        with self._nothing_moving():
            return self._durable.counts() + self._memory.counts()

    def maintain(self) -> None:
        """Do what is due, try what failed again, and take there what had to wait in memory."""
        if not self._durable.should_retry_now():
            return
        self._take_what_was_left_behind()
        is_maintained = self._durable.attempt(_done(lambda one: one.maintain()), otherwise=False)
        if (
            is_maintained
            and self._durable.is_proven()
            and self._is_memory_emptied(lambda: self._is_draining)
        ):
            self._durable.works_again()
        self._durable.counts()  # so that little is missing from it, should this fail next

    def after_fork(self) -> None:
        """Start again in a child process."""
        self._moving = threading.RLock()
        self._memory.after_fork()
        self._durable.after_fork()

    def drain(self, reason: str, *, deadline: float = math.inf) -> Sequence[Event]:
        """Make durable what waits in memory; drop only what cannot be made so by the deadline.

        This includes what is being delivered: whether it arrives, nobody is left to learn.
        """
        self._is_draining = True
        try:
            self._take_what_was_left_behind()
            with self._nothing_moving():
                self._memory.end_leases()
            if self._durable.is_proven() and self._is_memory_emptied(
                lambda: monotonic() >= deadline, beyond_limits=True
            ):
                self._durable.works_again()
            self._durable.counts()
            with self._nothing_moving():
                return self._memory.drain(reason)
        finally:
            self._is_draining = False

    def close(self) -> None:
        """Close the durable spool; the counts stay readable."""
        self.counts()
        self._durable.close()

    def _take_what_was_left_behind(self) -> None:
        for event in self._durable.orphaned_events():
            self.put(event)

    def _is_memory_emptied(
        self, is_over: Callable[[], bool], *, beyond_limits: bool = False
    ) -> bool:
        """Whether the durable spool took what waits in memory, or all that it has room for.

        Args:
            is_over: Whether to leave the rest.
            beyond_limits: Whether to move also what there is no room for.
        """
        mover = f"{_ITSELF} {next(self._movers)}"
        while leased := self._memory.lease(mover, events=_BATCH, users=_BATCH, seconds=math.inf):
            for one in leased:
                has_room = beyond_limits or self._durable.attempt(_has_room, None)
                if is_over() or not has_room or not self._is_moved(mover, one):
                    self._memory.release(mover, [other.id for other in leased])
                    return has_room is False
            if not beyond_limits:
                # Else the log of a file that takes thousands would fill the disk again.
                self._durable.attempt(lambda durable: durable.maintain(), None)
        return True

    @contextmanager
    def _nothing_moving(self) -> Generator[None]:
        """No event is in both places meanwhile, as one would be that is half moved."""
        # Bounded: what a signal interrupted in this thread may be what the mover waits for.
        is_still = self._moving.acquire(timeout=_LONGEST_WAIT)
        try:
            yield
        finally:
            if is_still:
                self._moving.release()

    def _is_moved(self, mover: str, one: LeasedEvent) -> bool:
        with self._nothing_moving():
            if not self._memory.is_lent_to(mover, one.id):  # it was drained meanwhile
                return False
            work = _done(lambda durable: durable.put(one.event))
            is_moved = self._durable.attempt(work, otherwise=False)
            if is_moved:
                self._memory.take_back(mover, [one.id])
        return is_moved

    def _settle(self, ids: Iterable[Any], work: Callable[[Spool, list[Any]], None]) -> None:
        """Work where these events were leased; also while that is failing, as no page waits for it.

        The names of a file that was set aside mean nothing to its successor.
        """
        by_place: dict[Spool, list[Any]] = {}
        for place, id_ in ids:
            by_place.setdefault(place, []).append(id_)
        for place, own in by_place.items():
            if place is self._memory:
                work(place, own)
            elif place is self._durable.spool:
                self._durable.attempt(partial(_worked, work, own), None)


class _Failover:
    """Opens what stands behind, again where it has to, and says a failure once.

    Args:
        backing: What stands behind.
        retry_seconds: How long what failed is left alone.

    Attributes:
        spool: What was opened last.
        is_failing: Whether it failed, or was busy, and did not take everything since.
        workspace: Whose events it keeps.
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
        """Whether to try it now: it works, or was left alone for long enough since the last try."""
        now = monotonic()
        if self.is_failing and not self._is_busy and now < self._try_again:
            return False
        self._try_again = now + self._retry_seconds
        return True

    def call_if_healthy(self, work: Callable[[DurableSpool], T], otherwise: T) -> T:
        """Work on the spool, where a page waits for it; what is only busy, pages soon try again."""
        if self.is_failing and not (self._is_busy and monotonic() >= self._busy_until):
            return otherwise
        return self.attempt(work, otherwise)

    def attempt(self, work: Callable[[DurableSpool], T], otherwise: T) -> T:
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

    def counts(self) -> SpoolCounts:
        """The spool's counts; of what cannot be read, as was last known.

        A full disk can be read, so a failure to write is no reason not to ask.
        """
        if not self.is_failing or monotonic() >= self._ask_again:
            counts = self.attempt(lambda spool: spool.counts(), None)
            if counts is None:
                self._ask_again = monotonic() + self._retry_seconds
            else:
                self._counts = counts
        return self._counts

    def orphaned_events(self) -> Sequence[Event]:
        """The events of a spool that is no longer at its place; another is opened instead."""
        with self._lock:
            events = None if self._is_closed else self._backing.orphaned_events()
            if events is None:
                return ()
            self._forget()
        return events

    def is_proven(self) -> bool:
        """Whether it works, which is tried where it had failed."""
        return not self.is_failing or self.attempt(_done(lambda one: one.probe()), otherwise=False)

    def works_again(self) -> None:
        """Say so, where it had failed."""
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
        with self._lock:
            if self.spool is None and not self._is_closed:
                self.spool = self._backing.open(self.workspace)
                self._counts = self.spool.counts()
            return None if self._is_closed else self.spool

    def _is_replaced(self, spool: DurableSpool | None, error: Exception) -> bool:
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
            self._busy_until = monotonic() + _BUSY_SECONDS
            if not was_failing or (was_busy and not self._is_busy):
                self.is_failing = True
                self._try_again = monotonic() + self._retry_seconds
                level = logging.WARNING if self._is_busy else logging.ERROR
                verb = "is busy" if self._is_busy else "failed"
                name, reason = self._backing.name, self._backing.reason(error)
                _log.log(level, "the spool %s %s, events wait in memory: %s", name, verb, reason)
        return False

    def _forget(self) -> None:
        self.spool = None
        self._counts = SpoolCounts()


def _has_room(spool: Spool) -> bool:
    return not spool.is_full()


def _done(work: Callable[[DurableSpool], None]) -> Callable[[DurableSpool], bool]:
    def done(spool: DurableSpool) -> bool:
        work(spool)
        return True

    return done


def _worked(work: Callable[[Spool, list[Any]], None], ids: list[Any], spool: Spool) -> None:
    work(spool, ids)
