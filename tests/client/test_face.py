"""The public face: what is there, the same in both clients, and how it behaves around a call."""

from __future__ import annotations

import inspect
import logging
import multiprocessing
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import anyio
import httpx
import pytest

import moengage_personalize
from moengage_personalize import (
    AsyncPersonalizeClient,
    ClientClosedError,
    Event,
    InvalidArgumentError,
    PersonalizeClient,
    ServerError,
    Visitor,
)
from moengage_personalize.emulator import Emulator
from support import CONTEXT, Driver, Handler, ScriptedServer, experiences, http

Answering = Callable[..., ScriptedServer]


def public(kind: type) -> dict[str, Any]:
    return {name: value for name, value in vars(kind).items() if not name.startswith("_")}


SAID_OTHERWISE = {
    # The httpx object that a caller brings is an async one.
    "httpx.AsyncClient": "httpx.Client",
    "httpx.AsyncBaseTransport": "httpx.BaseTransport",
    # Connections belong to one event loop.
    "Make one per event loop; tasks may share it.": "Make one per process; threads may share it.",
    # Its context manager and `close` are awaited.
    "Use it with `async with`, or await `close`,": "Use it as a context manager, or `close` it,",
    "__aenter__": "__enter__",
    "__aexit__": "__exit__",
}
NOT_AWAITED = {
    "__init__": "makes an object",
    "__repr__": "describes one",
    "_deadline": "begins no call",
    "api": "a property; what it gives has functions of both kinds",
    "disabled": "makes an object",
    "from_env": "makes an object",
}


def test_both_clients_have_the_same_methods_signatures_and_docstrings() -> None:
    """But for what the tables name, with the reason: drift fails by name."""
    sync_members, async_members = described(PersonalizeClient), described(AsyncPersonalizeClient)
    assert list(sync_members) == list(async_members)
    for name, member in sync_members.items():
        assert async_members[name] == member, name


def test_every_method_that_waits_is_awaited() -> None:
    """A method that forgot to would block the event loop, or give a coroutine to nobody."""
    for name, member in vars(AsyncPersonalizeClient).items():
        if callable(member) or isinstance(member, property | classmethod):
            assert inspect.iscoroutinefunction(member) != (name in NOT_AWAITED), name


def described(kind: type) -> dict[str, tuple[str, ...]]:
    """The signature and the docstring of each member, as the sync client would say them."""
    members: dict[str, Any] = {"": kind, **vars(kind)}
    found: dict[str, tuple[str, ...]] = {}
    for name, member in members.items():
        if not name or callable(member) or isinstance(member, property | classmethod):
            function: Any = member.fget if isinstance(member, property) else member
            function = getattr(function, "__func__", function)
            told = [name, str(inspect.signature(function)), inspect.getdoc(member) or ""]
            for said, otherwise in SAID_OTHERWISE.items():
                told = [text.replace(said, otherwise) for text in told]
            found[told[0]] = tuple(told[1:])
    return found


def test_every_public_name_is_documented() -> None:
    """With its units, limits and errors, as far as a test can see: it has a docstring."""
    for name in moengage_personalize.__all__:
        assert inspect.getdoc(getattr(moengage_personalize, name)), name
    for kind in (PersonalizeClient, AsyncPersonalizeClient, Event):
        for name, value in public(kind).items():
            if callable(value) or isinstance(value, property | classmethod):
                assert inspect.getdoc(value), f"{kind.__name__}.{name}"


def test_importing_the_package_imports_nothing_of_an_extra() -> None:
    """Nor what only one of the two clients needs; httpx itself loads rich where it is there."""
    program = """
import sys, httpx
before = set(sys.modules)
from moengage_personalize import AsyncPersonalizeClient, Event, PersonalizeClient, TrackingTokens
print(*(set(sys.modules) - before))
"""
    loaded = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout.split()
    assert "moengage_personalize.client.sync_client" in loaded
    extras = {"typer", "rich", "starlette", "uvicorn", "jsonschema_rs", "ruamel", "pytest"}
    extras |= {"pyreqwest", "redis"}
    late = {"anyio", "asyncio", "httpcore", "dateutil", "itsdangerous", "sqlite3"}
    assert not (extras | late) & set(loaded)


