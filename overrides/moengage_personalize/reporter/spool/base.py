"""What a spool is.

A spool keeps events, leases them to one owner at a time, and accounts for every one of them:
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
"""The reason for which `dead_letter` drops."""
ERASED: Final = "erased"
"""The reason for which a person's events are dropped on request."""
TOO_LARGE: Final = "too large"
"""The reason for which an event is dropped that alone takes more than a spool keeps."""
TOO_OLD: Final = "too old"
"""The reason for which an event is dropped that is beyond `max_age`."""
UNREADABLE: Final = "unreadable"
"""The reason for a dead letter that cannot be read, or that no request can be made of."""


@attrs.frozen
class LeasedEvent:
    """An event that a spool leased, the name that the spool knows it by, and its bytes as text."""

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
        rows: Events that may be pending.
        bytes: Bytes that these may take, as JSON text.
        dead: Dead letters that may be kept; the oldest are dropped.
    """

    rows: int = 100_000
    bytes: int = 100_000_000
    dead: int = 10_000


@attrs.frozen
class SpoolCounts:
    """What became of every event that was accepted.

    Attributes:
        accepted: Events that the spool was given.
        delivered: Events that the API accepted.
        pending: Events that wait, the leased ones included.
        dead: Events that the API refused, kept for a person to look at.
        dropped: Events that were given up, by reason.
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
    """What was found in a spool.

    Attributes:
        pending: The pending events, oldest first.
        dead: The dead letters with the API's reason, oldest first.
        counts: What became of every event; `None` where that cannot be read.
        unreadable: Events that were found, and cannot be read.
        is_whole: Whether all of it could be read. Else there may have been more events.
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
    """The first of some rows (name, user, bytes) that fit into a request; one fits always."""
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

    An owner is one reporter of one process. What it leased is its own until the lease runs out;
    then anybody may lease it, as its owner may have died.
    """

    def bind(self, workspace: str) -> None:  # noqa: ARG002  (a process's memory has one reporter)
        """Keep the events of this workspace only, which is a digest; a reporter calls it first.

        A durable spool remembers it, and fails where it keeps the events of another.
        """
        return

    def put(self, event: Event) -> None:
        """Accept an event; when this returns, it is kept as safely as this spool can."""
        ...

    def refuse(self, event: Event, reason: str) -> None:
        """Accept an event only to drop it at once, so that it is accounted for."""
        ...

    def is_full(self) -> bool:
        """Whether one more event would be beyond the limits."""
        ...

    def drop_oldest(self, reason: str) -> Sequence[Event]:
        """Drop the oldest events that nobody has leased, until there is room for one more."""
        ...

    def lease(
        self, owner: str, *, events: int, users: int, seconds: float, size: int = sys.maxsize
    ) -> Sequence[LeasedEvent]:
        """Lease the oldest events that nobody has leased: what fits into a request.

        Args:
            owner: Who leases.
            events: At most so many.
            users: Of at most so many.
            seconds: For so long.
            size: Bytes that they may take, as JSON text; the first may be larger.
        """
        ...

    def renew(self, owner: str, ids: Iterable[Any], *, seconds: float) -> None:
        """Renew the lease of these events."""
        ...

    def deliver(self, owner: str, ids: Iterable[Any]) -> None:
        """Note that the API accepted these events. One that was leased to another since is left."""
        ...

    def dead_letter(self, owner: str, letter: LeasedEvent, reason: str) -> Sequence[Event] | None:
        """Set an event aside as a dead letter, with the API's reason.

        Gives the oldest dead letters, which were dropped where there are too many now; `None` where
        the event was not set aside, as it was leased to another since or the spool failed.
        """
        ...

    def release(self, owner: str, ids: Iterable[Any]) -> None:
        """Give these events back, to be leased again at once."""
        ...

    def drop(self, owner: str, ids: Iterable[Any], reason: str) -> None:
        """Drop these events. One that was leased to another since is left."""
        ...

    def dead_letters(self) -> Sequence[DeadLetter]:
        """The dead letters, oldest first."""
        ...

    def purge_dead(self, reason: str, *, before: float = math.inf) -> int:
        """Drop dead letters, and tell how many there were.

        Args:
            reason: Why.
            before: Only those of events before this, in seconds since 1970.
        """
        ...

    def counts(self) -> SpoolCounts:
        """What became of every event so far."""
        ...

    def maintain(self) -> None:
        """Do what is due now and then, and would be too slow for `put`."""
        return

    def after_fork(self) -> None:
        """Start again in a child process: share nothing with the parent but what lies on disk."""
        return

    def drain(self, reason: str, *, deadline: float = math.inf) -> Sequence[Event]:  # noqa: ARG002  (a durable spool drops nothing)
        """Drop what would not outlive the process, and give it; a durable spool drops nothing.

        What could be made durable, but not by the deadline (of `monotonic`), is dropped too.
        """
        return ()

    def close(self) -> None:
        """Give back files and connections."""
        return


class DurableSpool(Spool, Protocol):
    """A spool that outlives the process, and may fail."""

    def probe(self) -> None:
        """Raise where an event could not be kept, leased or settled now; changes nothing."""
        ...
