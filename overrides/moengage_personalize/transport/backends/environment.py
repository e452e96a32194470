"""How a host is reached from this machine: connections, trust settings and proxies."""

from __future__ import annotations

import os
import ssl
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx

from moengage_personalize.data_centers import is_loopback
from moengage_personalize.errors import InvalidArgumentError

__all__ = [
    "LIMITS",
    "names_certificates",
    "proxy_for",
    "ssl_context_for",
    "trusted_certificates",
]

LIMITS: Final = httpx.Limits(
    max_connections=100, max_keepalive_connections=100, keepalive_expiry=30.0
)
"""Connections of one client, and seconds that an idle one is kept."""


def ssl_context_for(base_url: str) -> ssl.SSLContext | None:
    """The trust settings that httpx uses, `SSL_CERT_FILE` included; none for plain http.

    Raises:
        InvalidArgumentError: `SSL_CERT_FILE` or `SSL_CERT_DIR` cannot be read.
    """
    if not base_url.startswith("https:"):
        return None
    try:
        return httpx.create_ssl_context()
    except OSError as error:
        raise InvalidArgumentError(
            f"the trusted certificates cannot be read: {error}",
            field="SSL_CERT_FILE, SSL_CERT_DIR (environment)",
        ) from error


def names_certificates() -> bool:
    """Whether the environment says whom to trust."""
    return bool(os.environ.get("SSL_CERT_FILE") or os.environ.get("SSL_CERT_DIR"))


def trusted_certificates(base_url: str) -> list[bytes]:
    """The certificates, as PEM text, that httpx trusts by itself: none where the environment says.

    For a library that trusts the system's and what `SSL_CERT_FILE` and `SSL_CERT_DIR` name, but
    would trust nobody in a container that lacks these.
    """
    if names_certificates() or not base_url.startswith("https:"):
        return []
    import certifi  # noqa: PLC0415  (httpx's own dependency; it too loads it late)

    end = b"-----END CERTIFICATE-----\n"
    text = Path(certifi.where()).read_bytes()
    return [part + end for part in text.split(end)[:-1]]


def proxy_for(base_url: str) -> httpx.Proxy | None:
    """The proxy that `https_proxy`, `http_proxy`, `all_proxy` and `no_proxy` name for an address.

    Raises:
        InvalidArgumentError: It is malformed, or of a kind other than http and https.
    """
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    if is_loopback(host) or proxy_bypass(host):
        return None
    proxies = getproxies()
    address = proxies.get(parts.scheme) or proxies.get("all")
    if not address:
        return None
    address = address if "://" in address else f"http://{address}"
    try:
        if address.startswith(("http://", "https://")):
            return httpx.Proxy(address)
    except httpx.InvalidURL:
        pass
    raise InvalidArgumentError(
        "only well-formed http and https proxies are supported; for another kind, inject an httpx "
        "client of your own",
        field=f"{parts.scheme}_proxy or all_proxy (environment)",
    )