def test_every_name_can_be_imported_without_an_extra() -> None:
    """A star takes all of them but those of an extra that is not there."""
    program = """
import sys
sys.modules["redis"] = None
from moengage_personalize import *
print(PersonalizeClient.__name__, "RedisSpool" in dir())
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["PersonalizeClient", "False"]
    assert "RedisSpool" in moengage_personalize.__all__


def test_importing_the_package_loads_nothing_that_is_not_used() -> None:
    """An application pays for the names that it asks for."""
    program = "import sys, moengage_personalize; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout.split()
    assert "moengage_personalize" in loaded
    assert not {"httpx", "attrs", "moengage_personalize_api"} & set(loaded)


@pytest.mark.parametrize("kind", ["http_client", "transport"])
@pytest.mark.parametrize("awaited", [False, True])
def test_an_httpx_object_of_the_callers_is_used(kind: str, awaited: bool) -> None:  # noqa: FBT001  (a parameter of the test)
    """For another TLS setup, a proxy, a recording, a mock."""
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(503) if len(seen) == 1 else httpx.Response(200, json=experiences("a"))

    mock = httpx.MockTransport(answer)
    made: Any = mock
    if kind == "http_client":
        make = httpx.AsyncClient if awaited else httpx.Client
        made = make(transport=mock, headers={"X-Mine": "1"}, auth=("other", "credentials"))
    driver = Driver("asyncio" if awaited else "sync")
    found = driver("https://sdk-03.moengage.com/v1", "fetch", "a", **{kind: made})
    assert list(found) == ["a"]
    assert [str(request.url) for request in seen] == [
        "https://sdk-03.moengage.com/v1/experiences/fetch"
    ] * 2
    assert seen[1].headers["MOE-APPKEY"] == "EMULATED_WORKSPACE"
    assert seen[1].headers["Authorization"].startswith("Basic RU1V")
    if kind == "http_client":
        assert seen[1].headers["X-Mine"] == "1"
        assert not made.is_closed


def test_two_injected_objects_are_refused() -> None:
    """One of them would be ignored."""
    with pytest.raises(InvalidArgumentError, match="http_client, transport: give only one"):
        PersonalizeClient(
            "W",
            "K",
            data_center=3,
            http_client=httpx.Client(),
            transport=httpx.HTTPTransport(),
        )


@pytest.mark.parametrize("retries", [-1, 1.5, True, None])
def test_a_wrong_number_of_retries_is_refused(retries: Any) -> None:
    """It is how many attempts may follow the first."""
    with pytest.raises(InvalidArgumentError, match="retries"):
        PersonalizeClient("W", "K", data_center=3, retries=retries)


def test_no_secret_appears_in_any_repr_log_line_or_error(
    call: Driver, answering: Answering, caplog: pytest.LogCaptureFixture
) -> None:
    """Credentials, customers and addresses, with every logger at its most talkative."""
    caplog.set_level(logging.DEBUG)
    visitor = Visitor(
        "user_8821",
        session_id="session_8821",
        identifiers={"u_em": "jane@example.com"},
        user_agent="UA",
        ip_address="203.0.113.7",
    )
    texts: list[str] = [repr(visitor)]
    server = answering(experiences("a"), http(400, {"title": "x", "description": "y"}))
    found = call(server.base_url, "fetch", "a", visitor=visitor)
    texts += [repr(found), repr(found["a"]), repr(found["a"].payload)]
    try:
        call(server.base_url, "shown", CONTEXT, visitor="user_8821")
    except moengage_personalize.PersonalizeError as error:
        texts += [str(error), repr(error), repr(error.undelivered)]
    for client in (
        PersonalizeClient("EMULATED_WORKSPACE", "EMULATED_KEY", data_center=3),
        AsyncPersonalizeClient("EMULATED_WORKSPACE", "EMULATED_KEY", data_center=3),
    ):
        texts += [repr(client), repr(client.api), repr(vars(client)), repr(client._settings)]
    text = "\n".join([*texts, caplog.text])
    assert "experiences/fetch" in caplog.text
    for secret in ("EMULATED_", "RU1VTEF", "_8821", "jane", "203.0.113"):  # a port may have digits
        assert secret not in text


def test_a_client_may_be_closed_and_says_so_afterwards(emulator: Emulator) -> None:
    """With an error of the tree; a page shows its default."""
    client = PersonalizeClient(emulator.workspace_id, emulator.api_key, base_url=emulator.base_url)
    client.metadata()
    client.close()
    client.close()
    with pytest.raises(ClientClosedError, match="closed"):
        client.metadata()
    with pytest.raises(ClientClosedError):
        client.fetch("a")


def test_a_forked_child_opens_its_own_connections(emulator: Emulator) -> None:
    """A preloading server forks after its first call; shared sockets would mix up answers."""
    with PersonalizeClient(
        emulator.workspace_id, emulator.api_key, base_url=emulator.base_url
    ) as client:
        client.metadata()

        def work() -> None:
            os._exit(0 if len(client.metadata()) else 1)

        children = [multiprocessing.get_context("fork").Process(target=work) for _ in range(3)]
        for child in children:
            child.start()
        assert client.metadata()
        for child in children:
            child.join(10)
        assert [child.exitcode for child in children] == [0, 0, 0]
        assert client.metadata()


def test_threads_may_share_a_client(client: PersonalizeClient, emulator: Emulator) -> None:
    """Each call has its own budget, and its own answer."""
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415  (for this test only)

    def ask(number: int) -> bool:
        key = ("homepage-banner", "promo-strip")[number % 2]
        return set(client.fetch(key, visitor="user_8821", timeout=5 + number)) <= {key}

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(ask, range(64)))
    assert len(emulator.requests) == 64


def test_the_environments_proxy_is_used_and_loopback_is_not_sent_there(
    answering: Answering, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the other clients of the machine do."""
    proxy = answering(http(502))
    address = proxy.base_url.removesuffix("/v1")
    for name in ("https_proxy", "http_proxy"):
        monkeypatch.setenv(name, address)
    for kind in ("sync", "asyncio"):
        with pytest.raises(moengage_personalize.ConnectionFailedError):
            Driver(kind)("https://sdk-03.moengage.com/v1", "metadata", retries=0)
    assert proxy.connections == 2
    direct = answering(experiences("a"))
    for kind in ("sync", "asyncio"):
        assert "a" in Driver(kind)(direct.base_url, "fetch", "a")
    assert proxy.connections == 2
    monkeypatch.setenv("https_proxy", "socks5://127.0.0.1:1")
    with pytest.raises(InvalidArgumentError, match="pass your own httpx client"):
        PersonalizeClient("W", "K", data_center=3)


