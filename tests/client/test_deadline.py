"""`timeout` is wall-clock, over everything that a call does."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import threading
import time
from collections.abc import Callable
from contextvars import copy_context
from typing import Any

import httpx
import pytest

from moengage_personalize import (
    AsyncPersonalizeClient,
    PersonalizeClient,
    RequestTimeoutError,
    ServerError,
    Visitor,
)
from moengage_personalize.transport.backends import addresses
from support import Driver, Handler, ScriptedServer, Stopwatch, experiences, http

Serve = Callable[[Handler], ScriptedServer]

TIMEOUT = 0.5
ALLOWED = 0.75


def hang(connection: socket.socket, server: ScriptedServer) -> None:
    """Accept, read, and never answer."""
    server.read_request(connection)
    server.stopped.wait(10)


def trickle(answer: bytes) -> Handler:
    """Answer a byte a second."""

    def handle(connection: socket.socket, server: ScriptedServer) -> None:
        server.read_request(connection)
        for byte in answer:
            connection.sendall(bytes([byte]))
            if server.stopped.wait(1):
                return

    return handle


def trickle_body(connection: socket.socket, server: ScriptedServer) -> None:
    """Send the headers at once and the body a byte a second."""
    server.read_request(connection)
    head, _, body = http(200, experiences("a")).partition(b"\r\n\r\n")
    connection.sendall(head + b"\r\n\r\n")
    for byte in body:
        connection.sendall(bytes([byte]))
        if server.stopped.wait(0.1):
            return


def read_nothing(_: socket.socket, server: ScriptedServer) -> None:
    """Accept and read nothing, so that a large request fills the buffers."""
    server.stopped.wait(10)


SLOW = pytest.mark.parametrize(
    "handle",
    [hang, trickle(http(200, experiences("a"))), trickle_body, read_nothing],
    ids=["never answers", "trickles the headers", "trickles the body", "never reads"],
)


@SLOW
def test_a_slow_server_cannot_hold_a_call_beyond_its_budget(
    call: Driver, serve: Serve, handle: Handler
) -> None:
    """The call raises in time."""
    with pytest.raises(RequestTimeoutError, match=r"within 0\.5 seconds"):
        call(serve(handle).base_url, "fetch", "a", timeout=TIMEOUT)
    assert call.seconds > TIMEOUT * 0.9
    assert call.own_seconds < ALLOWED


@SLOW
def test_a_slow_server_cannot_hold_a_page(call: Driver, serve: Serve, handle: Handler) -> None:
    """The call returns the default in time."""
    default = {"Title": "Welcome"}
    found = call(serve(handle).base_url, "experience", "a", None, default, timeout=TIMEOUT)
    assert found["Title"] == "Welcome"
    assert call.own_seconds < ALLOWED


@pytest.mark.filterwarnings("ignore:Async generator 'httpx:ResourceWarning")  # httpx on trio
def test_a_large_request_that_nobody_reads_ends_in_time(call: Driver, serve: Serve) -> None:
    """Sending has no time of its own either."""
    visitor = Visitor(attributes={"blob": "x" * 12_000_000})
    with Stopwatch() as writing:
        json.dumps(visitor.attributes["blob"])
    with pytest.raises(RequestTimeoutError):
        call(serve(read_nothing).base_url, "fetch", "a", timeout=TIMEOUT, visitor=visitor)
    assert call.own_seconds < ALLOWED + 3 * writing.seconds


def test_a_name_server_that_never_answers_counts(
    call: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name lookup is part of the budget, though nothing can interrupt it."""
    original = socket.getaddrinfo
    addresses._under_way.clear()  # the test before may have left the same one under way

    def slow(host: str | bytes, *args: Any, **options: Any) -> Any:
        if host in {"sdk-03.moengage.com", b"sdk-03.moengage.com"}:
            flags = args[4] if len(args) > 4 else options.get("flags", 0)
            if not flags & socket.AI_NUMERICHOST:  # trio asks first whether it is an address
                time.sleep(1.5)
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        return original(host, *args, **options)

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    with pytest.raises(RequestTimeoutError):
        # Python's own lookup, which only this transport uses.
        call("https://sdk-03.moengage.com/v1", "fetch", "a", timeout=TIMEOUT, transport="httpx")
    assert call.own_seconds < ALLOWED


