"""What to send, and what becomes of each event: decisions only, no I/O here.

A delivery is a generator: it yields what to do next, and is sent what came of it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Sequence
from enum import Enum
from http import HTTPStatus
from typing import Final, TypeGuard

import attrs

from moengage_personalize.errors import (
    ApiError,
    AuthenticationError,
    BadRequestError,
    PersonalizeError,
    UnexpectedStatusError,
)
from moengage_personalize.transport.retry_policy import is_passing

from .spool import Spooled

__all__ = [
    "Bury",
    "Delivered",
    "Delivery",
    "Probe",
    "Result",
    "Send",
    "UnsendableError",
    "Verdict",
    "delivery",
]

_BURIALS_IN_A_ROW: Final = 5
"""More events than these, refused one after the other, are no coincidence."""


class UnsendableError(PersonalizeError):
    """No request can be made of these events, or of one of them."""


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
    """The API refuses this event, whoever asks, or no request can be made of it."""

    letter: Spooled
    error: PersonalizeError


class Verdict(Enum):
    """How a delivery ended."""

    DONE = "done"
    """Every event was delivered or buried."""
    LATER = "later"
    """The network or the server failed: try again after a while."""
    PAUSED = "paused"
    """The API refuses the credentials, or everything: a person has to act."""


@attrs.frozen
class Result:
    """How a delivery ended, what is left of it, and the error that ended it."""

    verdict: Verdict
    left: Sequence[Spooled] = ()
    error: PersonalizeError | None = None


Delivery = Generator[Send | Probe | Delivered | Bury, PersonalizeError | None, Result]


def delivery(lent: Sequence[Spooled]) -> Delivery:
    """Deliver what was lent: in one request, or in halves around what the API refuses.

    Both halves are tried before their quarters, so that whatever is good arrives early. A 400 may
    mean an event, the credentials (an unknown `MOE-APPKEY`), or a fault of the API. So an event is
    buried only once something else succeeded: another half, or a question about the metadata; and
    where nothing but burials comes of it, a person has to look.
    """
    is_anything_delivered = credentials_are_good = False
    burials = 0
    waiting = deque([lent])
    while waiting:
        batch = waiting.popleft()
        error = yield Send(batch)
        if error is None:
            is_anything_delivered = credentials_are_good = True
            yield Delivered(batch)
            continue
        if (_is_refusal(error) or isinstance(error, UnsendableError)) and len(batch) > 1:
            middle = len(batch) // 2
            waiting += [batch[:middle], batch[middle:]]
            continue
        if isinstance(error, UnsendableError):
            yield Bury(batch[0], error)
            continue
        if _is_refusal(error):
            refusal = None if credentials_are_good else (yield Probe())
            if refusal is None and (is_anything_delivered or burials < _BURIALS_IN_A_ROW):
                credentials_are_good = True
                burials += 1
                yield Bury(batch[0], error)
                continue
            error = refusal or error
        left = [one for part in (batch, *waiting) for one in part]
        return Result(Verdict.PAUSED if _needs_a_person(error) else Verdict.LATER, left, error)
    return Result(Verdict.DONE)


def _is_refusal(error: PersonalizeError) -> TypeGuard[ApiError]:
    """Whether the API may mean an event: a bad value in it, or its size."""
    return isinstance(error, ApiError) and error.status in {
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    }


def _needs_a_person(error: PersonalizeError) -> bool:
    refusals = AuthenticationError | BadRequestError | UnexpectedStatusError
    return isinstance(error, refusals) and not is_passing(error)
