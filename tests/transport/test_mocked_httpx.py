"""What a test mocks with a library for httpx never reaches the real host, whatever sends it."""

from __future__ import annotations

import functools
import socket
import sys
from typing import Any

import httpx
import pytest
import respx
from pytest_httpx import HTTPXMock

from moengage_personalize import ConnectionFailedError, PersonalizeClient
from moengage_personalize.emulator import Emulator
from moengage_personalize.transport.backends.mocked_httpx import is_mocked
from support import Driver

LISTING = {
    "metadata": {
        "count": 1,
        "experiences": [
            {"experience_name": "Mocked", "experience_key": "mocked", "status": "Active"}
        ],
    }
}
PATH = "/experiences/metadata"


def names(listing: Any) -> list[str]:
    return [one.experience_name for one in listing]


@pytest.mark.parametrize("using", ["httpcore", "httpx"])
def test_respx_answers(emulator: Emulator, call: Driver, using: str) -> None:
    """In either of its ways to mock."""
    with respx.mock(using=using) as mock:
        mock.get(emulator.base_url + PATH).respond(json=LISTING)
        assert names(call(emulator.base_url, "metadata")) == ["Mocked"]
    assert emulator.requests == []


def test_pytest_httpx_answers(emulator: Emulator, call: Driver, httpx_mock: HTTPXMock) -> None:
    """It replaces the transport of httpx, which none of our backends has."""
    httpx_mock.add_response(url=emulator.base_url + PATH, json=LISTING)
    assert names(call(emulator.base_url, "metadata")) == ["Mocked"]
    assert emulator.requests == []


def test_what_respx_does_not_know_is_not_sent(emulator: Emulator, call: Driver) -> None:
    """The error has the words of respx."""
    with respx.mock, pytest.raises(ConnectionFailedError, match="not mocked"):
        call(emulator.base_url, "metadata", retries=0)
    assert emulator.requests == []


def test_what_respx_lets_pass_reaches_its_host(emulator: Emulator, call: Driver) -> None:
    """Some tests mock another API, and have this one on loopback."""
    with respx.mock as mock:
        mock.route(host="127.0.0.1").pass_through()
        assert call(emulator.base_url, "metadata")
    assert len(emulator.requests) == 1


def test_a_client_made_before_is_mocked_for_as_long_as_the_mock(
    emulator: Emulator, transport: str
) -> None:
    """As an application's one client, which outlives the test."""
    with PersonalizeClient(
        emulator.workspace_id, emulator.api_key, base_url=emulator.base_url
    ) as client:
        client.metadata()
        with respx.mock as mock:
            mock.get(emulator.base_url + PATH).respond(json=LISTING)
            assert names(client.metadata()) == ["Mocked"], transport
        client.metadata()
    assert len(emulator.requests) == 2


@pytest.mark.parametrize("part", ["class", "connect"])
def test_sockets_that_a_test_blocks_are_used(
    emulator: Emulator, transport: str, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    """As by pytest-socket, after the application has made its client, and in Rust's stead."""

    def refuse(*_: object) -> None:
        raise PermissionError("the test uses a socket")

    with PersonalizeClient(
        emulator.workspace_id, emulator.api_key, base_url=emulator.base_url, retries=0
    ) as client:
        blocked = type("Blocked", (socket.socket,), {"__new__": refuse, "__module__": "guard"})
        if part == "class":
            monkeypatch.setattr(socket, "socket", blocked)
        else:
            monkeypatch.setattr(socket.socket, "connect", refuse)
        with pytest.raises(ConnectionFailedError, match="the test uses a socket"):
            client.metadata()
    assert emulator.requests == [], transport


def test_an_injected_transport_stays_the_one(emulator: Emulator) -> None:
    """The caller's own is as explicit as a mock, and nearer."""
    own = httpx.MockTransport(lambda _: httpx.Response(200, json=LISTING))
    with (
        respx.mock,
        PersonalizeClient("WORKSPACE", "KEY", base_url=emulator.base_url, transport=own) as client,
    ):
        assert names(client.metadata()) == ["Mocked"]


def test_a_wrapped_function_counts_as_a_mock_only_where_vcr_is_loaded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """VCR.py keeps the name and module of what it replaces, and so does what traces production."""
    for library in ("respx", "pytest_httpx"):
        monkeypatch.delitem(sys.modules, library)
    replaced = functools.wraps(httpx.HTTPTransport.handle_request)(lambda *_: None)
    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", replaced)
    assert not is_mocked()
    monkeypatch.setitem(sys.modules, "vcr", sys)
    assert is_mocked()
