"""A durable spool that never breaks a page: while it fails, events wait in memory.

A `Backing` opens the file or server where it keeps them.
"""

from __future__ import annotations

import itertools
import math
import sys
import threading
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from typing import Any, Final

import attrs

from moengage_personalize.clock import monotonic
from moengage_personalize.models.events import Event

from .base import DeadLetter, LeasedEvent, Limits, Spool, SpoolCounts
from .failover import FAILED, Backing, Failover
from .memory import MemorySpool

__all__ = ["ResilientSpool"]

_RETRY_SECONDS: Final = 5.0
_ITSELF: Final = "the spool itself"
_BATCH: Final = 250
_LONGEST_WAIT: Final = 1.0
"""The longest wait for another thread, which may wait for one that a signal interrupted here."""


class ResilientSpool(Spool):
    """A durable spool with a memory spool behind it.

    It logs a failure once. After that only `maintain` tries the durable spool again, so that no
    page waits for it. A corrupt file is set aside for a person to look at, and never deleted. The
    new file starts its counts at zero.

    The first use opens it, so that a process that only forks others opens nothing.

    Args:
        backing: What opens the durable spool: a file, or a server.
        limits: How much each of the two spools may hold.
        retry_seconds: How long to wait after a failure before the next attempt, in seconds.
    """

    def __init__(
        self,
        backing: Backing,
        limits: Limits | None = None,
        *,
        retry_seconds: float = _RETRY_SECONDS,
    ) -> None:
        self._memory = MemorySpool(limits)
        self._durable = Failover(backing, retry_seconds)
        self._moving = threading.RLock()
        self._movers = itertools.count()
        self._is_draining = False

    def bind(self, workspace: str) -> None:
        self._durable.workspace = workspace

    def put(self, event: Event) -> None:
        if self._durable.attempt_if_healthy(lambda durable: durable.put(event)) is FAILED:
            self._memory.put(event)

    def refuse(self, event: Event, reason: str) -> None:
        refused = self._durable.attempt_if_healthy(lambda durable: durable.refuse(event, reason))
        if refused is FAILED:
            self._memory.refuse(event, reason)

    def is_full(self) -> bool:
        is_full = self._durable.attempt_if_healthy(lambda durable: durable.is_full())
        return self._memory.is_full() if is_full is FAILED else is_full

    def drop_oldest(self, reason: str) -> Sequence[Event]:
        dropped = self._durable.attempt_if_healthy(lambda durable: durable.drop_oldest(reason))
        return self._memory.drop_oldest(reason) if dropped is FAILED else dropped

    def lease(
        self, owner: str, *, events: int, users: int, seconds: float, size: int = sys.maxsize
    ) -> Sequence[LeasedEvent]:
        """Lease events in memory first, because only those can be lost, and then the others."""

        def lease(place: Spool) -> Sequence[LeasedEvent]:
            leased = place.lease(owner, events=events, users=users, seconds=seconds, size=size)
            return [attrs.evolve(one, id=(place, one.id)) for one in leased]

        leased = lease(self._memory) or self._durable.attempt_if_healthy(lease)
        return () if leased is FAILED else leased

    def renew(self, owner: str, ids: Iterable[Any], *, seconds: float) -> None:
        self._settle(ids, lambda place, own: place.renew(owner, own, seconds=seconds))

    def deliver(self, owner: str, ids: Iterable[Any]) -> None:
        """Note that the API accepted these events.

        If that fails, the events are delivered again later, and the server drops them by UUID.
        """
        self._settle(ids, lambda place, own: place.deliver(owner, own))

    def dead_letter(self, owner: str, letter: LeasedEvent, reason: str) -> Sequence[Event] | None:
        dropped: Sequence[Event] | None = None

        def dead_letter(place: Spool, own: list[Any]) -> None:
            nonlocal dropped
            dropped = place.dead_letter(owner, LeasedEvent(own[0], letter.event), reason)

        self._settle([letter.id], dead_letter)
        return dropped

    def release(self, owner: str, ids: Iterable[Any]) -> None:
        self._settle(ids, lambda place, own: place.release(owner, own))

    def drop(self, owner: str, ids: Iterable[Any], reason: str) -> None:
        self._settle(ids, lambda place, own: place.drop(owner, own, reason))

    def purge_dead(self, reason: str, *, before: float = math.inf) -> int:
        purged = self._memory.purge_dead(reason, before=before)
        durably = self._durable.attempt_if_healthy(
            lambda one: one.purge_dead(reason, before=before)
        )
        return purged if durably is FAILED else purged + durably

    def dead_letters(self) -> Sequence[DeadLetter]:
        durably = self._durable.attempt_if_healthy(lambda durable: durable.dead_letters())
        return [*(() if durably is FAILED else durably), *self._memory.dead_letters()]

    def counts(self) -> SpoolCounts:
        """Return what became of every event; the last known counts if the spool fails or closed."""
        with self._nothing_moving():
            return self._durable.counts() + self._memory.counts()

    def maintain(self) -> None:
        """Maintain the durable spool, try it again if it failed, and move waiting events to it."""
        if not self._durable.should_retry_now():
            return
        self._take_what_was_left_behind()
        if (
            self._durable.attempt(lambda durable: durable.maintain()) is not FAILED
            and self._durable.is_proven()
            and self._is_memory_emptied(lambda: self._is_draining)
        ):
            self._durable.works_again()
        self._durable.counts()  # so that the last known counts are recent if it fails next

    def after_fork(self) -> None:
        self._moving = threading.RLock()
        self._memory.after_fork()
        self._durable.after_fork()

    def drain(self, reason: str, *, deadline: float = math.inf) -> Sequence[Event]:
        """Move events from memory to the durable spool; drop those left at the deadline.

        This includes events that are being delivered, because nobody learns whether they arrive.
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
        self.counts()
        self._durable.close()

    def _take_what_was_left_behind(self) -> None:
        for event in self._durable.orphaned_events():
            self.put(event)

    def _is_memory_emptied(
        self, is_over: Callable[[], bool], *, beyond_limits: bool = False
    ) -> bool:
        """Move events to the durable spool; return whether it took all, or all it has room for.

        Args:
            is_over: Returns whether to stop and leave the others.
            beyond_limits: Whether to exceed the limits of the durable spool.
        """
        mover = f"{_ITSELF} {next(self._movers)}"
        while leased := self._memory.lease(mover, events=_BATCH, users=_BATCH, seconds=math.inf):
            for one in leased:
                is_full = not beyond_limits and self._durable.attempt(lambda one: one.is_full())
                if is_over() or is_full or not self._is_moved(mover, one):
                    self._memory.release(mover, [other.id for other in leased])
                    return is_full is True
            if not beyond_limits:
                # Without this, the log of a file that takes thousands would fill the disk again.
                self._durable.attempt(lambda durable: durable.maintain())
        return True

    @contextmanager
    def _nothing_moving(self) -> Generator[None]:
        """Wait until no event is half moved, and thus in both spools, and keep it so."""
        # With a time limit: the mover may wait for code in this thread that a signal interrupted.
        is_still = self._moving.acquire(timeout=_LONGEST_WAIT)
        try:
            yield
        finally:
            if is_still:
                self._moving.release()

    def _is_moved(self, mover: str, one: LeasedEvent) -> bool:
        with self._nothing_moving():
            if not self._memory.is_lent_to(mover, one.id):  # it has been drained meanwhile
                return False
            put = self._durable.attempt(lambda durable: durable.put(one.event))
            is_moved = put is not FAILED
            if is_moved:
                self._memory.take_back(mover, [one.id])
        return is_moved

    def _settle(self, ids: Iterable[Any], work: Callable[[Spool, list[Any]], None]) -> None:
        """Work on the spool that leased these events, even if it fails, because no page waits.

        The IDs from a file that was set aside mean nothing in the new file.
        """
        named, durable = list(ids), self._durable.spool
        in_memory = [id_ for place, id_ in named if place is self._memory]
        kept = [id_ for place, id_ in named if durable is not None and place is durable]
        if in_memory:
            work(self._memory, in_memory)
        if kept:
            self._durable.attempt(lambda spool: work(spool, kept))
