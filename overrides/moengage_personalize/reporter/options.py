"""What a reporter can be told, checked once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal

import attrs

from moengage_personalize import validation
from moengage_personalize.errors import InvalidArgumentError, PersonalizeError
from moengage_personalize.models.events import Event

from .spool import SpoolCounts

__all__ = ["Lost", "Options", "Stats", "WhenFull"]

WhenFull = Literal["drop_oldest", "drop_newest", "block"]
_WHEN_FULL: Final = ("drop_oldest", "drop_newest", "block")
_SMALLEST_SHARE: Final = 0.001
_LONGEST_LEASE: Final = 3_600


@attrs.frozen
class Lost:
    """An event that will not be delivered.

    Attributes:
        event: What was to be reported.
        kind: `dropped`, or `dead`: refused by the API and kept as a dead letter.
        reason: Why: `full`, `closed`, `dead letters full` (it had been told as `dead` before), or
            the API's reason.
    """

    event: Event
    kind: Literal["dropped", "dead"]
    reason: str


@attrs.frozen
class Stats:
    """What became of every event, and what the delivery is doing.

    Attributes:
        counts: The spool's counts; over all processes where these share a spool.
        paused: Whether the API refuses the credentials, so that a person has to act.
        last_error: What the last delivery ended with; `None` after a success.
        skipped: What this reporter was told of and cannot report: default content, and visitors
            with neither a customer nor a session ID.
    """

    counts: SpoolCounts
    paused: bool = False
    last_error: PersonalizeError | None = None
    skipped: int = 0

    @property
    def accepted(self) -> int:
        """Events that were accepted."""
        return self.counts.accepted

    @property
    def delivered(self) -> int:
        """Events that the API accepted."""
        return self.counts.delivered

    @property
    def pending(self) -> int:
        """Events that wait."""
        return self.counts.pending

    @property
    def dead(self) -> int:
        """Events that the API refused."""
        return self.counts.dead

    @property
    def dropped(self) -> dict[str, int]:
        """Events that were given up, by reason."""
        return dict(self.counts.dropped)


def _positive(_: object, attribute: attrs.Attribute[float], value: float) -> None:
    validation.seconds(attribute.name, value)


@attrs.frozen(kw_only=True)
class Options:
    """How a reporter delivers.

    Attributes:
        flush_users: Deliver once so many users wait, 1 to 100: a full request.
        flush_interval: The longest time in seconds before events are delivered.
        request_timeout: Seconds that one request may take.
        rate_share: The share of the workspace's 10,000 requests a minute to stay within.
        lease: Seconds after which what a process leased may be taken over by another.
        when_full: What to do with one event too many.
        block_timeout: With `when_full="block"`: seconds to wait for room, before the event is
            dropped.
        pause: Seconds between attempts while the credentials are refused.
        exit_timeout: Seconds for the last delivery at the interpreter's exit.
        on_lost: Called with each event that is dropped or dead.
    """

    flush_users: int = 100
    flush_interval: float = attrs.field(default=5.0, validator=_positive)
    request_timeout: float = attrs.field(default=10.0, validator=_positive)
    rate_share: float = 0.5
    lease: float = attrs.field(default=30.0, validator=_positive)
    when_full: WhenFull = "drop_oldest"
    block_timeout: float = attrs.field(default=0.1, validator=_positive)
    pause: float = attrs.field(default=60.0, validator=_positive)
    exit_timeout: float = attrs.field(default=2.0, validator=_positive)
    on_lost: Callable[[Lost], None] | None = None

    def __attrs_post_init__(self) -> None:
        if not isinstance(self.flush_users, int) or not 1 <= self.flush_users <= 100:  # noqa: PLR2004  (the API's limit)
            raise InvalidArgumentError("must be 1 to 100", field="flush_users")
        if not _SMALLEST_SHARE <= self.rate_share <= 1:
            raise InvalidArgumentError(f"must be {_SMALLEST_SHARE} to 1", field="rate_share")
        if not self.request_timeout < self.lease <= _LONGEST_LEASE:
            raise InvalidArgumentError(
                f"must be longer than request_timeout, and at most {_LONGEST_LEASE} seconds",
                field="lease",
            )
        validation.choice("when_full", self.when_full, _WHEN_FULL)
