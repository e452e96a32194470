"""Checks name lookup, TCP and TLS one by one, each with a time limit.

They connect as the client does. If it uses a proxy, name lookup and TCP check the proxy, and the
call that follows checks TLS.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

import attrs

from moengage_personalize.data_centers import is_loopback
from moengage_personalize.errors import InvalidArgumentError
from moengage_personalize.transport.backends.environment import proxy_for, ssl_context_for
from moengage_personalize.transport.thread_timeout import run_with_timeout

from .findings import Check, Status

__all__ = ["NAMES", "network_checks"]

NAMES: Final = ("name lookup", "TCP connection", "TLS certificate")
_LOOKUP, _TCP, _TLS = NAMES
_DAY: Final = 86_400
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


@attrs.frozen
class _Peer:
    """The host that connections are opened to."""

    host: str
    port: int
    is_proxy: bool

    def __str__(self) -> str:
        return f"{'proxy ' if self.is_proxy else ''}{self.host}, port {self.port}"


def network_checks(base_url: str, seconds: float) -> list[Check]:
    """Check the connection to the host of a base URL; skip the rest after a failure.

    Args:
        base_url: The API's address.
        seconds: The longest time of each of the three checks.
    """
    checks: list[Check] = []
    for check in _steps(base_url, seconds):
        checks.append(check)
        if check.status is Status.FAILED:
            break
    skipped = NAMES[len(checks) :]
    return checks + [Check.skipped(name, "the host cannot be reached") for name in skipped]


def _steps(base_url: str, seconds: float) -> Iterator[Check]:
    try:
        peer = _peer(base_url)
    except ValueError:
        # The text does not repeat the address: it may contain a password.
        problem = "the proxy's address in the environment is not valid"
        yield Check.failed(_LOOKUP, problem, "correct HTTPS_PROXY or ALL_PROXY")
        return
    yield _look_up(peer, seconds)
    yield _connect(peer, seconds)
    yield _shake_hands(base_url, peer, seconds)


def _peer(base_url: str) -> _Peer:
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    direct = _Peer(host, parts.port or _DEFAULT_PORTS[parts.scheme], is_proxy=False)
    proxy = proxy_for(base_url)
    if proxy is None:
        return direct
    url = proxy.url
    return _Peer(url.host, url.port or _DEFAULT_PORTS[url.scheme], is_proxy=True)


def _look_up(peer: _Peer, seconds: float) -> Check:
    try:
        found = run_with_timeout(
            lambda: socket.getaddrinfo(peer.host, peer.port, type=socket.SOCK_STREAM), seconds
        )
    except TimeoutError:
        problem = f"no answer within {seconds:g} s"
    except OSError as error:
        problem = str(error.strerror)
    else:
        count = len({address[4][0] for address in found})
        return Check.ok(_LOOKUP, f"{peer.host} has {count} address{'es' * (count > 1)}")
    return Check.failed(
        _LOOKUP,
        f"{peer.host}: {problem}",
        "check the spelling of the host, and this machine's DNS",
    )


def _connect(peer: _Peer, seconds: float) -> Check:
    start = time.monotonic()
    try:
        run_with_timeout(lambda: _open(peer, seconds).close(), seconds)
    except TimeoutError:
        problem = f"no answer within {seconds:g} s"
    except OSError as error:
        problem = str(error.strerror or error)
        if isinstance(error, ConnectionRefusedError) and is_loopback(peer.host):
            return Check.failed(
                _TCP,
                f"nothing listens on port {peer.port} of this machine",
                "start the server, for example with moengage-personalize emulate, or correct the "
                "port in the base URL",
            )
    else:
        return Check.ok(_TCP, f"{peer} in {(time.monotonic() - start) * 1000:.0f} ms")
    return Check.failed(
        _TCP,
        f"{peer}: {problem}",
        "check that no firewall blocks it; if this machine needs a proxy, set HTTPS_PROXY",
    )


def _shake_hands(base_url: str, peer: _Peer, seconds: float) -> Check:
    if base_url.startswith("http:"):
        return Check.skipped(_TLS, "plain http, to this machine")
    if peer.is_proxy:
        return Check.skipped(_TLS, "behind a proxy; the credentials check goes through it")
    try:
        days = run_with_timeout(lambda: _days_left(base_url, peer, seconds), seconds)
    except TimeoutError:
        problem = f"no answer within {seconds:g} s"
    except ssl.SSLCertVerificationError as error:
        problem = error.verify_message
    except InvalidArgumentError as error:
        problem = str(error)
    except OSError as error:
        problem = str(error.strerror or error)
    else:
        return Check.ok(_TLS, f"valid for {days} more day{'s' * (days != 1)}")
    return Check.failed(
        _TLS,
        problem,
        "check this machine's clock and trusted certificates; if a proxy decrypts TLS, set "
        "SSL_CERT_FILE to a file that also has the proxy's CA certificate",
    )


def _open(peer: _Peer, seconds: float) -> socket.socket:
    return socket.create_connection((peer.host, peer.port), timeout=seconds)


def _days_left(base_url: str, peer: _Peer, seconds: float) -> int:
    context = ssl_context_for(base_url)
    assert context is not None  # noqa: S101  (it is https)
    with (
        _open(peer, seconds) as connection,
        context.wrap_socket(connection, server_hostname=peer.host) as secured,
    ):
        certificate = secured.getpeercert() or {}
    expiry = ssl.cert_time_to_seconds(str(certificate["notAfter"]))
    return int(expiry - time.time()) // _DAY
