"""The blocking client's connections: httpcore's pool on sockets that keep to the budget."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import Any, Final

import httpcore
import httpx

from .connecting import LIMITS, proxy_for, ssl_context_for
from .network import BudgetedBackend

__all__ = ["PooledTransport"]

_ERRORS: Final[dict[type[Exception], type[httpx.TransportError]]] = {
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


class PooledTransport(httpx.BaseTransport):
    """Kept-alive connections to one host, through the environment's proxy where it names one.

    A child process made by `fork` opens connections of its own.
    """

    def __init__(self, base_url: str) -> None:
        self._tls = ssl_context_for(base_url)
        self._proxy = proxy_for(base_url)
        self._of_process = (os.getpid(), self._open())

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request over a pooled connection."""
        process, pool = self._of_process
        if process != os.getpid():
            pool = self._open()
            self._of_process = (os.getpid(), pool)
        inner = httpcore.Request(
            method=request.method,
            url=httpcore.URL(
                scheme=request.url.raw_scheme,
                host=request.url.raw_host,
                port=request.url.port,
                target=request.url.raw_path,
            ),
            headers=request.headers.raw,
            content=request.read(),
            extensions=request.extensions,
        )
        try:
            response = pool.handle_request(inner)
        except tuple(_ERRORS) as error:
            raise _as_httpx(error) from error
        return httpx.Response(
            response.status,
            headers=response.headers,
            stream=_Stream(response),
            extensions=response.extensions,  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]  (a bare dict)
        )

    def close(self) -> None:
        """Close all connections."""
        self._of_process[1].close()

    def _open(self) -> httpcore.ConnectionPool:
        options: dict[str, Any] = {
            "ssl_context": self._tls,
            "network_backend": BudgetedBackend(),
            "max_connections": LIMITS.max_connections,
            "max_keepalive_connections": LIMITS.max_keepalive_connections,
            "keepalive_expiry": LIMITS.keepalive_expiry,
        }
        if self._proxy is None:
            return httpcore.ConnectionPool(**options)
        return httpcore.HTTPProxy(
            httpcore.URL(
                scheme=self._proxy.url.raw_scheme,
                host=self._proxy.url.raw_host,
                port=self._proxy.url.port,
                target=b"/",
            ),
            proxy_auth=self._proxy.raw_auth,
            **options,
        )


def _as_httpx(error: Exception) -> httpx.TransportError:
    kind = next(_ERRORS[known] for known in type(error).__mro__ if known in _ERRORS)
    return kind(str(error))


class _Stream(httpx.SyncByteStream):
    def __init__(self, response: httpcore.Response) -> None:
        self._response = response

    def __iter__(self) -> Iterator[bytes]:
        stream = self._response.stream
        assert isinstance(stream, Iterable)  # noqa: S101  (a blocking pool gives nothing else)
        try:
            yield from stream
        except tuple(_ERRORS) as error:
            raise _as_httpx(error) from error

    def close(self) -> None:
        self._response.close()
