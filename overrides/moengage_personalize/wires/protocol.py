"""What a wire is."""

from __future__ import annotations

from typing import Protocol

from moengage_personalize.deadline import Deadline
from moengage_personalize.messages import Answer, Message

__all__ = ["AsyncWire", "Wire"]


class Wire(Protocol):
    """Connections to one host. Threads may share it; a child made by `fork` opens its own."""

    def send(self, message: Message, deadline: Deadline) -> Answer:
        """Carry a message, and its whole answer back, within so many seconds.

        Raises:
            httpx.RequestError: There is no whole answer.
        """
        ...

    def close(self) -> None:
        """Close all connections."""
        ...


class AsyncWire(Protocol):
    """The same, awaited. Event loops may share it, one after the other."""

    async def send(self, message: Message, deadline: Deadline) -> Answer:
        """As `Wire.send`."""
        ...

    async def close(self) -> None:
        """Close the running loop's connections."""
        ...
