"""What is reached without a proxy: every form of `no_proxy` that curl or httpx knows."""

from __future__ import annotations

from typing import Any

import pytest

from moengage_personalize import PersonalizeClient
from moengage_personalize.transport.backends.environment import proxy_for
from moengage_personalize.transport.backends.httpcore_sync import HttpcoreBackend
from moengage_personalize.transport.backends.pyreqwest import PyreqwestBackend

HOST = "https://api.corp.test/v1"
PORT = "https://api.corp.test:8443/v1"
IPV4 = "https://10.1.2.3:8443/v1"
IPV6 = "https://[2001:db8::7]:8443/v1"
VARIABLES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@pytest.fixture(autouse=True)
def _through_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")


def proxy_of_client(base_url: str, transport: Any) -> object:
    with PersonalizeClient("W", "K", base_url=base_url, transport=transport) as client:
        backend = client._transport._backend
        if isinstance(backend, PyreqwestBackend):
            return backend._proxy
        assert isinstance(backend, HttpcoreBackend)
        return backend._proxy


@pytest.mark.parametrize(
    ("no_proxy", "base_url", "is_exempt"),
    [
        ("", HOST, False),
        (",", HOST, False),
        ("*", HOST, True),
        ("*", IPV6, True),
        ("api.corp.test", HOST, True),
        ("API.Corp.Test", HOST, True),
        ("api.corp.test", PORT, True),
        ("api.corp.test.", HOST, True),
        ("corp.test", HOST, True),
        (".corp.test", HOST, True),
        ("*.corp.test", HOST, True),
        ("orp.test", HOST, False),
        ("pi.corp.test", HOST, False),
        ("other.test", HOST, False),
        ("other.test, api.corp.test", HOST, True),
        ("other.test api.corp.test", HOST, True),
        ("api.corp.test:8443", PORT, True),
        (".corp.test:8443", PORT, True),
        ("api.corp.test:443", HOST, True),
        ("api.corp.test:8443", HOST, False),
        ("api.corp.test:443", PORT, False),
        ("https://api.corp.test", HOST, True),
        ("all://api.corp.test", HOST, True),
        ("http://api.corp.test", HOST, False),
        ("https://api.corp.test:8443", PORT, True),
        ("10.1.2.3", IPV4, True),
        ("10.1.2.3:8443", IPV4, True),
        ("10.1.2.3:443", IPV4, False),
        ("10.1.2.4", IPV4, False),
        ("10.0.0.0/8", IPV4, True),
        ("10.1.2.99/24", IPV4, True),
        ("192.168.0.0/16", IPV4, False),
        ("10.0.0.0/8", HOST, False),
        ("2001:db8::7", IPV6, True),
        ("2001:DB8:0:0::7", IPV6, True),
        ("[2001:db8::7]", IPV6, True),
        ("[2001:db8::7]:8443", IPV6, True),
        ("[2001:db8::7]:443", IPV6, False),
        ("2001:db8::/32", IPV6, True),
        ("2001:db8::8", IPV6, False),
    ],
)
def test_no_proxy_names_an_address_in_any_usual_form(
    monkeypatch: pytest.MonkeyPatch, no_proxy: str, base_url: str, *, is_exempt: bool
) -> None:
    """An entry names what it names to curl or to httpx."""
    monkeypatch.setenv("no_proxy", no_proxy)
    assert (proxy_for(base_url) is None) == is_exempt


@pytest.mark.parametrize("variable", ["no_proxy", "NO_PROXY"])
@pytest.mark.parametrize(("no_proxy", "is_exempt"), [("other.test", False), ("corp.test", True)])
def test_every_transport_keeps_to_it(
    monkeypatch: pytest.MonkeyPatch,
    transport: Any,
    variable: str,
    no_proxy: str,
    *,
    is_exempt: bool,
) -> None:
    """In small letters and in capitals."""
    monkeypatch.setenv(variable, no_proxy)
    assert (proxy_of_client(HOST, transport) is None) == is_exempt


@pytest.mark.parametrize("base_url", ["https://127.0.0.1:8443/v1", "https://[::1]:8443/v1"])
def test_this_machine_is_never_reached_through_a_proxy(base_url: str, transport: Any) -> None:
    """An emulator there is meant."""
    assert proxy_of_client(base_url, transport) is None
