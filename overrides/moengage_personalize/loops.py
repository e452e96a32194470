"""The awaited client's connections: a set of them for each event loop.

A connection belongs to the loop that opened it. An application that runs one loop after the other
(`asyncio.run` for each task, or a bridge from blocking code) would else meet a closed one.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Final
from weakref import WeakKeyDictionary

import httpx

from .connecting import LIMITS, proxy_for, ssl_context_for

__all__ = ["LoopTransport"]


class _Elsewhere:
    """Stands for the loop of another library, of which a program has one."""


_ELSEWHERE: Final = _Elsewhere()


class LoopTransport(httpx.AsyncBaseTransport):
    """Kept-alive connections to one host, through the environment's proxy where it names one."""

    def __init__(self, base_url: str) -> None:
        self._tls = ssl_context_for(base_url)
        self._proxy = proxy_for(base_url)
        self._of_loop: MutableMapping[object, httpx.AsyncHTTPTransport] = WeakKeyDictionary()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request over a connection of the running loop."""
        loop = _running_loop()
        transport = self._of_loop.get(loop)
        if transport is None:
            transport = self._of_loop[loop] = self._open()
        return await transport.handle_async_request(request)

    async def aclose(self) -> None:
        """Close the running loop's connections; those of a loop that has ended are gone with it."""
        transport = self._of_loop.pop(_running_loop(), None)
        if transport is not None:
            await transport.aclose()

    def _open(self) -> httpx.AsyncHTTPTransport:
        return httpx.AsyncHTTPTransport(
            verify=False if self._tls is None else self._tls,
            limits=LIMITS,
            proxy=self._proxy,
            trust_env=False,
        )


def _running_loop() -> object:
    import asyncio  # noqa: PLC0415  (import time: a blocking application never needs it)

    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return _ELSEWHERE
