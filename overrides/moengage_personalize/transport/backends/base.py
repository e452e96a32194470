"""The protocol of a backend, which sends one request with one HTTP library."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Protocol, TypeAlias, TypeVar

from moengage_personalize.transport.deadline import Deadline
from moengage_personalize.transport.messages import Request, Response

__all__ = ["AsyncBackend", "Backend"]

ReceivedT_co = TypeVar("ReceivedT_co", covariant=True)
DoneT_co = TypeVar("DoneT_co", covariant=True)


class _Backend(Protocol[ReceivedT_co, DoneT_co]):
    """Connections to one host.

    Threads may share a sync backend; a forked child opens its own connections. Event loops may use
    an async one, one after the other.
    """

    def send(self, request: Request, deadline: Deadline) -> ReceivedT_co:
        """Send a request and receive the whole response, with any status.

        Raises:
            Exception: There is no whole response; `typed_error` converts the exception.
        """
        ...

    def close_idle(self) -> DoneT_co:
        """Close idle connections, because a call has timed out and they may be dead."""
        ...

    def for_background(self) -> Backend:
        """Make a sync backend like this one with its own connections, for another thread."""
        ...

    def close(self) -> DoneT_co:
        """Close all connections; an async backend closes those of the running loop."""
        ...


Backend: TypeAlias = _Backend[Response, None]
AsyncBackend: TypeAlias = _Backend[Awaitable[Response], Awaitable[None]]
