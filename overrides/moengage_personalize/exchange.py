"""One call as a flow of attempts and pauses: decisions only, no I/O here.

The flow is a generator that two drivers run, one blocking and one not: it yields what to do next
and is sent what came of it.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Final

import attrs
import httpx

from .answers import connection_error, status_error
from .deadline import Deadline
from .errors import PersonalizeError, RequestTimeoutError
from .messages import Answer
from .retries import RetryPolicy

__all__ = ["Attempt", "Flow", "Outcome", "Pause", "exchange"]

_SPENT: Final = 0.005
"""Seconds; with less left, a time limit was the budget's, and not that of a caller's transport."""


@attrs.frozen
class Attempt:
    """Send the request; the exchange may take so many seconds."""

    seconds: float


@attrs.frozen
class Pause:
    """Wait so many seconds."""

    seconds: float


Outcome = Answer | httpx.RequestError | None
"""What came of a step: an answer, a failure, or (after a pause) nothing."""

Flow = Generator[Attempt | Pause, Outcome, Answer]


def exchange(policy: RetryPolicy, deadline: Deadline) -> Flow:
    """Attempts and pauses until there is an answer, an error worth no retry, or no time left.

    Raises:
        PersonalizeError: What the last attempt ended with.
    """
    attempt = 0
    failure: PersonalizeError | None = None
    while deadline.remaining > 0:
        attempt += 1
        outcome = yield Attempt(deadline.remaining)
        failure = _failure(outcome, deadline)
        if failure is None:
            assert isinstance(outcome, Answer)  # noqa: S101  (for the type checkers)
            return outcome
        failure.attempts = attempt
        pause = policy.pause(failure, attempt=attempt, remaining=deadline.remaining)
        if pause is None:
            raise failure
        yield Pause(pause)
    raise failure or _out_of_time(deadline, attempts=attempt)


def _out_of_time(deadline: Deadline, *, attempts: int) -> RequestTimeoutError:
    """The error for a spent deadline."""
    error = RequestTimeoutError(f"no answer from the API within {deadline.total:g} seconds")
    error.attempts = attempts
    return error


def _failure(outcome: Outcome, deadline: Deadline) -> PersonalizeError | None:
    if isinstance(outcome, Answer):
        return status_error(outcome)
    assert outcome is not None  # noqa: S101  (an attempt always comes to something)
    if isinstance(outcome, httpx.TimeoutException) and deadline.remaining < _SPENT:
        return _out_of_time(deadline, attempts=0)
    return connection_error(outcome)
