"""A spool in memory: fast, bounded, and gone with the process."""

from __future__ import annotations

import itertools
import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import attrs

from moengage_personalize.events import Event

from .protocol import Account, DeadLetter, Limits, Spooled
from .text import to_text

__all__ = ["MemorySpool"]


@attrs.define
class _Row:
    text: bytes
    customer_id: str
    owner: str | None = None
    leased_until: float = 0.0

    @property
    def event(self) -> Event:
        return Event.from_dict(json.loads(self.text))


class MemorySpool:
    """Keeps events in memory, as JSON text, which takes a third of what objects would.

    Args:
        limits: How much it may hold.
        clock: Seconds that only go forward.
    """

    def __init__(
        self, limits: Limits | None = None, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._limits = limits or Limits()
        self._clock = clock
        self._begin()

    def _begin(self) -> None:
        self._lock = threading.RLock()
        self._ids = itertools.count()
        self._rows: dict[int, _Row] = {}
        self._bytes = 0
        self._dead: list[DeadLetter] = []
        self._accepted = 0
        self._delivered = 0
        self._dropped: Counter[str] = Counter()

    def put(self, event: Event) -> None:
        """Accept an event."""
        text = to_text(event).encode()
        with self._lock:
            self._rows[next(self._ids)] = _Row(text, event.customer_id)
            self._bytes += len(text)
            self._accepted += 1

    def refuse(self, event: Event, reason: str) -> None:  # noqa: ARG002  (the protocol's)
        """Accept an event only to drop it at once."""
        with self._lock:
            self._accepted += 1
            self._dropped[reason] += 1

    def is_full(self) -> bool:
        """Whether one more event would be beyond the limits."""
        return len(self._rows) >= self._limits.rows or self._bytes >= self._limits.bytes

    def drop_oldest(self, reason: str) -> Sequence[Event]:
        """Drop the oldest events that nobody is lent, until there is room for one more."""
        dropped: list[Event] = []
        with self._lock:
            free = (id_ for id_, row in self._rows.items() if not self._is_lent(row))
            while self.is_full():
                id_ = next(free, None)
                if id_ is None:
                    break
                dropped.append(self._remove(id_).event)
                self._dropped[reason] += 1
                free = (id_ for id_, row in self._rows.items() if not self._is_lent(row))
        return dropped

    def lease(self, owner: str, *, events: int, users: int, seconds: float) -> Sequence[Spooled]:
        """Lend the oldest events that nobody is lent."""
        lent: list[Spooled] = []
        seen: set[str] = set()
        with self._lock:
            for id_, row in self._rows.items():
                if self._is_lent(row):
                    continue
                seen.add(row.customer_id)
                if len(seen) > users or len(lent) == events:
                    break
                row.owner, row.leased_until = owner, self._clock() + seconds
                lent.append(Spooled(id_, row.event))
        return lent

    def renew(self, owner: str, ids: Iterable[Any], *, seconds: float) -> None:
        """Begin the lease of these events anew."""
        with self._lock:
            for id_ in self._owned(owner, ids):
                self._rows[id_].leased_until = self._clock() + seconds

    def deliver(self, owner: str, ids: Iterable[Any]) -> None:
        """Note that the API accepted these events."""
        with self._lock:
            for id_ in self._owned(owner, ids):
                self._remove(id_)
                self._delivered += 1

    def bury(self, owner: str, letter: Spooled, words: str) -> None:
        """Set an event aside as a dead letter."""
        with self._lock:
            for id_ in self._owned(owner, [letter.id]):
                self._remove(id_)
                self._dead.append(DeadLetter(id_, letter.event, words))

    def release(self, owner: str, ids: Iterable[Any]) -> None:
        """Give these events back."""
        with self._lock:
            for id_ in self._owned(owner, ids):
                self._rows[id_].owner = None

    def dead_letters(self) -> Sequence[DeadLetter]:
        """The dead letters, oldest first."""
        with self._lock:
            return list(self._dead)

    def account(self) -> Account:
        """What became of every event so far."""
        with self._lock:
            return Account(
                self._accepted,
                self._delivered,
                len(self._rows),
                len(self._dead),
                dict(+self._dropped),
            )

    def maintain(self) -> None:
        """Nothing is due."""

    def after_fork(self) -> None:
        """Begin empty: what the parent accepted is the parent's to deliver."""
        self._begin()

    def drain(self, reason: str) -> Sequence[Event]:
        """Drop everything, and give it."""
        with self._lock:
            dropped = [self._remove(id_).event for id_ in list(self._rows)]
            self._dropped[reason] += len(dropped)
        return dropped

    def take_back(self, owner: str, ids: Iterable[Any]) -> None:
        """Forget these events, as if they had never been accepted."""
        with self._lock:
            for id_ in self._owned(owner, ids):
                self._remove(id_)
                self._accepted -= 1

    def end_leases(self) -> None:
        """End every lease, whoever holds it."""
        with self._lock:
            for row in self._rows.values():
                row.owner = None

    def close(self) -> None:
        """Nothing is held."""

    def _remove(self, id_: int) -> _Row:
        row = self._rows.pop(id_)
        self._bytes -= len(row.text)
        return row

    def _is_lent(self, row: _Row) -> bool:
        return row.owner is not None and row.leased_until > self._clock()

    def _owned(self, owner: str, ids: Iterable[Any]) -> list[int]:
        once = dict.fromkeys(ids)
        return [id_ for id_ in once if id_ in self._rows and self._rows[id_].owner == owner]
