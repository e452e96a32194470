"""What to send, and what becomes of each event: decisions only, no I/O here.

A delivery is a generator: it yields what to do next, and is sent what came of it.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from enum import Enum

import attrs

from moengage_personalize.errors import (
    AuthenticationError,
    BadRequestError,
    PersonalizeError,
)
from moengage_personalize.spool import Spooled

__all__ = ["Bury", "Delivered", "Delivery", "Probe", "Result", "Send", "Verdict", "delivery"]


@attrs.frozen
class Send:
    """Report these events in one request; send back the error, or `None`."""

    batch: Sequence[Spooled]


@attrs.frozen
class Probe:
    """Ask for the metadata, to learn whether the credentials are good; send back the error."""


@attrs.frozen
class Delivered:
    """The API accepted these events."""

    batch: Sequence[Spooled]


@attrs.frozen
class Bury:
    """The API refuses this event, whoever asks."""

    letter: Spooled
    error: BadRequestError


class Verdict(Enum):
    """How a delivery ended."""

    DONE = "done"
    """Every event was delivered or buried."""
    LATER = "later"
    """The network or the server failed: try again after a while."""
    PAUSED = "paused"
    """The API refuses the credentials: a person has to act."""


@attrs.frozen
class Result:
    """How a delivery ended, what is left of it, and the error that ended it."""

    verdict: Verdict
    left: Sequence[Spooled] = ()
    error: PersonalizeError | None = None


Delivery = Generator[Send | Probe | Delivered | Bury, PersonalizeError | None, Result]


def delivery(lent: Sequence[Spooled]) -> Delivery:
    """Deliver what was lent: in one request, or in halves around what the API refuses.

    A 400 may mean an event or the credentials (an unknown `MOE-APPKEY`). So an event is buried only
    once something else succeeded: another half, or a question about the metadata.
    """
    credentials_are_good = False
    waiting: list[Sequence[Spooled]] = [lent]
    while waiting:
        batch = waiting.pop()
        error = yield Send(batch)
        if error is None:
            credentials_are_good = True
            yield Delivered(batch)
            continue
        if isinstance(error, BadRequestError) and len(batch) > 1:
            middle = len(batch) // 2
            waiting += [batch[middle:], batch[:middle]]
            continue
        if isinstance(error, BadRequestError):
            refusal = None if credentials_are_good else (yield Probe())
            if refusal is None:
                credentials_are_good = True
                yield Bury(batch[0], error)
                continue
            error = refusal
        left = [one for part in (batch, *reversed(waiting)) for one in part]
        is_refused = isinstance(error, AuthenticationError | BadRequestError)
        return Result(Verdict.PAUSED if is_refused else Verdict.LATER, left, error)
    return Result(Verdict.DONE)
