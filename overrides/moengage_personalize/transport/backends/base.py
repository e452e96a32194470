"""What a backend is: it sends one request over one HTTP library."""

from __future__ import annotations

from typing import Protocol

from moengage_personalize.transport.deadline import Deadline
from moengage_personalize.transport.messages import Request, Response

__all__ = ["AsyncBackend", "Backend"]


class Backend(Protocol):
    """Connections to one host. Threads may share it; a child made by `fork` opens its own."""

    def send(self, request: Request, deadline: Deadline) -> Response:
        """Send a request and receive the whole response, whatever its status.

        Raises:
            Exception: There is no whole response; `typed_error` makes one of ours of it.
        """
        ...

    def close_idle(self) -> None:
        """Close the connections that nobody uses: a call has timed out, so they may be dead."""
        ...

    def for_background(self) -> Backend:
        """A backend like this for another thread, with connections of its own."""
        ...

    def close(self) -> None:
        """Close all connections."""
        ...


class AsyncBackend(Protocol):
    """The same, for async code. Event loops may share it, one after the other."""

    async def send(self, request: Request, deadline: Deadline) -> Response:
        """As `Backend.send`."""
        ...

    async def close_idle(self) -> None:
        """As `Backend.close_idle`."""
        ...

    def for_background(self) -> Backend:
        """As `Backend.for_background`; it is sync."""
        ...

    async def close(self) -> None:
        """Close the running loop's connections."""
        ...
