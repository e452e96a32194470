"""Decides whether an event always fails, or the server does. No I/O.

Callers pass in the time, in seconds.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from typing import Final
from uuid import UUID

import attrs

from .spool import LeasedEvent

__all__ = ["Plan", "Suspicion"]

_SUSPICIOUS: Final = 3
"""The number of failures in a row, of any kind, that makes the events suspects."""
_CONTRASTS: Final = 5
"""The number of deliveries in which only one event failed that proves it is the cause."""
_PATIENT: Final = 5
"""The number of failures in a row before the events behind a batch are tried too."""
_DEEPEST: Final = 10
_FINEST: Final = 10
_MOST_SUSPECTS: Final = 1_000
_MOST_ALONE: Final = 5
"""The most requests with suspects before new events: each may take its whole timeout."""
_FIRST_WAIT: Final = 1.0
_LONGEST_WAIT: Final = 60.0


@attrs.define
class _Suspect:
    contrasts: int = 0
    wait: float = _FIRST_WAIT
    not_before: float = 0.0


@attrs.frozen
class Plan:
    """Which of the leased events to send, and how.

    Attributes:
        parts: The events of each request; several may be joined.
        alone: Suspects that are due, to be sent last, one by one.
        aside: Suspects that are not due yet.
        is_search: Whether the parts are those of a failed batch, to find the event that causes it.
    """

    parts: Sequence[Sequence[LeasedEvent]]
    alone: Sequence[LeasedEvent] = ()
    aside: Sequence[LeasedEvent] = ()
    is_search: bool = False


@attrs.define
class Suspicion:
    """Remembers how deliveries failed, and which events failed alone.

    Attributes:
        shuffle: Puts the parts of a batch in a random order, so that a few are a fair sample.
    """

    shuffle: Callable[[list[Sequence[LeasedEvent]]], None] = random.shuffle
    _failures: int = attrs.field(default=0, init=False)
    _suspects: dict[UUID, _Suspect] = attrs.field(factory=dict[UUID, _Suspect], init=False)

    def plan(self, leased: Sequence[LeasedEvent], now: float) -> Plan:
        """Decide what to send: suspects last, and smaller parts after failures."""
        fresh = [one for one in leased if one.event.uuid not in self._suspects]
        known = [one for one in leased if one.event.uuid in self._suspects]
        due = [one for one in known if self.time_left(one, now) <= 0][:_MOST_ALONE]
        aside = [one for one in known if one not in due]
        is_search = self._failures >= _SUSPICIOUS
        parts = 2 << min(self._failures - _SUSPICIOUS, _FINEST) if is_search else 1
        size = max(1, len(fresh) // parts)
        split: list[Sequence[LeasedEvent]] = [
            fresh[start : start + size] for start in range(0, len(fresh), size)
        ]
        self.shuffle(split)
        return Plan(split, due, aside, is_search)

    @property
    def depth(self) -> int:
        """Return how many batches behind a failing one to try; 0 for none yet."""
        return min(max(0, self._failures - _PATIENT), _DEEPEST)

    def failed(self) -> None:
        """Note a delivery in which no event arrived."""
        self._failures += 1
        for suspect in self._suspects.values():
            suspect.contrasts = 0

    def succeeded(self, delivered: Iterable[LeasedEvent]) -> None:
        """Note that these events arrived."""
        self._failures = 0
        for one in delivered:
            self.acquit(one)

    def accuse(self, suspect: LeasedEvent, now: float, *, is_contrast: bool | None) -> float | None:
        """Note that an event failed alone, and return how many seconds to set it aside.

        `None` if the event is the cause.

        Args:
            suspect: The event.
            now: The time.
            is_contrast: Whether other events arrived and none of them failed; `None` if no others
                were sent.
        """
        if len(self._suspects) == _MOST_SUSPECTS:  # some were dropped, or another process had them
            del self._suspects[next(iter(self._suspects))]
        record = self._suspects.setdefault(suspect.event.uuid, _Suspect())
        if is_contrast is not None:
            record.contrasts = record.contrasts + 1 if is_contrast else 0
        if record.contrasts >= _CONTRASTS:
            self.acquit(suspect)
            return None
        wait = min(record.wait, _LONGEST_WAIT)
        record.wait = 2 * wait
        record.not_before = now + wait
        return wait

    def time_left(self, suspect: LeasedEvent, now: float) -> float:
        """Return the seconds until a suspect is due."""
        return self._suspects[suspect.event.uuid].not_before - now

    def acquit(self, suspect: LeasedEvent) -> None:
        """Forget an event that is settled."""
        self._suspects.pop(suspect.event.uuid, None)
