"""Decides when to flush, how fast, and how long to wait after a failure. No I/O.

Callers pass in the time, in seconds.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Final

import attrs

__all__ = ["Backoff", "FlushSchedule", "RequestRate", "RequestSize"]

LARGEST_REQUEST: Final = 1_000_000
"""The most bytes of events in one request."""
_SMALLEST_REQUEST: Final = 10_000
WORKSPACE_REQUESTS_A_MINUTE: Final = 10_000


@attrs.define
class FlushSchedule:
    """Flush at a number of users or after a time, whichever comes first.

    Attributes:
        users: The number of users in a full request.
        interval: The longest time that an event waits for others, in seconds.
    """

    users: int
    interval: float
    _waiting: set[str] = attrs.field(factory=set[str], init=False)
    _since: float | None = attrs.field(default=None, init=False)

    def accepted(self, customer_id: str, now: float) -> bool:
        """Note an event; return whether it made a request full."""
        if self._since is None:
            self._since = now
        if len(self._waiting) >= self.users:  # during a long pause, more names would change nothing
            return False
        self._waiting.add(customer_id)
        return len(self._waiting) >= self.users

    def due_in(self, now: float) -> float:
        """Return the seconds until a flush is due, 0 if it is; with no event, a whole interval."""
        if len(self._waiting) >= self.users:
            return 0.0
        if self._since is None:
            return self.interval
        return max(0.0, self._since + self.interval - now)

    def flushed(self) -> None:
        """Start again."""
        self._waiting.clear()
        self._since = None


@attrs.define
class RequestRate:
    """Keeps requests below a share of the workspace's, in every minute.

    Attributes:
        share: Of the workspace's 10,000 requests a minute, above 0 and up to 1.
        burst: Requests that may follow each other at once.
    """

    share: float
    burst: int = 10
    _tokens: float = attrs.field(init=False)
    _at: float | None = attrs.field(default=None, init=False)

    def __attrs_post_init__(self) -> None:
        self.burst = min(self.burst, max(1, int(self._limit / 2)))
        self._tokens = float(self.burst)

    @property
    def _limit(self) -> float:
        return WORKSPACE_REQUESTS_A_MINUTE * self.share

    @property
    def _a_second(self) -> float:
        """The refill per second: a burst and a minute of refills together stay below the limit."""
        return max(self._limit - self.burst, self._limit / 2) / 60

    def wait(self, now: float) -> float:
        """Seconds until the next request may be made."""
        self._refill(now)
        return max(0.0, (1 - self._tokens) / self._a_second)

    def spend(self, now: float) -> None:
        """Note a request."""
        self._refill(now)
        self._tokens -= 1

    def _refill(self, now: float) -> None:
        if self._at is not None:
            self._tokens = min(self.burst, self._tokens + (now - self._at) * self._a_second)
        self._at = now


@attrs.define
class RequestSize:
    """Learns how many bytes of events a request may have from what arrives and what does not.

    Attributes:
        most: The largest number of bytes now.
    """

    most: int = LARGEST_REQUEST
    _doubtful: int | None = attrs.field(default=None, init=False)
    _accepted: int = attrs.field(default=0, init=False)
    _patience: int = attrs.field(default=50, init=False)

    def accepted(self, size: int) -> None:
        """Note a request that arrived. After many of the largest size, allow a larger one."""
        if self._doubtful is not None and size >= self._doubtful:
            self._doubtful = None
        if self.most < LARGEST_REQUEST and 2 * size > self.most:
            self._accepted += 1
            if self._accepted >= self._patience:
                self._accepted, self._patience = 0, 2 * self._patience
                self.most = min(LARGEST_REQUEST, 2 * self.most)

    def refused(self, size: int) -> None:
        """Note a request that was too large."""
        self.most = max(_SMALLEST_REQUEST, min(self.most, size // 2))
        self._accepted = 0

    def helped(self, size: int) -> None:
        """Note that a request which failed as a whole arrived in parts.

        The first time is ignored, because the server may have recovered just then.
        """
        if self._doubtful is None:
            self._doubtful = size
        else:
            self.refused(min(size, self._doubtful))
            self._doubtful = None


@attrs.define
class Backoff:
    """Waits that double with every failure in a row, with full jitter above a floor.

    Attributes:
        base: The approximate first wait, in seconds.
        cap: The longest wait in seconds, unless the server asks for more.
        longest: The longest wait in seconds, even if the server asks for more.
        jitter: Returns a number from 0 to 1.
    """

    base: float = 0.5
    cap: float = 60.0
    longest: float = 600.0
    jitter: Callable[[], float] = random.random
    _failures: int = attrs.field(default=0, init=False)

    def failed(self, *, retry_after: float | None = None) -> float:
        """Note a failure, and return how many seconds to wait."""
        bound = min(self.cap, self.base * 2.0 ** min(self._failures, 30))
        self._failures += 1
        wait = bound / 2 + self.jitter() * bound / 2
        return max(wait, min(retry_after or 0.0, self.longest))

    def succeeded(self) -> None:
        """Start again."""
        self._failures = 0
