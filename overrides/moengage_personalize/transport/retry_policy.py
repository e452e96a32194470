"""When to try again and how long to wait: decisions only, no I/O here."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

import attrs

from moengage_personalize.errors import (
    ApiError,
    ConnectionFailedError,
    PersonalizeError,
    RateLimitedError,
    ServerError,
)

__all__ = ["RetryPolicy", "retry_after_seconds"]

_RETRIED_SERVER_ERRORS: Final = frozenset({500, 502, 503, 504})


@attrs.frozen
class RetryPolicy:
    """Exponential backoff with full jitter, within the deadline.

    Attributes:
        retries: At most so many attempts after the first.
        base: The longest first pause, in seconds; it doubles with every attempt.
        cap: No pause of its own choosing is longer, in seconds.
        jitter: Gives a number from 0 to 1.
    """

    retries: int = 3
    base: float = 0.1
    cap: float = 5.0
    jitter: Callable[[], float] = random.random

    def pause(self, error: PersonalizeError, *, attempt: int, remaining: float) -> float | None:
        """How long to wait before the next attempt, or `None` to give up.

        Args:
            error: What the last attempt ended with.
            attempt: Its number, from 1.
            remaining: Seconds left until the deadline.
        """
        if attempt > self.retries or not _worth_retrying(error):
            return None
        pause = self.jitter() * min(self.cap, self.base * 2.0 ** (attempt - 1))
        if isinstance(error, ApiError) and error.retry_after is not None:
            pause = max(pause, error.retry_after)
        return pause if pause < remaining else None


def _worth_retrying(error: PersonalizeError) -> bool:
    if isinstance(error, ServerError):
        return error.status in _RETRIED_SERVER_ERRORS
    return isinstance(error, RateLimitedError | ConnectionFailedError)


def retry_after_seconds(header: str | None, *, now: datetime) -> float | None:
    """What a `Retry-After` header asks for, in seconds; `None` where it says nothing readable."""
    if header is None:
        return None
    header = header.strip()
    if header.isascii() and header.isdigit():
        return float(header)
    try:
        when = parsedate_to_datetime(header)
        if when.tzinfo is None:
            when = when.replace(tzinfo=UTC)
        return max(0.0, (when - now).total_seconds())
    except (OverflowError, TypeError, ValueError):
        return None
