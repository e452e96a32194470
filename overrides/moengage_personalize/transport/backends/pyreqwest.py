"""The backends of the extra `fast`: pyreqwest, an HTTP client in Rust.

Its time limit covers the whole exchange: name lookup, connecting, sending, and the response to its
last byte. Its runtime does not survive a fork, and knows no event loop other than asyncio's. There,
the backends without extras are used instead.
"""

from __future__ import annotations

import atexit
import os
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from pyreqwest import exceptions
from pyreqwest.bytes import Bytes
from pyreqwest.client import Client, ClientBuilder, SyncClient, SyncClientBuilder
from pyreqwest.http import HeaderMap, Url
from pyreqwest.proxy import ProxyBuilder
from pyreqwest.request import RequestBuilder, SyncRequestBuilder
from pyreqwest.response import BaseResponse
from pyreqwest.response import Response as AsyncResponse

from moengage_personalize.errors import ConnectionFailedError
from moengage_personalize.transport.deadline import Deadline
from moengage_personalize.transport.messages import Request, Response
from moengage_personalize.transport.response_body import read, read_async

from .async_sockets import running_asyncio_loop
from .base import Backend
from .environment import (
    LIMITS,
    has_patched_sockets,
    names_certificates,
    proxy_for,
    ssl_context_for,
    trusted_certificates,
)
from .httpcore_async import AsyncHttpcoreBackend
from .httpcore_sync import HttpcoreBackend
from .mocked_httpx import is_mocked, send_to_mock, send_to_mock_async

if TYPE_CHECKING:
    import httpx

__all__ = ["AsyncPyreqwestBackend", "PyreqwestBackend"]

ClientT = TypeVar("ClientT", Client, SyncClient)
BuilderT = TypeVar("BuilderT", RequestBuilder, SyncRequestBuilder)

_SECONDS_TO_LEAVE: Final = 2.0


class _Pyreqwest(Generic[ClientT]):
    """Kept-alive connections to one host, through the environment's proxy if it has one.

    It uses httpcore in a child of a process that has already called the API, and in a process whose
    sockets a library has replaced.

    Raises:
        InvalidArgumentError: A setting of the environment is malformed. The client's constructor
            raises it, and not the first page.
    """

    _builder: type[ClientBuilder | SyncClientBuilder]

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url
        self._proxy = proxy_for(base_url)
        if names_certificates():  # httpx's own are valid, and reading them takes time
            ssl_context_for(base_url)
        self._prepared = lru_cache(maxsize=64)(_prepared)
        self._made: tuple[int, ClientT | None] | None = None
        self._is_proven = False
        """Whether a call has succeeded, so that there may be a connection to reuse."""

    def for_background(self) -> Backend:
        """Make a sync backend."""
        return PyreqwestBackend(self._base_url)

    def _client(self) -> ClientT | None:
        """Return this process's client; None if it cannot have one or must use Python's sockets."""
        if has_patched_sockets():
            return None
        process = os.getpid()
        if self._made is None or self._made[0] != process:
            self._made = (process, _built(self._builder, self._base_url, self._proxy))
            self._is_proven = False
        return self._made[1]

    def _forget(self) -> ClientT | None:
        """Return this process's client, if it was made, and drop the reference to it."""
        process, client = self._made or (0, None)
        self._made = None
        return client if process == os.getpid() else None


class PyreqwestBackend(_Pyreqwest[SyncClient]):
    """The sync backend."""

    _builder = SyncClientBuilder
    _instead: HttpcoreBackend | None = None

    def send(self, request: Request, deadline: Deadline) -> Response:
        """Send a request."""
        if is_mocked():
            return send_to_mock(request, deadline)
        client = None if sys.is_finalizing() else self._client()  # the library would crash there
        if client is None:
            self._instead = self._instead or HttpcoreBackend(self._base_url)
            return self._instead.send(request, deadline)
        url, headers = self._prepared(request.url, request.headers)
        builder = _complete(client.request(request.method, url), headers, request, deadline)
        try:
            with builder.build_streamed() as response:
                received = read(_received(response), iter(response.body_reader.read_chunk, None))
        except exceptions.RequestError as error:
            raise _failure(error) from None
        self._is_proven = True
        return received

    def close_idle(self) -> None:
        """Start with new connections; the library closes the idle ones with its client."""
        if self._is_proven:
            self._forget()  # active calls keep theirs
        if self._instead is not None:
            self._instead.close_idle()

    def close(self) -> None:
        """Close all connections; idle ones stay open until the library's client is deleted."""
        if (client := self._forget()) is not None:
            client.close()
        if self._instead is not None:
            self._instead.close()


class AsyncPyreqwestBackend(_Pyreqwest[Client]):
    """The async backend."""

    _builder = ClientBuilder
    _instead: AsyncHttpcoreBackend | None = None

    async def send(self, request: Request, deadline: Deadline) -> Response:
        """Send a request."""
        if is_mocked():
            return await send_to_mock_async(request, deadline)
        client = None if running_asyncio_loop() is None else self._client()
        if client is None:
            self._instead = self._instead or AsyncHttpcoreBackend(self._base_url)
            return await self._instead.send(request, deadline)
        url, headers = self._prepared(request.url, request.headers)
        builder = _complete(client.request(request.method, url), headers, request, deadline)
        try:
            async with builder.build_streamed() as response:
                received = await read_async(_received(response), _chunks(response))
        except exceptions.RequestError as error:
            raise _failure(error) from None
        except BaseException as error:
            await _recognizable(error)
            raise
        self._is_proven = True
        return received

    async def close_idle(self) -> None:
        """Like the sync method."""
        if self._is_proven:
            self._forget()
        if self._instead is not None:
            await self._instead.close_idle()

    async def close(self) -> None:
        """Like the sync method."""
        if (client := self._forget()) is not None:
            await client.close()
        if self._instead is not None:
            await self._instead.close()


