"""From messages to httpcore's requests, and from its errors to httpx's."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Self

import httpcore
import httpx

from moengage_personalize.deadline import Deadline
from moengage_personalize.messages import Message

from .connecting import LIMITS

if TYPE_CHECKING:
    import ssl

__all__ = ["ERRORS", "as_httpx", "pool_options", "request_of"]

_KINDS: Final[dict[type[Exception], type[httpx.TransportError]]] = {
    httpcore.ConnectError: httpx.ConnectError,
    httpcore.ConnectTimeout: httpx.ConnectTimeout,
    httpcore.LocalProtocolError: httpx.LocalProtocolError,
    httpcore.PoolTimeout: httpx.PoolTimeout,
    httpcore.ProxyError: httpx.ProxyError,
    httpcore.ReadError: httpx.ReadError,
    httpcore.ReadTimeout: httpx.ReadTimeout,
    httpcore.RemoteProtocolError: httpx.RemoteProtocolError,
    httpcore.UnsupportedProtocol: httpx.UnsupportedProtocol,
    httpcore.WriteError: httpx.WriteError,
    httpcore.WriteTimeout: httpx.WriteTimeout,
}
ERRORS: Final = tuple(_KINDS)


def as_httpx(error: Exception) -> httpx.TransportError:
    """The same error, as httpx names it."""
    kind = next(_KINDS[known] for known in type(error).__mro__ if known in _KINDS)
    return kind(str(error))


def pool_options(tls: ssl.SSLContext | None, proxy: httpx.Proxy | None) -> dict[str, Any]:
    """What httpcore's pools are made with; one through a proxy is told which."""
    options: dict[str, Any] = {
        "ssl_context": tls,
        "max_connections": LIMITS.max_connections,
        "max_keepalive_connections": LIMITS.max_keepalive_connections,
        "keepalive_expiry": LIMITS.keepalive_expiry,
    }
    if proxy is None:
        return options
    url = httpcore.URL(
        scheme=proxy.url.raw_scheme, host=proxy.url.raw_host, port=proxy.url.port, target=b"/"
    )
    return {**options, "proxy_url": url, "proxy_auth": proxy.raw_auth}


def request_of(message: Message, timeout: float | Deadline) -> httpcore.Request:
    """A message as httpcore sends it; each step may take so many seconds, or until a deadline."""
    url, host = _address(message.url)
    headers: list[tuple[bytes, bytes]] = [(b"Host", host), *message.headers]
    if message.content or message.method not in {"GET", "HEAD"}:
        headers.append((b"Content-Length", b"%d" % len(message.content)))
    wait = timeout if isinstance(timeout, float) else timeout.remaining
    limits = {"connect": timeout, "read": timeout, "write": timeout, "pool": wait}
    return httpcore.Request(
        message.method,
        url,
        headers=headers,
        content=_Body(message.content),
        extensions={"timeout": limits},
    )


class _Body:
    """A body in one piece. httpcore's own is a generator, of which trio wants the end."""

    def __init__(self, content: bytes) -> None:
        self._left = [content]

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._left)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        if not self._left:
            raise StopAsyncIteration
        return self._left.pop()


@lru_cache(maxsize=256)
def _address(text: str) -> tuple[httpcore.URL, bytes]:
    url = httpx.URL(text)
    core = httpcore.URL(
        scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
    )
    return core, url.netloc
