"""What a sceptic tried: odd input, odd answers, odd surroundings."""

from __future__ import annotations

import asyncio
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import anyio
import anyio.to_thread
import httpx
import pytest

from moengage_personalize import (
    AsyncPersonalizeClient,
    AuthenticationError,
    ConnectionFailedError,
    Event,
    Experience,
    InvalidArgumentError,
    InvalidTokenError,
    PartialReportError,
    PersonalizeClient,
    RequestTimeoutError,
    ServerError,
    Source,
    TrackingTokens,
)
from moengage_personalize.emulator import Emulator
from support import CONTEXT, Driver, Handler, ScriptedServer, Stopwatch, experiences, http

Answering = Callable[..., ScriptedServer]
Serve = Callable[[Handler], ScriptedServer]
HALF = "\ud800"
DEFAULT = {"Title": "Welcome"}


@pytest.mark.parametrize(
    "header",
    [
        "Mon, 01 Jan 2024 00:00:00 +99999999999999",
        "Mon, 01 Jan 99999999999999999999 00:00:00 GMT",
        "9" * 5_000,
    ],
)
def test_no_retry_after_breaks_the_promise_of_a_default(
    call: Driver, answering: Answering, header: str
) -> None:
    """A gateway's header may be anything."""
    server = answering(http(503, Retry_After=header))
    found = call(server.base_url, "experience", "a", None, DEFAULT, timeout=1.0, retries=1)
    assert isinstance(found.error, ServerError)


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"visitor": {}}, "visitor"),
        ({"at": datetime.max.replace(tzinfo=timezone(-timedelta(hours=5)))}, "at"),
        ({"timeout": 10**400}, "timeout"),
        ({"timeout": 1e10}, "timeout"),
    ],
)
def test_an_argument_that_no_request_can_carry_is_refused_by_name(
    call: Driver, arguments: dict[str, Any], field: str
) -> None:
    """And is not mistaken for a fault of the API, which a default would hide."""
    for method, defaults in (("fetch", None), ("experiences", {"a": DEFAULT})):
        with pytest.raises(InvalidArgumentError) as caught:
            call("http://127.0.0.1:9/v1", method, "a", defaults=defaults, **arguments)
        assert caught.value.field == field


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"visitor": 5}, "visitor"),
        ({"user_attributes": {1: 2}}, "user_attributes"),
        ({"event_time": 10**400}, "event_time"),
        ({"event_uuid": "x"}, "event_uuid"),
    ],
)
@pytest.mark.parametrize(
    "content", [CONTEXT, Experience.from_default("k", {}, reason="down")], ids=["real", "default"]
)
def test_one_bad_event_is_refused_before_it_can_spoil_a_hundred(
    arguments: dict[str, Any], field: str, content: Any
) -> None:
    """Also while default content is shown, before the first real one."""
    details = {"visitor": "u"} | arguments
    with pytest.raises(InvalidArgumentError) as caught:
        Driver("sync")("http://127.0.0.1:9/v1", "shown", content, **details)
    assert caught.value.field == field


@pytest.mark.parametrize("value", [None, 5, ["x"]])
def test_a_context_with_another_type_in_it_is_refused(value: Any) -> None:
    """The API would refuse the whole report for it."""
    with pytest.raises(InvalidArgumentError, match="cid"):
        Event.shown({**CONTEXT, "cid": value}, visitor="u")


@pytest.mark.parametrize(
    "base_url",
    [
        f"https://{'a' * 70}.example/v1",
        "https://a..b/v1",
        "https://sdk-03.moengage.com/v1 x",
        "https://sdk-03\x00.moengage.com/v1",
        "https://999.1.1.1:99999/v1",
    ],
)
def test_an_address_that_no_request_can_have_is_refused(base_url: str, transport: Any) -> None:
    """When the client is made, not at the first page."""
    with pytest.raises(InvalidArgumentError) as caught:
        PersonalizeClient("W", "K", base_url=base_url, transport=transport)
    assert caught.value.field == "base_url"