def test_a_redirect_is_not_followed(call: Driver, answering: Answering) -> None:
    """It would carry the credentials to wherever the answer says."""
    elsewhere = answering(experiences("a"))
    server = answering(http(302, Location=elsewhere.base_url))
    with pytest.raises(moengage_personalize.UnexpectedStatusError):
        call(server.base_url, "fetch", "a")
    assert elsewhere.connections == 0


def test_an_outer_cancellation_passes_through(answering: Answering) -> None:
    """The caller's own time limit is not mistaken for the budget."""
    server = answering(http(503))

    async def ask() -> bool:
        async with AsyncPersonalizeClient(
            "W", "K", base_url=server.base_url, timeout=30, retries=50
        ) as client:
            with anyio.move_on_after(0.2) as scope:
                await client.metadata()
            return scope.cancelled_caught

    assert anyio.run(ask)


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_cancellation_during_a_request_passes_through(
    serve: Callable[[Handler], ScriptedServer], transport: Any, backend: str
) -> None:
    """The scope that asked for it recognizes it, and the client can be used afterwards."""
    answers = [b"", http(200, experiences("a"))]

    def handle(connection: socket.socket, server: ScriptedServer) -> None:
        server.read_request(connection)
        answer = answers.pop(0)
        if answer:
            connection.sendall(answer)
        else:
            server.stopped.wait(10)

    server = serve(handle)

    async def ask() -> bool:
        async with AsyncPersonalizeClient(
            "W", "K", base_url=server.base_url, timeout=30, transport=transport
        ) as client:
            with anyio.move_on_after(0.2) as scope:
                await client.fetch("a")
            return scope.cancelled_caught and "a" in await client.fetch("a")

    assert anyio.run(ask, backend=backend)


def test_the_same_answer_for_a_json_error_on_every_operation(
    call: Driver, answering: Answering
) -> None:
    """No operation has an error mapping of its own."""
    body = {"title": "Internal", "description": "odd", "code": "E1"}
    server = answering(http(500, body))
    event = Event.shown(CONTEXT, visitor="u")
    details = {"visitor": "u"}
    calls: list[tuple[str, Any, dict[str, str]]] = [
        ("fetch", "a", {}),
        ("metadata", "Active", {}),
        ("shown", CONTEXT, details),
        ("clicked", CONTEXT, details),
        ("report", [event], {}),
    ]
    for method, argument, options in calls:
        with pytest.raises(ServerError, match="500 Internal: odd") as caught:
            call(server.base_url, method, argument, retries=0, **options)
        assert caught.value.code == "E1"