def test_a_host_that_swallows_connections_counts(call: Driver) -> None:
    """Connecting is part of the budget: this listener's queue is full."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port = listener.getsockname()[1]
        for _ in range(4):
            queued = stack.enter_context(socket.socket())
            queued.settimeout(0)
            queued.connect_ex(("127.0.0.1", port))
        with pytest.raises(RequestTimeoutError):
            call(f"http://127.0.0.1:{port}/v1", "fetch", "a", timeout=TIMEOUT)
    assert call.own_seconds < ALLOWED


def test_attempts_and_pauses_share_one_budget(call: Driver, serve: Serve) -> None:
    """A server that fails slowly is not asked again for ever."""

    def handle(connection: socket.socket, server: ScriptedServer) -> None:
        while server.read_request(connection):
            server.stopped.wait(0.2)
            connection.sendall(http(503))

    with pytest.raises((RequestTimeoutError, ServerError)):
        call(serve(handle).base_url, "fetch", "a", timeout=TIMEOUT, retries=50)
    assert call.own_seconds < ALLOWED


def test_the_parts_of_a_split_call_share_one_budget(call: Driver, serve: Serve) -> None:
    """Sixty keys get no more time than one."""
    keys = [str(number) for number in range(60)]
    with pytest.raises(RequestTimeoutError):
        call(serve(hang).base_url, "fetch", *keys, timeout=TIMEOUT)
    assert call.own_seconds < ALLOWED


@SLOW
@pytest.mark.parametrize("brought", ["http_client", "transport"])
def test_the_budget_holds_on_an_httpx_client_of_the_caller(
    serve: Serve, handle: Handler, brought: str
) -> None:
    """Its own limits are for each operation, and it knows nothing of ours."""
    made = httpx.Client(timeout=None) if brought == "http_client" else httpx.HTTPTransport()
    driver = Driver("sync")
    options = {brought: made}
    with made, pytest.raises(RequestTimeoutError):
        driver(serve(handle).base_url, "fetch", "a", timeout=TIMEOUT, **options)
    assert driver.own_seconds < ALLOWED


def test_a_generated_function_has_the_clients_budget(serve: Serve) -> None:
    """Called through `client.api`, without any time limit in sight."""
    from moengage_personalize_api.api.experiences import (  # noqa: PLC0415  (what is tested)
        list_experience_metadata,
    )

    with (
        PersonalizeClient("W", "K", base_url=serve(hang).base_url, timeout=TIMEOUT) as client,
        Stopwatch() as stopwatch,
        pytest.raises(RequestTimeoutError),
    ):
        list_experience_metadata.sync(client=client.api)
    assert stopwatch.own_seconds < ALLOWED


def test_background_work_that_a_call_starts_has_a_deadline_of_its_own(
    answering: Callable[..., ScriptedServer],
) -> None:
    """It inherits the call's context, in a thread or a task, but not the time that is left."""
    base_url = answering(experiences("a")).base_url
    late: list[threading.Thread] = []

    def later() -> None:
        time.sleep(0.6)  # the call that started this is over
        found.append(list(other.fetch("a", timeout=20)))

    def start(_: httpx.Request) -> httpx.Response:
        late.append(threading.Thread(target=copy_context().run, args=(later,)))
        late[-1].start()
        return httpx.Response(200, json=experiences("a"))

    found: list[list[str]] = []
    with (
        PersonalizeClient("W", "K", base_url=base_url) as other,
        PersonalizeClient(
            "W", "K", base_url=base_url, transport=httpx.MockTransport(start)
        ) as client,
    ):
        client.fetch("a", timeout=0.5)
        late[0].join()
    assert found == [["a"]]


def test_a_background_task_that_a_call_starts_has_a_deadline_of_its_own(
    answering: Callable[..., ScriptedServer],
) -> None:
    """The same in async code, where a task inherits the context by itself."""
    base_url = answering(experiences("a")).base_url

    async def run() -> list[str]:
        late: list[asyncio.Task[list[str]]] = []

        async def later() -> list[str]:
            await asyncio.sleep(0.6)  # the call that started this is over
            return list(await other.fetch("a", timeout=20))

        def start(_: httpx.Request) -> httpx.Response:
            late.append(asyncio.create_task(later()))
            return httpx.Response(200, json=experiences("a"))

        async with (
            AsyncPersonalizeClient("W", "K", base_url=base_url) as other,
            AsyncPersonalizeClient(
                "W", "K", base_url=base_url, transport=httpx.MockTransport(start)
            ) as client,
        ):
            await client.fetch("a", timeout=0.5)
            return await late[0]

    assert asyncio.run(run()) == ["a"]
