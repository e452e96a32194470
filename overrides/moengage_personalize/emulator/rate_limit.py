"""The headers of the API's rate limit: how many requests are left, and until when."""

import threading
import time
from typing import Final

LIMIT: Final = 10_000
"""The limit: fetches in a minute, per workspace."""

_MINUTE: Final = 60

Headers = tuple[tuple[str, str], ...]


class RateLimit:
    """Counts the requests of each clock minute.

    It refuses none: the remaining number stays at 0. So it does not stop a load test, for which
    MoEngage can raise the limit. Use `Fault.rate_limited` to refuse.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._reset_at = self._count = 0

    def count(self) -> Headers:
        """Count a request, and return the headers for its answer."""
        reset_at = _next_minute()
        with self._lock:
            if reset_at != self._reset_at:
                self._reset_at, self._count = reset_at, 0
            self._count += 1
            return _headers(max(0, LIMIT - self._count), reset_at)

    def clear(self) -> None:
        """Start the minute again."""
        with self._lock:
            self._count = 0


def used_up(retry_after: str | None) -> Headers:
    """Return the headers of a 429; the reset agrees with a `Retry-After` in seconds."""
    try:
        return _headers(0, int(time.time() + float(retry_after or "")))
    except (OverflowError, ValueError):
        return _headers(0, _next_minute())


def _next_minute() -> int:
    return (int(time.time()) // _MINUTE + 1) * _MINUTE


def _headers(left: int, reset_at: int) -> Headers:
    return (
        ("x-ratelimit-limit", str(LIMIT)),
        ("x-ratelimit-remaining", str(left)),
        ("x-ratelimit-reset", str(reset_at)),
    )
