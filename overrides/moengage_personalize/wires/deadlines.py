"""A time limit for a whole exchange, on asyncio and trio."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TypeVar

import httpx

__all__ = ["within"]

T = TypeVar("T")


async def within(seconds: float, work: Awaitable[T]) -> T:
    """What the work gives; it is cancelled after so many seconds.

    Raises:
        httpx.ReadTimeout: It took longer.
    """
    import anyio  # noqa: PLC0415  (import time: a blocking application never needs it)

    with anyio.move_on_after(seconds):
        return await work
    raise httpx.ReadTimeout("the budget is spent")
