"""The blocking client's connections: httpcore's pool on sockets that keep to the budget."""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterable, Iterator
from typing import Any, Final
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpcore
import httpx

from .data_centers import is_loopback
from .errors import InvalidArgumentError
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

    def __init__(self, base_url: str, limits: httpx.Limits) -> None:
        self._limits = limits
        self._tls = ssl_context(base_url)
        self._proxy = _proxy(base_url)
        self._pool = self._open()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request over a pooled connection."""
        if self._process != os.getpid():
            self._pool = self._open()
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
            response = self._pool.handle_request(inner)
        except tuple(_ERRORS) as error:
            raise _ERRORS[type(error)](str(error)) from error
        return httpx.Response(
            response.status,
            headers=response.headers,
            stream=_Stream(response),
            extensions=response.extensions,  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]  (a bare dict)
        )

    def close(self) -> None:
        """Close all connections."""
        self._pool.close()

    def _open(self) -> httpcore.ConnectionPool:
        self._process = os.getpid()
        options: dict[str, Any] = {
            "ssl_context": self._tls,
            "network_backend": BudgetedBackend(),
            "max_connections": self._limits.max_connections,
            "max_keepalive_connections": self._limits.max_keepalive_connections,
            "keepalive_expiry": self._limits.keepalive_expiry,
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


class _Stream(httpx.SyncByteStream):
    def __init__(self, response: httpcore.Response) -> None:
        self._response = response

    def __iter__(self) -> Iterator[bytes]:
        stream = self._response.stream
        assert isinstance(stream, Iterable)  # noqa: S101  (a blocking pool gives nothing else)
        try:
            yield from stream
        except tuple(_ERRORS) as error:
            raise _ERRORS[type(error)](str(error)) from error

    def close(self) -> None:
        self._response.close()


def ssl_context(base_url: str) -> ssl.SSLContext | None:
    """The trust settings that httpx uses, `SSL_CERT_FILE` included; none for plain http."""
    return httpx.create_ssl_context() if base_url.startswith("https:") else None


def _proxy(base_url: str) -> httpx.Proxy | None:
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    if is_loopback(host) or proxy_bypass(host):
        return None
    proxies = getproxies()
    address = proxies.get(parts.scheme) or proxies.get("all")
    if address is None:
        return None
    address = address if "://" in address else f"http://{address}"
    if not address.startswith(("http://", "https://")):
        raise InvalidArgumentError(
            "only http and https proxies are supported; for another kind, inject an httpx client",
            field="https_proxy (environment)",
        )
    return httpx.Proxy(address)
