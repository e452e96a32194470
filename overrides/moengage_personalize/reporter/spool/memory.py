"""A spool in memory: fast, limited in size, and lost with the process."""

from __future__ import annotations

import heapq
import itertools
import json
import math
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, overload

from moengage_personalize.clock import monotonic
from moengage_personalize.models.events import Event

from .base import (
    DEAD_LETTERS_FULL,
    DeadLetter,
    LeasedEvent,
    Limits,
    Spool,
    SpoolCounts,
    first_within,
)
from .event_codec import to_text

__all__ = ["MemorySpool"]


# Plain tuples, because the garbage collector soon ignores them. With a hundred thousand objects,
# each full collection would delay a page by milliseconds.
_Row = tuple[bytes, str]
_Lease = tuple[str, float]


class MemorySpool(Spool):
    """Keeps events in memory as JSON text, which takes a third of the memory of objects.

    Args:
        limits: How much it may hold.
        clock: A monotonic clock, in seconds.
    """

    def __init__(
        self, limits: Limits | None = None, *, clock: Callable[[], float] = monotonic
    ) -> None:
        self._limits = limits or Limits()
        self._clock = clock
        self._begin()

    def _begin(self) -> None:
        self._lock = threading.RLock()
        self._ids = itertools.count()
        self._rows: dict[int, _Row] = {}
        # A heap finds the oldest at once, however many were leased, dropped or given back. It may
        # still have events that are gone or leased by now.
        self._free: list[int] = []
        self._leases: dict[int, _Lease] = {}
        self._soonest = math.inf
        self._bytes = 0
        self._dead: list[DeadLetter] = []
        self._accepted = 0
        self._delivered = 0
        self._dropped: Counter[str] = Counter()

    def put(self, event: Event) -> None:
        text = to_text(event).encode()
        with self._lock:
            id_ = next(self._ids)
            self._rows[id_] = (text, event.customer_id)
            self._free.append(id_)  # the largest, so the heap stays a heap
            self._bytes += len(text)
            self._accepted += 1

    def refuse(self, event: Event, reason: str) -> None:  # noqa: ARG002  (the protocol's)
        with self._lock:
            self._accepted += 1
            self._dropped[reason] += 1

    def is_full(self) -> bool:
        return len(self._rows) >= self._limits.rows or self._bytes >= self._limits.bytes

    def drop_oldest(self, reason: str) -> Sequence[Event]:
        dropped: list[_Row] = []
        with self._lock:
            oldest = self._taken_from_free()
            while self.is_full():
                id_ = next(oldest, None)
                if id_ is None:
                    break
                dropped.append(self._remove(id_))
            self._dropped[reason] += len(dropped)
        return _Events(dropped)

    def lease(
        self, owner: str, *, events: int, users: int, seconds: float, size: int = sys.maxsize
    ) -> Sequence[LeasedEvent]:
        with self._lock:
            taken: list[int] = []

            def free() -> Iterator[tuple[int, str, int]]:
                for id_ in self._taken_from_free():
                    taken.append(id_)
                    text, customer_id = self._rows[id_]
                    yield id_, customer_id, len(text)

            leased = first_within(free(), events=events, users=users, size=size)
            for id_ in taken[len(leased) :]:
                heapq.heappush(self._free, id_)
            self._lend(owner, leased, seconds)
            rows = [(id_, self._rows[id_]) for id_ in leased]
        return [LeasedEvent(id_, _event(row), len(row[0])) for id_, row in rows]

    def renew(self, owner: str, ids: Iterable[Any], *, seconds: float) -> None:
        with self._lock:
            self._lend(owner, self._owned(owner, ids), seconds)

    def deliver(self, owner: str, ids: Iterable[Any]) -> None:
        with self._lock:
            for id_ in self._owned(owner, ids):
                self._remove(id_)
                self._delivered += 1

    def dead_letter(self, owner: str, letter: LeasedEvent, reason: str) -> Sequence[Event] | None:
        with self._lock:
            if not self.is_lent_to(owner, letter.id):
                return None
            self._remove(letter.id)
            self._dead.append(DeadLetter(letter.id, letter.event, reason))
            too_many = max(0, len(self._dead) - self._limits.dead)
            dropped = [letter.event for letter in self._dead[:too_many]]
            del self._dead[:too_many]
            self._dropped[DEAD_LETTERS_FULL] += too_many
        return dropped

    def release(self, owner: str, ids: Iterable[Any]) -> None:
        with self._lock:
            for id_ in self._owned(owner, ids):
                del self._leases[id_]
                heapq.heappush(self._free, id_)

    def drop(self, owner: str, ids: Iterable[Any], reason: str) -> None:
        with self._lock:
            for id_ in self._owned(owner, ids):
                self._remove(id_)
                self._dropped[reason] += 1

    def purge_dead(self, reason: str, *, before: float = math.inf) -> int:
        with self._lock:
            kept = [letter for letter in self._dead if letter.event.event_time >= before]
            purged = len(self._dead) - len(kept)
            self._dead = kept
            self._dropped[reason] += purged
        return purged

    def dead_letters(self) -> Sequence[DeadLetter]:
        with self._lock:
            return list(self._dead)

    def counts(self) -> SpoolCounts:
        with self._lock:
            return SpoolCounts(
                self._accepted,
                self._delivered,
                len(self._rows),
                len(self._dead),
                dict(+self._dropped),
            )

    def after_fork(self) -> None:
        """Start empty, because the parent delivers the events that it accepted."""
        self._begin()

    def drain(self, reason: str, *, deadline: float = math.inf) -> Sequence[Event]:  # noqa: ARG002  (the protocol's)
        with self._lock:
            dropped = [self._remove(id_) for id_ in list(self._rows)]
            self._free.clear()
            self._dropped[reason] += len(dropped)
        return _Events(dropped)

    def is_lent_to(self, owner: str, id_: int) -> bool:
        """Return whether this owner still has this event leased."""
        with self._lock:
            return bool(self._owned(owner, [id_]))

    def take_back(self, owner: str, ids: Iterable[Any]) -> None:
        """Forget these events, as if they had never been accepted."""
        with self._lock:
            for id_ in self._owned(owner, ids):
                self._remove(id_)
                self._accepted -= 1

    def end_leases(self) -> None:
        """End every lease of every owner."""
        with self._lock:
            self._soonest = 0.0
            self._leases = {id_: (owner, 0.0) for id_, (owner, _) in self._leases.items()}

    def _remove(self, id_: int) -> _Row:
        row = self._rows.pop(id_)
        self._leases.pop(id_, None)
        text, _ = row
        self._bytes -= len(text)
        return row

    def _lend(self, owner: str, ids: Iterable[int], seconds: float) -> None:
        until = self._clock() + seconds
        self._soonest = min(self._soonest, until)
        self._leases.update((id_, (owner, until)) for id_ in ids)

    def _taken_from_free(self) -> Iterator[int]:
        """Take the events that are not leased from the heap, oldest first."""
        now = self._clock()
        if now >= self._soonest:
            ended = [id_ for id_, (_, until) in self._leases.items() if until <= now]
            for id_ in ended:
                heapq.heappush(self._free, id_)
            later = (until for _, until in self._leases.values() if until > now)
            self._soonest = min(later, default=math.inf)
        last = -1
        while self._free:
            id_ = heapq.heappop(self._free)
            # An event that was given back before its lease ended is there twice in a row.
            if id_ != last and id_ in self._rows and not self._is_lent(id_):
                yield id_
            last = id_

    def _is_lent(self, id_: int) -> bool:
        lease = self._leases.get(id_)
        return lease is not None and lease[1] > self._clock()

    def _owned(self, owner: str, ids: Iterable[Any]) -> list[int]:
        leases = ((id_, self._leases.get(id_)) for id_ in dict.fromkeys(ids))
        return [id_ for id_, lease in leases if lease is not None and lease[0] == owner]


class _Events(Sequence[Event]):
    """Rows that become events when they are read: converting 100,000 would take a second."""

    def __init__(self, rows: Sequence[_Row]) -> None:
        self._rows = rows

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, index: int) -> Event: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Event]: ...

    def __getitem__(self, index: int | slice) -> Event | Sequence[Event]:
        if isinstance(index, slice):
            return _Events(self._rows[index])
        return _event(self._rows[index])


def _event(row: _Row) -> Event:
    text, _ = row
    return Event.from_dict(json.loads(text))
