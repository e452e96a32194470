"""Decides when to try again and how long to wait. No I/O."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Final

import attrs

from moengage_personalize.errors import ApiError, ConnectionFailedError, PersonalizeError

__all__ = ["RetryPolicy", "is_passing", "retry_after_seconds"]

_PASSING: Final = frozenset({408, 429, 500, 502, 503, 504})
"""A gateway answers 408 for a connection that it closes, for example an idle one."""
_LONGEST_WAIT: Final = 86_400.0
"""The longest wait in seconds; a server that requests more has a wrong clock or header."""


@attrs.frozen
class RetryPolicy:
    """Exponential backoff with full jitter, within the deadline.

    Attributes:
        retries: The largest number of attempts after the first.
        base: The longest first pause, in seconds; it doubles with every attempt.
        cap: The longest pause in seconds, unless the server requests a longer one.
        jitter: Returns a number from 0 to 1.
    """

    retries: int = 3
    base: float = 0.1
    cap: float = 5.0
    jitter: Callable[[], float] = random.random

    def pause(self, error: PersonalizeError, *, attempt: int, remaining: float) -> float | None:
        """Return the seconds to wait after an attempt, counted from 1, or `None` to give up."""
        if attempt > self.retries or not is_passing(error):
            return None
        pause = self.jitter() * min(self.cap, self.base * 2.0 ** (attempt - 1))
        if isinstance(error, ApiError) and error.retry_after is not None:
            pause = max(pause, error.retry_after)
        return pause if pause < remaining else None


def is_passing(error: PersonalizeError) -> bool:
    """Return whether the same request may succeed a little later."""
    return isinstance(error, ConnectionFailedError) or (
        isinstance(error, ApiError) and error.status in _PASSING
    )


def retry_after_seconds(status: int, headers: Mapping[str, str]) -> float | None:
    """Return the wait that the server requests, in seconds up to a day; `None` without a request.

    The later of `Retry-After` and, for a 429, `x-ratelimit-reset` counts. A date is compared with
    the server's own `Date`, because this machine's clock may be wrong.
    """
    now = _moment(headers.get("date", "")) or datetime.now(UTC)
    header = headers.get("retry-after", "").strip()
    waits = [float(header)] if header.isascii() and header.isdigit() else []
    if (when := _moment(header)) is not None:
        waits.append((when - now).total_seconds())
    reset = headers.get("x-ratelimit-reset", "").strip()
    if status == HTTPStatus.TOO_MANY_REQUESTS and reset.isascii() and reset.isdigit():
        # The vendor sends seconds since 1970; some gateways send the seconds until then.
        since = now.timestamp() if float(reset) > _LONGEST_WAIT else 0.0
        waits.append(float(reset) - since)
    return min(max(0.0, *waits), _LONGEST_WAIT) if waits else None


def _moment(header: str) -> datetime | None:
    try:
        when = parsedate_to_datetime(header)
        return when.replace(tzinfo=when.tzinfo or UTC)
    except (OverflowError, TypeError, ValueError):
        return None