_runtime: Final[list[int]] = []
"""The process that starts the library's runtime, noted before it starts.

A child must not call the library, because its locks may have been held during the fork.
"""


@atexit.register
def _wait_until_threads_have_left() -> None:
    """Wait until the library's threads have returned from the event loops that they wake.

    A thread wakes its loop in `call_soon_threadsafe`, and `asyncio.run` may end before that
    returns. A thread that returns while the interpreter shuts down aborts the process, so this
    waits before the shutdown.
    """
    give_up = time.monotonic() + _SECONDS_TO_LEAVE
    while _is_waking_a_loop() and time.monotonic() < give_up:
        time.sleep(0.001)


def _is_waking_a_loop() -> bool:
    """Return whether a thread that Python did not start is in `call_soon_threadsafe`."""
    frames = sys._current_frames()  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]  # documented
    for frame in frames.values():
        first = frame
        while first.f_back is not None:
            first = first.f_back
        if first.f_code.co_name == "call_soon_threadsafe":
            return True
    return False


def _built(
    kind: type[ClientBuilder | SyncClientBuilder], base_url: str, proxy: httpx.Proxy | None
) -> Any:  # noqa: ANN401  (the kind's client)
    """Make a client like httpx's: no redirects, no cookies, the same trust, proxies and limits.

    None if it cannot be made.
    """
    if not _runtime:
        _runtime.append(os.getpid())
    if _runtime[0] != os.getpid():
        return None
    # Bodies are not decoded here, to distinguish undecodable bodies from incomplete ones.
    builder = kind().gzip(enable=False).deflate(enable=False)
    builder = builder.brotli(enable=False).zstd(enable=False)
    builder = (
        builder.follow_redirects(enable=False)
        .referer(enable=False)
        .pool_idle_timeout(timedelta(seconds=LIMITS.keepalive_expiry or 0))
        .pool_max_idle_per_host(LIMITS.max_keepalive_connections or 0)
        .max_connections(LIMITS.max_connections)
    )
    for certificate in trusted_certificates(base_url):
        builder = builder.add_root_certificate_pem(certificate)
    if proxy is None:
        builder = builder.no_proxy()
    else:
        through = ProxyBuilder.all(str(proxy.url))
        if proxy.auth is not None:
            through = through.basic_auth(*proxy.auth)
        builder = builder.proxy(through)
    try:
        return builder.build()
    except RuntimeError:  # other code started the runtime before a fork
        return None


async def _recognizable(error: BaseException) -> None:
    """Raise anyio's own cancellation instead of the library's, which lacks its origin."""
    import asyncio  # noqa: PLC0415  (import time: a sync application never needs it)

    import anyio.lowlevel  # noqa: PLC0415  (the same)

    if isinstance(error, asyncio.CancelledError):
        await anyio.lowlevel.checkpoint_if_cancelled()


def _prepared(address: str, headers: tuple[tuple[str, str], ...]) -> tuple[Url, HeaderMap]:
    return Url(address), HeaderMap(headers)


def _complete(
    builder: BuilderT, headers: HeaderMap, request: Request, deadline: Deadline
) -> BuilderT:
    seconds = deadline.remaining_or_raise()
    builder = builder.headers(headers).timeout(timedelta(seconds=seconds))
    return builder.body_bytes(request.body) if request.body else builder


def _received(response: BaseResponse) -> Response:
    try:
        encoding = response.get_header("content-encoding")
    except ValueError:  # not ASCII: use the status, and the body as it is
        encoding = None
    return Response(response.status, _Headers(response.headers), encoding=encoding)


async def _chunks(response: AsyncResponse) -> AsyncIterator[Bytes]:
    reader = response.body_reader
    while (chunk := await reader.read_chunk()) is not None:
        yield chunk


class _Headers(Mapping[str, str]):
    """Headers without those with non-ASCII values, which the library cannot return."""

    __slots__ = ("_map",)

    def __init__(self, headers: HeaderMap) -> None:
        self._map = headers

    def __getitem__(self, name: str) -> str:
        try:
            return self._map[name]
        except ValueError:
            raise KeyError(name) from None

    def __iter__(self) -> Iterator[str]:
        return (name for name in dict.fromkeys(self._map) if name in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __reduce__(self) -> tuple[type, tuple[dict[str, str]]]:
        return dict, (dict(self),)  # the library's own can be neither copied nor pickled


def _failure(error: exceptions.RequestError) -> ConnectionFailedError:
    """Make the typed error with the last cause, because the first one has only the address."""
    causes: Any = getattr(error, "details", {}).get("causes") or [{"message": error.message}]
    return ConnectionFailedError(f"connection failed: {causes[-1]['message']}")
