"""The wires of the extra `fast`: pyreqwest, an HTTP client in Rust.

A request's time limit is the whole exchange's there: name lookup, connecting, sending, the answer
to its last byte. Its runtime neither outlives a fork nor knows event loops other than asyncio's;
there, the wires without extras take over.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from functools import lru_cache
from typing import Any, Final, Generic, TypeVar

import httpx
from pyreqwest import exceptions
from pyreqwest.client import Client, ClientBuilder, SyncClient, SyncClientBuilder
from pyreqwest.http import HeaderMap, Url
from pyreqwest.proxy import ProxyBuilder
from pyreqwest.request import RequestBuilder, SyncRequestBuilder
from pyreqwest.response import BaseResponse

from moengage_personalize.deadline import Deadline
from moengage_personalize.messages import Answer, Message, RawHeaders

from .connecting import (
    LIMITS,
    names_certificates,
    proxy_for,
    ssl_context_for,
    trusted_certificates,
)
from .looped import LoopedWire, running_asyncio_loop
from .pooled import PooledWire

__all__ = ["AsyncRustWire", "RustWire"]

ClientT = TypeVar("ClientT", Client, SyncClient)
RequestT = TypeVar("RequestT", RequestBuilder, SyncRequestBuilder)

_KINDS: Final[dict[type[Exception], type[httpx.RequestError]]] = {
    exceptions.ConnectTimeoutError: httpx.ConnectTimeout,
    exceptions.WriteTimeoutError: httpx.WriteTimeout,
    exceptions.PoolTimeoutError: httpx.PoolTimeout,
    exceptions.RequestTimeoutError: httpx.ReadTimeout,
    exceptions.ConnectError: httpx.ConnectError,
    exceptions.WriteError: httpx.WriteError,
    exceptions.RequestError: httpx.ReadError,
}


class RustWire:
    """Kept-alive connections to one host, through the environment's proxy where it names one.

    A child of a process that has called the API already is served by httpcore.
    """

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url
        self._client = _OfProcess[SyncClient](SyncClientBuilder, base_url)
        self._instead: PooledWire | None = None

    def send(self, message: Message, deadline: Deadline) -> Answer:
        """Send within so many seconds."""
        client = self._client.get()
        if client is None:
            return self._without_runtime().send(message, deadline)
        try:
            request = _stated(
                client.request(message.method, _url(message.url)), message, deadline.remaining
            )
            response = request.build().send()
            return _answer(response, response.bytes().to_bytes(), message)
        except exceptions.PyreqwestError as error:
            raise _as_httpx(error) from None

    def close(self) -> None:
        """Close all connections; the idle ones are open until the library's client is gone."""
        client = self._client.forget()
        if client is not None:
            client.close()
        if self._instead is not None:
            self._instead.close()

    def _without_runtime(self) -> PooledWire:
        if self._instead is None:
            self._instead = PooledWire(self._base_url)
        return self._instead


class AsyncRustWire:
    """The same, awaited."""

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url
        self._client = _OfProcess[Client](ClientBuilder, base_url)
        self._instead: LoopedWire | None = None

    async def send(self, message: Message, deadline: Deadline) -> Answer:
        """Send within so many seconds."""
        client = None if running_asyncio_loop() is None else self._client.get()
        if client is None:
            return await self._without_runtime().send(message, deadline)
        try:
            request = _stated(
                client.request(message.method, _url(message.url)), message, deadline.remaining
            )
            response = await request.build().send()
            return _answer(response, (await response.bytes()).to_bytes(), message)
        except exceptions.PyreqwestError as error:
            raise _as_httpx(error) from None

    async def close(self) -> None:
        """Close all connections; the idle ones are open until the library's client is gone."""
        client = self._client.forget()
        if client is not None:
            await client.close()
        if self._instead is not None:
            await self._instead.close()

    def _without_runtime(self) -> LoopedWire:
        if self._instead is None:
            self._instead = LoopedWire(self._base_url)
        return self._instead


class _OfProcess(Generic[ClientT]):
    """The library's client for each process, made with its first use.

    Raises:
        InvalidArgumentError: A setting of the environment is malformed, which is found when a
            client is made, not at its first page.
    """

    def __init__(self, kind: type[ClientBuilder | SyncClientBuilder], base_url: str) -> None:
        self._proxy = proxy_for(base_url)
        if names_certificates():  # httpx's own can be read, and reading them takes a while
            ssl_context_for(base_url)
        self._kind = kind
        self._base_url = base_url
        self._made: tuple[int, ClientT | None] | None = None

    def get(self) -> ClientT | None:
        """This process's; none where there can be none."""
        process = os.getpid()
        if self._made is None or self._made[0] != process:
            self._made = (process, _built(self._kind, self._base_url, self._proxy))
        return self._made[1]

    def forget(self) -> ClientT | None:
        """This process's, should it have been made; it is not kept alive here any more."""
        process, client = self._made or (0, None)
        self._made = None
        return client if process == os.getpid() else None


class _Runtime:
    """Which process began the library's runtime, noted before it begins.

    A child must not even ask the library: its locks may have been held when the process forked.
    """

    process: int | None = None

    @classmethod
    def is_possible(cls) -> bool:
        if cls.process is None:
            cls.process = os.getpid()
        return cls.process == os.getpid()


def _built(
    kind: type[ClientBuilder | SyncClientBuilder], base_url: str, proxy: httpx.Proxy | None
) -> Any:  # noqa: ANN401  (the kind's client)
    """A client as httpx would be: no redirects, no cookies, the same trust, proxies and limits.

    None where there can be none.
    """
    if not _Runtime.is_possible():
        return None
    # Bodies are left as they come: what cannot be decoded is told from what broke off elsewhere.
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
    except RuntimeError:  # somebody else began the runtime before a fork
        return None


def _stated(request: RequestT, message: Message, seconds: float) -> RequestT:
    request = request.headers(_text(message.headers)).timeout(timedelta(seconds=seconds))
    return request.body_bytes(message.content) if message.content else request


_url: Final = lru_cache(maxsize=256)(Url)


@lru_cache(maxsize=16)
def _text(headers: RawHeaders) -> list[tuple[str, str]]:
    return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in headers]


def _answer(response: BaseResponse, body: bytes, message: Message) -> Answer:
    headers = response.headers

    def raw() -> RawHeaders:
        return tuple(_readable(headers))

    if "content-encoding" in headers:
        return Answer.decoded(response.status, raw(), body, message)
    return Answer(response.status, raw, body, message)


def _readable(headers: HeaderMap) -> Iterator[tuple[bytes, bytes]]:
    """Names and values, without those beyond ASCII: the library gives these to nobody."""
    for name in dict.fromkeys(headers):
        try:
            values = headers.getall(name)
        except ValueError:
            continue
        yield from ((name.encode(), value.encode()) for value in values)


def _as_httpx(error: exceptions.PyreqwestError) -> httpx.RequestError:
    """The same error as httpx names it, with the causes below it in its words."""
    kind = next((_KINDS[known] for known in type(error).__mro__ if known in _KINDS), None)
    if kind is None:
        raise error
    causes: Any = getattr(error, "details", {}).get("causes") or [{"message": error.message}]
    return kind(causes[-1]["message"])
