"""Converts between our requests and responses and those of httpcore."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Self

import httpcore
import httpx

from moengage_personalize.transport.messages import Request, Response

from .environment import LIMITS, proxy_for, ssl_context_for

__all__ = ["HttpcoreBase", "received"]


class HttpcoreBase:
    """What both backends have: trust, proxy, and requests whose common part is prepared once."""

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url
        self._tls = ssl_context_for(base_url)
        self._proxy = proxy_for(base_url)
        self._head = lru_cache(maxsize=64)(_head)

    def _pool_options(self) -> dict[str, Any]:
        """Return the arguments of httpcore's pools, with the proxy if there is one."""
        options: dict[str, Any] = {
            "ssl_context": self._tls,
            "max_connections": LIMITS.max_connections,
            "max_keepalive_connections": LIMITS.max_keepalive_connections,
            "keepalive_expiry": LIMITS.keepalive_expiry,
        }
        if self._proxy is None:
            return options
        url = _url(self._proxy.url)
        return {**options, "proxy_url": url, "proxy_auth": self._proxy.raw_auth}

    def _made(self, request: Request, limits: Mapping[str, Any]) -> httpcore.Request:
        """Make a request for httpcore, with time limits for its steps."""
        url, headers = self._head(request.url, request.headers)
        if request.body or request.method not in {"GET", "HEAD"}:
            headers = [*headers, (b"Content-Length", b"%d" % len(request.body))]
        return httpcore.Request(
            request.method,
            url,
            headers=headers,
            content=_Body(request.body),
            extensions={"timeout": limits},
        )


def received(response: httpcore.Response) -> Response:
    """Convert httpcore's response to ours, without its body."""
    headers = {
        name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers
    }
    return Response(response.status, headers, encoding=headers.get("content-encoding"))


class _Body:
    """A body in one piece. httpcore's own is a generator, which trio requires to be closed."""

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


def _head(
    address: str, headers: tuple[tuple[str, str], ...]
) -> tuple[httpcore.URL, list[tuple[bytes, bytes]]]:
    url = httpx.URL(address)  # for IDNA, and to leave out a default port
    pairs = ((name.encode(), value.encode()) for name, value in headers)
    return _url(url), [(b"Host", url.netloc), *pairs]


def _url(url: httpx.URL) -> httpcore.URL:
    return httpcore.URL(
        scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
    )
