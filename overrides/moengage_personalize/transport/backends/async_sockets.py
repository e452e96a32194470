"""Sockets for async code, on asyncio and trio: httpcore's, except for the name lookup."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Future
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import httpcore

from .addresses import addresses_of, share_of
from .deadline_sockets import SocketOption

if TYPE_CHECKING:
    import asyncio

__all__ = ["AsyncNetwork", "running_asyncio_loop"]


class AsyncNetwork(httpcore.AsyncNetworkBackend):
    """Opens connections on the running loop.

    The loops look names up in a few threads, and `asyncio.run` waits for these at its end. So a
    name server that hangs would delay all else that needs a thread.
    """

    def __init__(self) -> None:
        backend: Any = httpcore.AnyIOBackend()  # hidden from type checkers; knows trio too
        self._backend: httpcore.AsyncNetworkBackend = backend

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002  (the running scope has the deadline)
        local_address: str | None = None,
        socket_options: Iterable[SocketOption] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first of a host's addresses that answers, before the scope's deadline."""
        import anyio  # noqa: PLC0415  (import time: a sync application never needs it)

        future = addresses_of(host, port)
        if not future.done():
            await _wait_for(future)
        addresses = future.result()
        failure: Exception = httpcore.ConnectError("the host has no address")
        for position, address in enumerate(addresses):
            left = anyio.current_effective_deadline() - anyio.current_time()
            share = share_of(left, len(addresses) - position)
            try:
                return await self._backend.connect_tcp(
                    address, port, share, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure


async def _wait_for(future: Future[Any]) -> None:
    import anyio  # noqa: PLC0415  (import time)

    is_done = anyio.Event()
    loop = running_asyncio_loop()
    if loop is not None:
        call_soon: Any = loop.call_soon_threadsafe
    else:
        import trio  # noqa: PLC0415  (there is such a loop, so there is such a library)

        call_soon = trio.lowlevel.current_trio_token().run_sync_soon

    def tell(_: Future[Any]) -> None:
        with suppress(RuntimeError):  # the loop has ended
            call_soon(is_done.set)

    future.add_done_callback(tell)
    await is_done.wait()


def running_asyncio_loop() -> asyncio.AbstractEventLoop | None:
    """Return the running loop, if it is asyncio's."""
    import asyncio  # noqa: PLC0415  (import time: a sync application never needs it)

    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
