"""A deadline for a whole exchange, on asyncio and trio."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TypeVar

from moengage_personalize.transport.deadline import Deadline

__all__ = ["with_timeout"]

T = TypeVar("T")


async def with_timeout(deadline: Deadline, work: Awaitable[T]) -> T:
    """The result of the work, which is cancelled at the deadline.

    Raises:
        RequestTimeoutError: The deadline has passed.
    """
    import anyio  # noqa: PLC0415  (import time: a sync application never needs it)

    with anyio.move_on_after(deadline.remaining()):
        return await work
    raise deadline.passed()
