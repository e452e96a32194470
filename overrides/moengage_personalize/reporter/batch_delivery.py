"""What to send, and what becomes of each event: decisions only, no I/O here."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
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

from .spool import LeasedEvent

__all__ = ["Result", "StoppedError", "UnsendableError", "Verdict", "deliver_batch"]

_DEAD_LETTERS_IN_A_ROW: Final = 5
"""More events than these, refused one after the other, are no coincidence."""


class UnsendableError(PersonalizeError):
    """No request can be made of these events, or of one of them."""


class StoppedError(PersonalizeError):
    """Nothing was sent, as the reporter ends."""


class Verdict(Enum):
    """How a delivery ended."""

    DONE = "done"
    """Every event was delivered or a dead letter."""
    RETRY = "retry"
    """The network or the server failed: try again after a while."""
    PAUSED = "paused"
    """The API refuses the credentials, or everything: a person has to act."""


@attrs.frozen
class Result:
    """How a delivery ended, what is left of it, and the error that ended it."""

    verdict: Verdict
    left: Sequence[LeasedEvent] = ()
    error: PersonalizeError | None = None


def deliver_batch(
    leased: Sequence[LeasedEvent],
    *,
    send: Callable[[Sequence[LeasedEvent]], PersonalizeError | None],
    probe: Callable[[], PersonalizeError | None],
    delivered: Callable[[Sequence[LeasedEvent]], None],
    dead_letter: Callable[[LeasedEvent, PersonalizeError], None],
) -> Result:
    """Deliver what was leased: in one request, or in halves around what the API refuses.

    Both halves are tried before their quarters, so that whatever is good arrives early. A 400 may
    mean an event, the credentials (an unknown `MOE-APPKEY`), or a fault of the API. So an event is
    a dead letter only once something else succeeded: another half, or a question about the
    metadata. Where nothing but dead letters comes of it, a person has to look.

    Args:
        leased: The events.
        send: Reports events in one request; returns the error.
        probe: Asks for the metadata, to learn whether the credentials are good; returns the error.
        delivered: Notes events that the API accepted.
        dead_letter: Sets an event aside that the API refuses or that no request can hold.
    """
    is_anything_delivered = credentials_are_good = False
    dead_letters = 0
    waiting = deque([leased])
    while waiting:
        batch = waiting.popleft()
        error = send(batch)
        if error is None:
            is_anything_delivered = credentials_are_good = True
            delivered(batch)
            continue
        if (_is_refusal(error) or isinstance(error, UnsendableError)) and len(batch) > 1:
            middle = len(batch) // 2
            waiting += [batch[:middle], batch[middle:]]
            continue
        if isinstance(error, UnsendableError):
            dead_letter(batch[0], error)
            continue
        if _is_refusal(error):
            refusal = None if credentials_are_good else probe()
            if refusal is None and (is_anything_delivered or dead_letters < _DEAD_LETTERS_IN_A_ROW):
                credentials_are_good = True
                dead_letters += 1
                dead_letter(batch[0], error)
                continue
            error = refusal or error
        left = [one for part in (batch, *waiting) for one in part]
        return Result(Verdict.PAUSED if _needs_a_person(error) else Verdict.RETRY, left, error)
    return Result(Verdict.DONE)


def _is_refusal(error: PersonalizeError) -> TypeGuard[ApiError]:
    """Whether the API may mean an event: a bad value in it, or its size."""
    return isinstance(error, ApiError) and error.status in {
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    }


def _needs_a_person(error: PersonalizeError) -> bool:
    return isinstance(error, AuthenticationError | BadRequestError | UnexpectedStatusError)
