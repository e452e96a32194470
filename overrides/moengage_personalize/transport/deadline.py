"""How much time a call has left."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Final, TypeVar

from moengage_personalize.clock import monotonic
from moengage_personalize.errors import RequestTimeoutError

__all__ = ["Deadline"]

T = TypeVar("T")

_SPENT: Final = 0.005
"""In seconds; if less is left after a failure, the deadline is the cause."""


class Deadline:
    """The moment at which a call must end, with all of its attempts and pauses.

    Args:
        seconds: The time from now, in seconds.
    """

    __slots__ = ("at", "seconds")

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.at = monotonic() + seconds

    def remaining(self) -> float:
        """Return the seconds left; zero or less once it has passed."""
        return self.at - monotonic()

    def is_spent(self) -> bool:
        """Return whether it has passed, or is about to."""
        return self.remaining() < _SPENT

    def remaining_or_raise(self) -> float:
        """Return the seconds left.

        Raises:
            RequestTimeoutError: No time is left.
        """
        left = self.at - monotonic()
        if left <= 0:
            raise self.passed()
        return left

    async def enforced_on(self, work: Awaitable[T]) -> T:
        """Await work on asyncio or trio, and cancel it at the deadline.

        Raises:
            RequestTimeoutError: The deadline has passed.
        """
        import anyio  # noqa: PLC0415  (import time: a sync application never needs it)

        with anyio.move_on_after(self.remaining()):
            return await work
        raise self.passed()

    def passed(self) -> RequestTimeoutError:
        """Make the error for a call that took too long."""
        return RequestTimeoutError(f"no response from the API within {self.seconds:g} seconds")