def test_a_password_in_a_data_centers_address_is_not_repeated() -> None:
    """It was pasted along."""
    with pytest.raises(InvalidArgumentError) as caught:
        PersonalizeClient("W", "K", data_center="https://u:hunter2@example.org/")
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "name", "made"),
    [
        (PersonalizeClient, "http_client", httpx.AsyncClient),
        (PersonalizeClient, "transport", httpx.AsyncBaseTransport),
        (PersonalizeClient, "http_client", object),
        (AsyncPersonalizeClient, "http_client", httpx.Client),
        (AsyncPersonalizeClient, "transport", httpx.BaseTransport),
    ],
)
def test_an_httpx_object_of_the_other_kind_is_refused(kind: Any, name: str, made: Any) -> None:
    """It could never send anything."""
    with pytest.raises(InvalidArgumentError) as caught:
        kind("W", "K", data_center=3, **{name: made()})
    assert caught.value.field == name


def test_each_part_of_a_failed_report_has_its_own_error_and_events(
    call: Driver, serve: Serve
) -> None:
    """What was refused can be told from what may be sent again."""

    def handle(connection: socket.socket, server: ScriptedServer) -> None:
        while request := server.read_request(connection):
            refused = b"user-0" in request
            connection.sendall(http(400 if refused else 503))

    events = [Event.shown(CONTEXT, visitor=f"user-{number}") for number in range(250)]
    with pytest.raises(PartialReportError) as caught:
        call(serve(handle).base_url, "report", events, retries=0)
    failures = {type(failure).__name__: failure for failure in caught.value.failures}
    assert events[0] in failures["BadRequestError"].undelivered
    assert len(caught.value.undelivered) == 250
    assert sum(len(failure.undelivered) for failure in caught.value.failures) == 250
    assert caught.value.attempts == 1


def test_refused_credentials_are_told_as_such_even_by_a_part(call: Driver, serve: Serve) -> None:
    """With every event that was not accepted."""

    def handle(connection: socket.socket, server: ScriptedServer) -> None:
        while request := server.read_request(connection):
            accepted = http(200, {"status": "success"})
            connection.sendall(http(401) if b'"user-0"' in request else accepted)

    events = [Event.shown(CONTEXT, visitor=f"user-{number}") for number in range(250)]
    with pytest.raises(AuthenticationError) as caught:
        call(serve(handle).base_url, "report", events, retries=0)
    assert len(caught.value.undelivered) == 100


def test_an_injected_client_recovers_from_a_server_that_trickled(serve: Serve) -> None:
    """What was abandoned ends at its next byte, and gives its connection back."""
    healthy = threading.Event()

    def handle(connection: socket.socket, server: ScriptedServer) -> None:
        while server.read_request(connection):
            answer = http(200, experiences("a"))
            if healthy.is_set():
                connection.sendall(answer)
                continue
            head, _, body = answer.partition(b"\r\n\r\n")
            connection.sendall(head + b"\r\n\r\n")
            for byte in body:
                connection.sendall(bytes([byte]))
                if server.stopped.wait(0.01):
                    return

    server = serve(handle)
    limits = httpx.Limits(max_connections=5)
    with (
        httpx.Client(limits=limits) as mine,
        PersonalizeClient("W", "K", base_url=server.base_url, http_client=mine) as client,
    ):
        for _ in range(8):
            with pytest.raises(RequestTimeoutError):
                client.fetch("a", timeout=0.08)
        healthy.set()
        time.sleep(0.1)
        assert list(client.fetch("a", timeout=2)) == ["a"]


