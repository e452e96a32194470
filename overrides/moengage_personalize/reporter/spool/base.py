"""The protocol of a spool.

A spool keeps events, leases them to one owner at a time, and counts every one of them:
accepted = delivered + pending + dead + dropped, at every moment.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Protocol, TypeVar

import attrs

from moengage_personalize.models.events import Event

__all__ = [
    "DEAD_LETTERS_FULL",
    "ERASED",
    "TOO_LARGE",
    "TOO_OLD",
    "UNREADABLE",
    "Contents",
    "DeadLetter",
    "DurableSpool",
    "LeasedEvent",
    "Limits",
    "Spool",
    "SpoolCounts",
    "first_within",
]

T = TypeVar("T")

DEAD_LETTERS_FULL: Final = "dead letters full"
"""The reason if `dead_letter` drops the oldest dead letters."""
ERASED: Final = "erased"
"""The reason if a customer's events are dropped on request."""
TOO_LARGE: Final = "too large"
"""The reason if a single event is larger than a spool keeps."""
TOO_OLD: Final = "too old"
"""The reason if an event is older than `max_age`."""
UNREADABLE: Final = "unreadable"
"""The reason for a dead letter that cannot be read or sent."""


@attrs.frozen
class LeasedEvent:
    """An event that a spool leased, its ID in the spool, and its size as text, in bytes."""

    id: Any
    event: Event
    size: int = 0


@attrs.frozen
class DeadLetter:
    """An event that the API refused, with the API's reason."""

    id: Any
    event: Event
    reason: str


@attrs.frozen
class Limits:
    """How much a spool may hold.

    Attributes:
        rows: The largest number of pending events.
        bytes: The largest size of the pending events, in bytes of JSON text.
        dead: The largest number of dead letters; the oldest are dropped.
    """

    rows: int = 100_000
    bytes: int = 100_000_000
    dead: int = 10_000


@attrs.frozen
class SpoolCounts:
    """How many accepted events were delivered, wait, are dead or were dropped.

    Attributes:
        accepted: The events that the spool was given.
        delivered: The events that the API accepted.
        pending: The events that wait, including leased ones.
        dead: The dead letters: events that the API refused, kept until you retry or purge them.
        dropped: The events that were dropped, by reason.
    """

    accepted: int = 0
    delivered: int = 0
    pending: int = 0
    dead: int = 0
    dropped: Mapping[str, int] = attrs.field(factory=dict[str, int])

    @property
    def is_balanced(self) -> bool:
        """Whether every accepted event is accounted for."""
        settled = self.delivered + self.pending + self.dead + sum(self.dropped.values())
        return self.accepted == settled

    def __add__(self, other: SpoolCounts) -> SpoolCounts:
        reasons = sorted({*self.dropped, *other.dropped})
        return SpoolCounts(
            self.accepted + other.accepted,
            self.delivered + other.delivered,
            self.pending + other.pending,
            self.dead + other.dead,
            {name: self.dropped.get(name, 0) + other.dropped.get(name, 0) for name in reasons},
        )


@attrs.frozen
class Contents:
    """The contents of a spool.

    Attributes:
        pending: The pending events, oldest first.
        dead: The dead letters with the API's reason, oldest first.
        counts: What became of every event; `None` if that cannot be read.
        unreadable: The number of events that cannot be read.
        is_whole: Whether all of it could be read. If not, there may have been more events.
    """

    pending: Sequence[Event]
    dead: Sequence[tuple[Event, str]]
    counts: SpoolCounts | None
    unreadable: int
    is_whole: bool

    @property
    def is_damaged(self) -> bool:
        """Whether anything is missing."""
        return self.unreadable > 0 or not self.is_whole or self.counts is None


def first_within(
    rows: Iterable[tuple[T, str, int]], *, events: int, users: int, size: int
) -> list[T]:
    """Return the first rows (ID, user, bytes) that fit into a request; the first always does."""
    taken: list[T] = []
    seen: set[str] = set()
    for name, user, own in rows:
        seen.add(user)
        size -= own
        if len(seen) > users or len(taken) == events or (taken and size < 0):
            break
        taken.append(name)
    return taken


class Spool(Protocol):
    """Keeps events until they are delivered. Threads may share one.

    An owner is one reporter of one process. It owns an event until the lease ends. Then any owner
    may lease the event, because its first owner may have died.
    """

    def bind(self, workspace: str) -> None:  # noqa: ARG002  (a process's memory has one reporter)
        """Keep the events of this workspace only, given as a digest; a reporter calls it first.

        A durable spool remembers it, and fails if it already has the events of another workspace.
        """
        return

    def put(self, event: Event) -> None:
        """Accept an event; when this returns, the event is as safe as this spool can make it."""
        ...

    def refuse(self, event: Event, reason: str) -> None:
        """Accept an event and drop it at once, so that it is counted."""
        ...

    def is_full(self) -> bool:
        """Return whether one more event would exceed the limits."""
        ...

    def drop_oldest(self, reason: str) -> Sequence[Event]:
        """Drop the oldest events that are not leased, until there is room for one more."""
        ...

    def lease(
        self, owner: str, *, events: int, users: int, seconds: float, size: int = sys.maxsize
    ) -> Sequence[LeasedEvent]:
        """Lease the oldest events that are not leased, as many as fit into a request.

        Args:
            owner: The owner of the lease.
            events: The largest number of events.
            users: The largest number of users that they may be about.
            seconds: The duration of the lease, in seconds.
            size: Their largest size, in bytes of JSON text; the first event may be larger.
        """
        ...

    def renew(self, owner: str, ids: Iterable[Any], *, seconds: float) -> None:
        """Renew the lease of these events."""
        ...

    def deliver(self, owner: str, ids: Iterable[Any]) -> None:
        """Note that the API accepted these events; leave those that another owner leased since."""
        ...

    def dead_letter(self, owner: str, letter: LeasedEvent, reason: str) -> Sequence[Event] | None:
        """Set an event aside as a dead letter, with the API's reason.

        Returns the oldest dead letters that were dropped because there were too many. Returns
        `None` if the event was not set aside: another owner leased it since, or the spool failed.
        """
        ...

    def release(self, owner: str, ids: Iterable[Any]) -> None:
        """Give these events back, so that they can be leased again at once."""
        ...

    def drop(self, owner: str, ids: Iterable[Any], reason: str) -> None:
        """Drop these events; leave those that another owner leased since."""
        ...

    def dead_letters(self) -> Sequence[DeadLetter]:
        """Return the dead letters, oldest first."""
        ...

    def purge_dead(self, reason: str, *, before: float = math.inf) -> int:
        """Drop dead letters, and return how many there were.

        Args:
            reason: Why.
            before: Drop only events before this time, in seconds since 1970.
        """
        ...

    def counts(self) -> SpoolCounts:
        """Return what became of every event so far."""
        ...

    def maintain(self) -> None:
        """Do the work that is due from time to time, and too slow for `put`."""
        return

    def after_fork(self) -> None:
        """Start again in a child process; share only files with the parent."""
        return

    def drain(self, reason: str, *, deadline: float = math.inf) -> Sequence[Event]:  # noqa: ARG002  (a durable spool drops nothing)
        """Drop and return the events that would be lost with the process; a durable spool has none.

        It also drops events that it cannot write to disk before the deadline, a `monotonic` time.
        """
        return ()

    def close(self) -> None:
        """Close files and connections."""
        return


class DurableSpool(Spool, Protocol):
    """A spool that outlives the process, and may fail."""

    def probe(self) -> None:
        """Raise if an event could not be kept, leased or settled now; change nothing."""
        ...
