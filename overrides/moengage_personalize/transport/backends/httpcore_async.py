"""The async backend without extras: httpcore's connections, a set of them for each event loop.

A connection belongs to the loop that opened it. An application that runs one loop after the other
(`asyncio.run` for each task, or a bridge from sync code) would otherwise meet a closed one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import MutableMapping
from typing import TYPE_CHECKING, Any, Final, Protocol
from weakref import WeakKeyDictionary

import httpcore

from moengage_personalize.transport.deadline import Deadline
from moengage_personalize.transport.messages import Request, Response
from moengage_personalize.transport.response_body import read_async

from .async_timeout import within
from .base import Backend
from .environment import LIMITS, proxy_for, ssl_context_for
from .httpcore_common import HttpcoreRequests, pool_options, received
from .httpcore_sync import HttpcoreBackend

if TYPE_CHECKING:
    import ssl

__all__ = ["AsyncHttpcoreBackend", "running_asyncio_loop"]

_CONNECTIONS: Final = LIMITS.max_connections or 1


class _Elsewhere:
    """Stands for the loop of another library, of which a program has one."""


_ELSEWHERE: Final = _Elsewhere()


class _Connections(Protocol):
    async def handle(self, request: httpcore.Request) -> Response: ...

    async def aclose(self) -> None: ...


class AsyncHttpcoreBackend:
    """Kept-alive connections to one host, through the environment's proxy where it names one."""

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url
        self._tls = ssl_context_for(base_url)
        self._proxy = proxy_for(base_url)
        self._requests = HttpcoreRequests()
        self._of_loop: MutableMapping[object, _Connections] = WeakKeyDictionary()

    async def send(self, request: Request, deadline: Deadline) -> Response:
        """Send over a connection of the running loop."""
        loop = running_asyncio_loop() or _ELSEWHERE
        connections = self._of_loop.get(loop)
        if connections is None:
            connections = self._of_loop[loop] = self._open()
        sent = self._requests.make(request, {})
        return await within(deadline, connections.handle(sent))

    def for_background(self) -> Backend:
        """A sync one."""
        return HttpcoreBackend(self._base_url)

    async def close(self) -> None:
        """Close the running loop's connections; those of a loop that has ended are gone with it."""
        connections = self._of_loop.pop(running_asyncio_loop() or _ELSEWHERE, None)
        if connections is not None:
            await connections.aclose()

    def _open(self) -> _Connections:
        if self._proxy is None:
            return _Direct(self._tls)
        return _Proxied(**pool_options(self._tls, self._proxy))


class _Direct:
    """Connections that are lent one after the other, the one that was used last first.

    httpcore's pool looks at every connection and every waiting request for each request, so that a
    call costs the more the more are under way.
    """

    def __init__(self, tls: ssl.SSLContext | None) -> None:
        import anyio  # noqa: PLC0415  (import time: a sync application never needs it)

        self._tls = tls
        self._idle: deque[httpcore.AsyncHTTPConnection] = deque()
        self._free = anyio.Semaphore(_CONNECTIONS, fast_acquire=True)

    async def handle(self, request: httpcore.Request) -> Response:
        async with self._free:
            connection = await self._take(request.url.origin)
            try:
                return await _read(await connection.handle_async_request(request))
            finally:
                await self._give_back(connection)

    async def aclose(self) -> None:
        while self._idle:
            await self._idle.pop().aclose()

    async def _take(self, origin: httpcore.Origin) -> httpcore.AsyncHTTPConnection:
        while self._idle and self._idle[0].has_expired():
            await self._idle.popleft().aclose()
        while self._idle:
            connection = self._idle.pop()
            if not connection.has_expired():
                return connection
            await connection.aclose()
        return httpcore.AsyncHTTPConnection(
            origin, ssl_context=self._tls, keepalive_expiry=LIMITS.keepalive_expiry
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


async def _read(response: httpcore.Response) -> Response:
    try:
        return await read_async(received(response), response.aiter_stream())
    finally:
        await response.aclose()


def running_asyncio_loop() -> Any:  # noqa: ANN401  (asyncio's loop, or None)
    """The running loop, where it is asyncio's."""
    import asyncio  # noqa: PLC0415  (import time: a sync application never needs it)

    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