def test_a_hung_name_server_costs_one_thread_not_one_a_call(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A lookup cannot be interrupted, so all share the one that is under way."""
    release = threading.Event()

    def slow(*_: Any, **__: Any) -> Any:
        release.wait(5)
        raise socket.gaierror(socket.EAI_AGAIN, "try again")

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    before = threading.active_count()
    with PersonalizeClient("W", "K", data_center=3, transport="httpx") as client:
        for _ in range(20):
            with pytest.raises(RequestTimeoutError):
                client.metadata(timeout=0.02)
        assert threading.active_count() <= before + 1
    release.set()


@pytest.mark.parametrize("library", ["asyncio", "trio"])
def test_a_hung_name_server_holds_up_neither_the_event_loop_nor_its_threads(
    monkeypatch: pytest.MonkeyPatch, library: str
) -> None:
    """The loop waits for its own threads when it ends, and has few."""
    release = threading.Event()

    def slow(*_: Any, **__: Any) -> Any:
        release.wait(20)
        raise socket.gaierror(socket.EAI_AGAIN, "try again")

    async def ask(client: AsyncPersonalizeClient) -> None:
        with pytest.raises(RequestTimeoutError):
            await client.metadata(timeout=0.1)

    async def ask_often() -> None:
        monkeypatch.setattr(socket, "getaddrinfo", slow)
        async with (
            AsyncPersonalizeClient("W", "K", data_center=3, transport="httpx") as client,
            anyio.create_task_group() as tasks,
        ):
            for _ in range(50):
                tasks.start_soon(ask, client)
        assert threading.active_count() <= before + 2, "the lookup's and the stopwatch's"
        assert await anyio.to_thread.run_sync(threading.active_count)

    before = threading.active_count()
    with Stopwatch() as stopwatch:
        anyio.run(ask_often, backend=library)
    release.set()
    assert stopwatch.own_seconds < 3


@pytest.mark.parametrize("library", ["asyncio", "trio"])
def test_a_host_with_a_dead_address_is_reached_at_the_next(
    monkeypatch: pytest.MonkeyPatch, answering: Answering, library: str
) -> None:
    """In a name's order, one after the other."""
    server = answering(experiences("a"))
    port = int(server.base_url.rpartition(":")[2].partition("/")[0])
    addresses = [("127.0.0.2", port), ("127.0.0.1", port)]  # only the latter is listened on
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", address) for address in addresses]

    def look_up(*_: Any, **__: Any) -> Any:
        return found

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    base_url = f"http://localhost:{port}/v1"
    for kind in ("sync", library):
        assert Driver(kind)(base_url, "fetch", "a", transport="httpx", retries=0)


def test_an_awaited_client_outlives_its_event_loop(answering: Answering, transport: str) -> None:
    """`asyncio.run` for each task, as bridges from blocking code do it."""
    server = answering(experiences("a"))

    async def ask(client: AsyncPersonalizeClient) -> list[str]:
        return list(await client.fetch("a"))

    made: Any = {"transport": transport}
    client = AsyncPersonalizeClient("W", "K", base_url=server.base_url, **made)
    assert [asyncio.run(ask(client)) for _ in range(3)] == [["a"]] * 3
    asyncio.run(client.close())


@pytest.mark.usefixtures("measured")
def test_a_split_report_works_in_an_exit_handler(emulator: Emulator) -> None:
    """When no thread can be started any more."""
    program = f"""
import atexit
from moengage_personalize import Event, PersonalizeClient
client = PersonalizeClient({emulator.workspace_id!r}, {emulator.api_key!r},
                           base_url={emulator.base_url!r})
events = [Event.shown({CONTEXT!r}, visitor=str(n)) for n in range(250)]
atexit.register(lambda: print(client.report(events).accepted))
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert (done.stdout.strip(), done.stderr) == ("250", "")


@pytest.mark.parametrize("token", ["", None, 5, HALF, b"x", "a.b.c"])
def test_whatever_a_browser_sends_as_a_token_is_an_invalid_token(token: Any) -> None:
    """One error to catch."""
    with pytest.raises(InvalidTokenError):
        TrackingTokens("a secret of some length").read(token, visitor="u")


def test_an_experience_is_itself_and_true(answering: Answering) -> None:
    """Though it has no values, as one from a token has none."""
    tokens = TrackingTokens("a secret of some length")
    server = answering(experiences("a"))
    banner = Driver("sync")(server.base_url, "fetch", "a")["a"]
    tracked = tokens.read(tokens.sign(banner, visitor="u"), visitor="u")
    assert tracked
    assert tracked != Experience("b", {}, {}, Source.TOKEN, "r")
    assert len({banner, tracked}) == 2


def test_an_event_is_known_by_its_uuid() -> None:
    """A set of events has each once."""
    event = Event.shown(CONTEXT, visitor="u")
    again = Event.from_dict(event.to_dict())
    assert len({event, again}) == 1


def test_a_page_cannot_change_the_default_contents_of_the_next(answering: Answering) -> None:
    """They are copied, deeply."""
    server = answering(http(500))
    default = {"list": [1]}
    for _ in range(2):
        found = Driver("sync")(server.base_url, "experience", "a", None, default, retries=0)
        assert found["list"] == [1]
        found["list"].append(2)


def test_a_transports_own_time_limit_is_a_connection_failure_and_retried() -> None:
    """It is not the budget's, of which most is left."""
    attempts: list[int] = []

    def answer(request: httpx.Request) -> httpx.Response:
        attempts.append(1)
        if len(attempts) == 1:
            raise httpx.ConnectTimeout("mine", request=request)
        return httpx.Response(200, json=experiences("a"))

    transport = httpx.MockTransport(answer)
    address = "https://sdk-03.moengage.com/v1"
    assert Driver("sync")(address, "fetch", "a", transport=transport, timeout=5)


def test_an_injected_client_that_follows_redirects_does_not_for_us(answering: Answering) -> None:
    """It would carry the workspace and the customer elsewhere."""
    elsewhere = answering(experiences("a"))
    server = answering(http(307, Location=elsewhere.base_url))
    with httpx.Client(follow_redirects=True) as mine:
        found = Driver("sync")(server.base_url, "experience", "a", "u", DEFAULT, http_client=mine)
    assert found.source is Source.DEFAULT
    assert elsewhere.connections == 0


def test_no_error_carries_the_request_along(answering: Answering) -> None:
    """Error collectors serialise causes, with all their attributes."""
    server = answering(b"rubbish\r\n\r\n")
    with pytest.raises(ConnectionFailedError) as caught:
        Driver("sync")(server.base_url, "fetch", visitor="user_8821", retries=0)
    error: BaseException | None = caught.value
    while error is not None:
        assert not hasattr(error, "request")
        error = error.__cause__ or error.__context__


def test_the_environment_of_an_injected_client_is_its_own(
    monkeypatch: pytest.MonkeyPatch, transport: Any
) -> None:
    """The way out that the errors about proxies and certificates name."""
    monkeypatch.setenv("https_proxy", "socks5://127.0.0.1:1")
    monkeypatch.setenv("SSL_CERT_FILE", "/no/such/file")
    for kind, made in (
        (PersonalizeClient, httpx.HTTPTransport(verify=False)),
        (AsyncPersonalizeClient, httpx.AsyncHTTPTransport(verify=False)),
    ):
        with pytest.raises(InvalidArgumentError, match="environment"):
            kind("W", "K", data_center=3, transport=transport)
        kind("W", "K", data_center=3, transport=made)  # type: ignore[arg-type]  # one for each


@pytest.mark.parametrize(
    "address",
    [
        "http://h:abc",
        "http://h:99999",
        "http://",
        "http://:3128",
        "http://[bad",
        "http://[bad]",
        "http://me:secret@/",
        "http://two words",
        "http://a..b",
        "http://" + "a" * 64,
        "http://xn--zzzzzz99",
        "socks5://h",
        "nonsense://h",
    ],
)
def test_a_malformed_proxy_is_told_when_the_client_is_made(
    monkeypatch: pytest.MonkeyPatch, transport: Any, address: str
) -> None:
    """And not on the first page, which would show its default."""
    monkeypatch.setenv("https_proxy", address)
    with pytest.raises(InvalidArgumentError, match="https_proxy") as caught:
        PersonalizeClient("W", "K", data_center=3, transport=transport)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "address",
    [
        "http://proxy_1.example.:3128",
        "https://me:p[w@127.0.0.1:3128",
        "http://[::1]:3128",
        "bücher.example:3128",
    ],
)
def test_a_proxy_may_have_any_address_of_a_host(
    monkeypatch: pytest.MonkeyPatch, transport: Any, address: str
) -> None:
    """A name, also one beyond ASCII, or an IP address of either kind."""
    monkeypatch.setenv("https_proxy", address)
    PersonalizeClient("W", "K", data_center=3, transport=transport).close()


@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "SSLKEYLOGFILE"])
def test_a_file_that_cannot_be_opened_is_told_with_its_variable(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Only the one that is wrong, when the client is made."""
    monkeypatch.setenv(name, "/no/such/file")
    with pytest.raises(InvalidArgumentError) as caught:
        PersonalizeClient("W", "K", data_center=3, transport="httpx")
    told = {"SSL_CERT_FILE", "SSLKEYLOGFILE"} & set(re.findall(r"\w+", str(caught.value)))
    assert told == {name}


def test_an_epoch_of_today_is_still_accepted() -> None:
    """The bounds refuse nothing that is right."""
    now = datetime.now(UTC)
    for when in (now, now.timestamp(), int(now.timestamp())):
        assert Event.shown(CONTEXT, visitor="u", event_time=when)
