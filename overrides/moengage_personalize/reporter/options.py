"""The options of a reporter, checked once."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Final, Literal, get_args

import attrs

from moengage_personalize import validation
from moengage_personalize.errors import InvalidArgumentError, PersonalizeError
from moengage_personalize.models.events import Event

from .dedupe import Dedupe
from .spool import SpoolCounts

__all__ = ["Lost", "Options", "Stats", "WhenFull"]

WhenFull = Literal["drop_oldest", "drop_newest", "block"]
_SMALLEST_SHARE: Final = 0.001
_LONGEST_LEASE: Final = 3_600


@attrs.frozen
class Lost:
    """An event that will not be delivered.

    Attributes:
        event: The event.
        kind: `dropped`, or `dead`: the API refused it, and it is kept as a dead letter.
        reason: Why: for a dropped event `full`, `closed`, `too large`, `too old`,
            `before_report failed` or `dead letters full` (it was reported as `dead` before); for a
            dead letter, the API's reason or `unreadable`.
    """

    event: Event
    kind: Literal["dropped", "dead"]
    reason: str


@attrs.frozen
class Stats(SpoolCounts):
    """How many events were delivered, wait or were lost, and how delivery is going.

    The counts are those of the spool, over all processes that share it.

    Attributes:
        paused: Whether delivery is paused, because the API refuses all requests, for example for
            the credentials. Somebody has to act; `last_error` says what is wrong.
        last_error: The error of the last delivery; `None` after a success.
        skipped: The number of reports that this reporter cannot send: default content, and visitors
            without a customer ID and a session ID.
        suppressed: The number of impressions that `dedupe` left out in this process.
    """

    paused: bool = False
    last_error: PersonalizeError | None = None
    skipped: int = 0
    suppressed: int = 0


def _positive(_: object, attribute: attrs.Attribute[float], value: float) -> None:
    validation.seconds(attribute.name, value)


def _any_time(_: object, attribute: attrs.Attribute[float], value: float) -> None:
    validation.seconds(attribute.name, value, most=sys.float_info.max)


@attrs.frozen(kw_only=True)
class Options:
    """How a reporter delivers: the arguments of `EventReporter`, checked."""

    flush_users: int
    flush_interval: float = attrs.field(validator=_positive)
    request_timeout: float = attrs.field(validator=_positive)
    rate_share: float = attrs.field(validator=_positive)
    lease: float = attrs.field(validator=_positive)
    when_full: WhenFull
    block_timeout: float = attrs.field(validator=_positive)
    pause: float = attrs.field(validator=_positive)
    exit_timeout: float = attrs.field(validator=_positive)
    max_age: float | None = attrs.field(validator=attrs.validators.optional(_any_time))
    before_report: Callable[[Event], Event | None] | None
    dedupe: Dedupe | None
    on_lost: Callable[[Lost], None] | None

    def __attrs_post_init__(self) -> None:
        if type(self.flush_users) is not int or not 1 <= self.flush_users <= 100:  # noqa: PLR2004  (the API's limit)
            raise InvalidArgumentError("must be a whole number, 1 to 100", field="flush_users")
        if not _SMALLEST_SHARE <= self.rate_share <= 1:
            raise InvalidArgumentError(f"must be {_SMALLEST_SHARE} to 1", field="rate_share")
        if not self.request_timeout < self.lease <= _LONGEST_LEASE:
            raise InvalidArgumentError(
                f"must be longer than request_timeout, and at most {_LONGEST_LEASE} seconds",
                field="lease",
            )
        validation.choice("when_full", self.when_full, get_args(WhenFull))
        for name in ("before_report", "on_lost"):
            given: object = getattr(self, name)
            if given is not None and not callable(given):
                raise InvalidArgumentError(
                    f"must be a function of one argument, not {type(given).__name__}", field=name
                )
        if self.dedupe is not None and not isinstance(self.dedupe, Dedupe):
            raise InvalidArgumentError("must be a Dedupe", field="dedupe")
