"""The connection limits, trusted certificates and proxies of this machine."""

from __future__ import annotations

import ipaddress
import os
import re
import socket
import ssl
from pathlib import Path
from types import FunctionType
from typing import Final
from urllib.parse import SplitResult, urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx

from moengage_personalize.data_centers import is_loopback
from moengage_personalize.errors import InvalidArgumentError

__all__ = [
    "LIMITS",
    "has_patched_sockets",
    "names_certificates",
    "proxy_for",
    "ssl_context_for",
    "trusted_certificates",
]

LIMITS: Final = httpx.Limits(
    max_connections=100, max_keepalive_connections=100, keepalive_expiry=30.0
)
"""The most connections of one client, and how long an idle one is kept, in seconds."""
_HOST: Final = re.compile(r"([\w-]{1,63}\.)*[\w-]{1,63}\.?|.*:.*")
"""A name or an IPv4 address; or an IPv6 address, which httpx checks."""


def has_patched_sockets() -> bool:
    """Return whether a library has replaced Python's sockets, which Rust code would not use.

    Under gevent, a wait in Rust blocks every greenlet. pytest-socket would block nothing.
    """
    connect: object = socket.socket.connect
    return socket.socket.__module__ != "socket" or isinstance(connect, FunctionType)


def ssl_context_for(base_url: str) -> ssl.SSLContext | None:
    """Return httpx's trust settings, including `SSL_CERT_FILE`; None for plain http.

    Raises:
        InvalidArgumentError: `SSL_CERT_FILE`, `SSL_CERT_DIR` or `SSLKEYLOGFILE` is unusable.
    """
    if not base_url.startswith("https:"):
        return None
    try:
        return httpx.create_ssl_context()
    except OSError as error:
        what, name = "the trusted certificates cannot be read", "SSL_CERT_FILE, SSL_CERT_DIR"
        if error.filename == os.environ.get("SSLKEYLOGFILE", ""):
            what, name = "the log of TLS keys cannot be opened", "SSLKEYLOGFILE"
        raise InvalidArgumentError(f"the {what}: {error}", field=f"{name} (environment)") from error


def names_certificates() -> bool:
    """Return whether the environment names trusted certificates."""
    return bool(os.environ.get("SSL_CERT_FILE") or os.environ.get("SSL_CERT_DIR"))


def trusted_certificates(base_url: str) -> list[bytes]:
    """Return httpx's own certificates as PEM text; none if the environment names others.

    For a library that trusts the system's certificates and those of `SSL_CERT_FILE` and
    `SSL_CERT_DIR`. In a container without these it would trust no server.
    """
    if names_certificates() or not base_url.startswith("https:"):
        return []
    import certifi  # noqa: PLC0415  (httpx's own dependency; it too loads it late)

    end = b"-----END CERTIFICATE-----\n"
    text = Path(certifi.where()).read_bytes()
    return [part + end for part in text.split(end)[:-1]]


def proxy_for(base_url: str) -> httpx.Proxy | None:
    """Return the proxy for an address from `https_proxy`, `http_proxy`, `all_proxy`, `no_proxy`.

    Raises:
        InvalidArgumentError: It is malformed, or neither an http nor an https proxy.
    """
    parts = urlsplit(base_url)
    proxies = getproxies()
    address = proxies.get(parts.scheme) or proxies.get("all")
    if not address or _is_exempt(parts, proxies.get("no", "")):
        return None
    try:
        proxy = httpx.Proxy(address if "://" in address else f"http://{address}")
        is_http = proxy.url.scheme in {"http", "https"} and (proxy.url.port or 0) < 2**16
        if is_http and _HOST.fullmatch(proxy.url.host):
            return proxy
    except (httpx.InvalidURL, ValueError):
        pass
    raise InvalidArgumentError(
        "must be a valid address of an http or https proxy; for another kind, pass your own httpx "
        "client",
        field=f"{parts.scheme}_proxy or all_proxy (environment)",
    )


def _is_exempt(parts: SplitResult, no_proxy: str) -> bool:
    """Return whether `no_proxy` or the system's settings exclude an address from the proxy."""
    host = (parts.hostname or "").rstrip(".")
    port = parts.port or {"http": 80}.get(parts.scheme, 443)
    if is_loopback(host) or proxy_bypass(f"{host}:{port}"):
        return True
    entries = no_proxy.lower().replace(",", " ").split()
    return any(_names(entry, parts.scheme, host, port) for entry in entries)


def _names(entry: str, scheme: str, host: str, port: int) -> bool:
    """Return whether an entry of `no_proxy` matches an address, in any form of curl or httpx."""
    wanted, _, entry = entry.rpartition("://")
    if wanted not in {"", "all", scheme}:
        return False
    if entry == "*" or _holds(entry, host):
        return True
    name, separator, digits = entry.rpartition(":")
    if separator and digits != str(port):
        return False
    entry = name or entry
    name = entry.removeprefix("*").strip(".")
    return bool(name) and (host == name or host.endswith(f".{name}") or _holds(entry, host))


def _holds(entry: str, host: str) -> bool:
    """Return whether an entry is the host's IP address, or a network that contains it."""
    try:
        network = ipaddress.ip_network(entry.strip("[]"), strict=False)
        return ipaddress.ip_address(host) in network
    except ValueError:
        return False
