"""`doctor` on the network: name lookup, TCP, TLS and proxies, each within its time."""

from __future__ import annotations

import contextlib
import socket
import ssl
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from moengage_personalize.cli.doctor.findings import Status
from moengage_personalize.cli.doctor.network import network_checks
from support import Handler, ScriptedServer, Stopwatch, http

Serve = Callable[[Handler], ScriptedServer]


def test_unknown_name_fails_the_lookup(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the system's own words."""

    def refuse(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    checks = network_checks("https://sdk-03.example/v1", 1.0)
    assert [check.status for check in checks] == [Status.FAILED, Status.SKIPPED, Status.SKIPPED]
    assert "Name or service not known" in checks[0].detail


@pytest.mark.parametrize("blocking", ["getaddrinfo", "create_connection"])
def test_silence_ends_in_time(monkeypatch: pytest.MonkeyPatch, blocking: str) -> None:
    """Of the name server and of the host."""

    def stay_silent(*_: object, **__: object) -> None:
        time.sleep(2)

    monkeypatch.setattr(socket, blocking, stay_silent)
    with Stopwatch() as stopwatch:
        checks = network_checks("https://127.0.0.1:1/v1", 0.2)
    assert stopwatch.own_seconds < 1
    assert sum(check.status is Status.FAILED for check in checks) == 1
    assert any("no answer within 0.2 s" in check.detail for check in checks)


@pytest.mark.usefixtures("no_proxy")
@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "ALL_PROXY"])
def test_way_through_a_proxy_is_checked_up_to_the_proxy(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    """As the client goes it; the proxy's password does not show."""
    server = serve(lambda _, __: None)
    port = server.base_url.removesuffix("/v1").rpartition(":")[2]
    monkeypatch.setenv(variable, f"http://user:hush@127.0.0.1:{port}")
    checks = network_checks("https://sdk-03.moengage.com/v1", 1.0)
    assert [check.status for check in checks] == [Status.OK, Status.OK, Status.SKIPPED]
    assert f"proxy 127.0.0.1, port {port}" in checks[1].detail
    assert "hush" not in repr(checks)


@pytest.fixture
def secured(certificate: tuple[Path, Path], serve: Serve) -> ScriptedServer:
    """A server that speaks TLS with that certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)

    def shake_hands(peer: socket.socket, _: ScriptedServer) -> None:
        peer.settimeout(5)
        with contextlib.suppress(OSError), context.wrap_socket(peer, server_side=True) as secure:
            secure.recv(1)

    return serve(shake_hands)


def over_tls(server: ScriptedServer, host: str) -> str:
    return server.base_url.replace("http:", "https:").replace("127.0.0.1", host)


@pytest.mark.usefixtures("no_proxy")
def test_trusted_certificate_shows_its_days(
    secured: ScriptedServer, certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Trusted as the client trusts: SSL_CERT_FILE counts."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    check = network_checks(over_tls(secured, "localhost"), 2.0)[-1]
    assert (check.status, check.detail) == (Status.OK, "valid for 29 more days")


def test_untrusted_certificate_fails(secured: ScriptedServer) -> None:
    """With the reason and where to look."""
    check = network_checks(over_tls(secured, "localhost"), 2.0)[-1]
    assert check.status is Status.FAILED
    assert "self-signed" in check.detail.replace(" ", "-")
    assert "SSL_CERT_FILE" in check.advice


def test_certificate_of_another_host_fails(
    secured: ScriptedServer, certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though its authority is trusted."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    check = network_checks(over_tls(secured, "127.0.0.1"), 2.0)[-1]
    assert check.status is Status.FAILED
    assert "127.0.0.1" in check.detail


def test_peer_that_speaks_no_tls_fails(serve: Serve) -> None:
    """As a plain http server on the port does."""
    server = serve(lambda peer, _: peer.sendall(http(400)))
    check = network_checks(over_tls(server, "127.0.0.1"), 2.0)[-1]
    assert check.status is Status.FAILED
    assert "no answer" not in check.detail


def test_silent_handshake_ends_in_time(serve: Serve) -> None:
    """The peer accepts the connection and says nothing."""

    def stay_silent(_: socket.socket, server: ScriptedServer) -> None:
        server.stopped.wait(10)

    server = serve(stay_silent)
    with Stopwatch() as stopwatch:
        check = network_checks(over_tls(server, "127.0.0.1"), 0.3)[-1]
    assert stopwatch.own_seconds < 1.5
    assert check.detail == "no answer within 0.3 s"


def test_missing_trust_store_is_told(
    secured: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Instead of a traceback."""
    monkeypatch.setenv("SSL_CERT_FILE", "missing.pem")
    check = network_checks(over_tls(secured, "localhost"), 1.0)[-1]
    assert check.status is Status.FAILED
    assert "No such file" in check.detail
