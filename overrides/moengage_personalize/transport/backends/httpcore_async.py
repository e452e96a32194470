"""The async backend without extras: httpcore's connections, a set for each event loop.

A connection belongs to the loop that opened it, and keeps that loop in memory. Without a set for
each loop, an application that runs several loops in sequence (`asyncio.run` for each task, or a
bridge from sync code) would use closed connections, or keep old loops.
"""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING, Final, TypeAlias

import httpcore

from moengage_personalize.transport.deadline import Deadline
from moengage_personalize.transport.messages import Request, Response
from moengage_personalize.transport.response_body import read_async

from .async_sockets import AsyncNetwork, running_asyncio_loop
from .base import Backend
from .environment import LIMITS
from .httpcore_common import HttpcoreBase, received
from .httpcore_sync import HttpcoreBackend
from .mocked_httpx import is_mocked, send_to_mock_async

if TYPE_CHECKING:
    import asyncio
    import ssl

__all__ = ["AsyncHttpcoreBackend"]

_CONNECTIONS: Final = LIMITS.max_connections or 1

_Connections: TypeAlias = "_Direct | _Proxied"


class AsyncHttpcoreBackend(HttpcoreBase):
    """Kept-alive connections to one host, through the environment's proxy if it has one."""

    def __init__(self, base_url: str) -> None:
        super().__init__(base_url)
        # None stands for the loop of another library; a program has only one at a time.
        self._of_loop: dict[
            asyncio.AbstractEventLoop | None, tuple[_Connections, AsyncGenerator[None]]
        ] = {}

    async def send(self, request: Request, deadline: Deadline) -> Response:
        """Send with a connection of the running loop."""
        if is_mocked():
            return await send_to_mock_async(request, deadline)
        loop = running_asyncio_loop()
        connections, _ = self._of_loop.get(loop) or await self._opened(loop)
        sent = self._made(request, {})
        return await deadline.enforced_on(connections.handle(sent))

    async def close_idle(self) -> None:
        """Close the idle connections of the running loop."""
        connections, _ = self._of_loop.get(running_asyncio_loop(), (None, None))
        if connections is not None:
            await connections.close_idle()

    def for_background(self) -> Backend:
        """Make a sync backend."""
        return HttpcoreBackend(self._base_url)

    async def close(self) -> None:
        """Close the running loop's connections; a loop that has ended closed its own."""
        _, until_loop_ends = self._of_loop.pop(running_asyncio_loop(), (None, None))
        if until_loop_ends is not None:
            await until_loop_ends.aclose()

    async def _opened(
        self, loop: asyncio.AbstractEventLoop | None
    ) -> tuple[_Connections, AsyncGenerator[None]]:
        for other in list(self._of_loop):
            if other is not None and other.is_closed():
                self._of_loop.pop(other, None)  # the loop was closed without ending its generators
        connections: _Connections
        if self._proxy is None:
            connections = _Direct(self._tls)
        else:
            connections = _Proxied(network_backend=AsyncNetwork(), **self._pool_options())
        until_loop_ends = self._until_loop_ends(loop, connections)
        await anext(until_loop_ends)
        self._of_loop[loop] = connections, until_loop_ends
        return self._of_loop[loop]

    async def _until_loop_ends(
        self, loop: asyncio.AbstractEventLoop | None, connections: _Connections
    ) -> AsyncGenerator[None]:
        """Close the connections with the loop, because asyncio and trio end generators then."""
        import anyio  # noqa: PLC0415  (import time: a sync application never needs it)

        try:
            yield
        finally:
            self._of_loop.pop(loop, None)
            with anyio.CancelScope(shield=True):
                await connections.aclose()


class _Direct:
    """Connections that are reused, most recently used first.

    httpcore's pool checks every connection and every waiting request for each request. So a call
    costs more if more calls are active.
    """

    def __init__(self, tls: ssl.SSLContext | None) -> None:
        import anyio  # noqa: PLC0415  (import time: a sync application never needs it)

        self._tls = tls
        self._network = AsyncNetwork()
        self._idle: deque[httpcore.AsyncHTTPConnection] = deque()
        self._free = anyio.Semaphore(_CONNECTIONS, fast_acquire=True)

    async def handle(self, request: httpcore.Request) -> Response:
        async with self._free:
            connection = await self._take(request.url.origin)
            try:
                return await _read(await connection.handle_async_request(request))
            finally:
                await self._give_back(connection)

    async def close_idle(self) -> None:
        while self._idle:
            await self._idle.pop().aclose()

    aclose = close_idle

    async def _take(self, origin: httpcore.Origin) -> httpcore.AsyncHTTPConnection:
        while self._idle and self._idle[0].has_expired():
            await self._idle.popleft().aclose()
        while self._idle:
            connection = self._idle.pop()
            if not connection.has_expired():
                return connection
            await connection.aclose()
        return httpcore.AsyncHTTPConnection(
            origin,
            ssl_context=self._tls,
            keepalive_expiry=LIMITS.keepalive_expiry,
            network_backend=self._network,
        )

    async def _give_back(self, connection: httpcore.AsyncHTTPConnection) -> None:
        if connection.is_idle() and not connection.is_closed():
            self._idle.append(connection)
            return
        import anyio  # noqa: PLC0415  (import time)

        with anyio.CancelScope(shield=True):
            await connection.aclose()


class _Proxied(httpcore.AsyncHTTPProxy):
    """Connections through a proxy."""

    async def handle(self, request: httpcore.Request) -> Response:
        return await _read(await self.handle_async_request(request))

    async def close_idle(self) -> None:
        for connection in self.connections:
            if connection.is_idle():
                await connection.aclose()


async def _read(response: httpcore.Response) -> Response:
    try:
        return await read_async(received(response), response.aiter_stream())
    finally:
        await response.aclose()
