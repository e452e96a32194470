"""Whatever a library, TLS, a proxy or a caller's own client raises is an error of this package."""

from __future__ import annotations

import asyncio
import builtins
import contextlib
import inspect
import socket
import ssl
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn

import anyio
import h11
import httpcore
import httpx
import pytest
from pyreqwest import exceptions as pyreqwest

from moengage_personalize import (
    AsyncPersonalizeClient,
    AuthenticationError,
    ConnectionFailedError,
    EventReporter,
    PersonalizeClient,
    PersonalizeError,
    RequestTimeoutError,
    ServerError,
    Source,
    UnreadableAnswerError,
)
from moengage_personalize_api.api.experiences import list_experience_metadata
from support import CONTEXT, Driver, Handler, ScriptedServer, experiences, http

Answering = Callable[..., ScriptedServer]
Serve = Callable[[Handler], ScriptedServer]
ADDRESS = "https://sdk-03.moengage.com/v1"
NOWHERE = "http://127.0.0.1:9/v1"  # certificates would be read for every client of an https address


def exceptions_of(module: ModuleType) -> Iterator[type[Exception]]:
    kinds: list[Any] = [kind for kind in vars(module).values() if inspect.isclass(kind)]
    for kind in kinds:
        if issubclass(kind, Exception) and not issubclass(kind, Warning | StopIteration):
            yield kind


def made(kind: type[Exception]) -> Exception:
    """One of its kind, with a text in it if it takes one."""
    request = httpx.Request("POST", ADDRESS)
    of_httpx = {"request": request, "response": httpx.Response(503, request=request)}
    for arguments, options in (
        (("it broke", [ValueError("a part")]), {}),
        (("it broke",), of_httpx),
        (("it broke",), {}),
    ):
        with contextlib.suppress(AssertionError, TypeError, ValueError):
            return kind(*arguments, **options)
    return kind.__new__(kind)


MODULES = (builtins, ssl, socket, asyncio, anyio, h11, httpcore, httpx, pyreqwest)
FOREIGN = {kind for module in MODULES for kind in exceptions_of(module)}


def test_the_list_of_foreign_exceptions_is_a_long_one() -> None:
    """A library that hides its exceptions elsewhere one day must not empty it."""
    assert len(FOREIGN) > 120
    assert {ssl.SSLError, UnicodeError, ExceptionGroup, h11.LocalProtocolError} <= set(FOREIGN)


class RaisingTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """An httpx transport of a caller, with what a backend has, that raises."""

    def __init__(self, error: BaseException) -> None:
        self.error = error
        self.sent = 0

    def send(self, *_: object) -> NoReturn:
        self.sent += 1
        raise self.error

    async def send_async(self, *_: object) -> NoReturn:
        self.send()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.send(request)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.send(request)


def fetched(kind: str, error: BaseException, where: str) -> Any:
    """Fetch, with a backend or a caller's transport that raises an error."""
    transport = RaisingTransport(error)
    options: dict[str, Any] = {"retries": 0} | (
        {} if where == "backend" else {"transport": transport}
    )
    if kind == "sync":
        with PersonalizeClient("W", "K", base_url=NOWHERE, **options) as client:
            if where == "backend":
                backend: Any = client._transport._backend
                backend.send = transport.send
            return client.fetch("a")

    async def call() -> Any:
        async with AsyncPersonalizeClient("W", "K", base_url=NOWHERE, **options) as client:
            if where == "backend":
                backend: Any = client._transport._backend
                backend.send = transport.send_async
            return await client.fetch("a")

    return anyio.run(call, backend=kind)


@pytest.mark.parametrize("where", ["backend", "transport"])
@pytest.mark.parametrize("kind", ["sync", "asyncio", "trio"])
def test_no_foreign_exception_leaves_a_call(kind: str, where: str) -> None:
    """Each that Python and the HTTP libraries know, whoever raises it."""
    for foreign in FOREIGN:
        with pytest.raises(PersonalizeError) as caught:
            fetched(kind, made(foreign), where)
        assert isinstance(caught.value, ConnectionFailedError | ServerError), foreign
        assert caught.value.attempts == 1
        if isinstance(caught.value, ConnectionFailedError):
            assert foreign.__name__ in str(caught.value)


@pytest.mark.parametrize("where", ["backend", "transport"])
@pytest.mark.parametrize("kind", ["sync", "asyncio"])
@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit, asyncio.CancelledError])
def test_what_ends_a_program_or_a_task_passes(kind: str, where: str, stop: Any) -> None:
    """It is no failure of the network."""
    with pytest.raises(stop):
        fetched(kind, stop(), where)


def test_a_bug_in_a_transport_fails_the_call_and_stays_in_sight() -> None:
    """A page does not break for it, and its developer finds its traceback."""
    with pytest.raises(ConnectionFailedError, match="AttributeError: bug") as caught:
        fetched("sync", AttributeError("bug"), "transport")
    assert isinstance(caught.value.__cause__, AttributeError)
    assert "handle_request" in "".join(traceback.format_exception(caught.value))


def test_a_failure_names_neither_the_customer_nor_a_password() -> None:
    """Though the exception does."""
    error = ValueError("user_8821 at https://me:hunter2@proxy.example:1 with EMULATED_KEY")
    with pytest.raises(ConnectionFailedError) as caught:
        Driver("sync")(
            ADDRESS, "fetch", visitor="user_8821", transport=RaisingTransport(error), retries=0
        )
    text = str(caught.value)
    assert "ValueError: [redacted] at https://proxy.example:1 with [redacted]" in text


def noted(text: str) -> Exception:
    error = ValueError("odd")
    error.add_note(text)
    return error


def with_odd_notes(text: str) -> Exception:
    error = ValueError("odd")
    error.__notes__ = {text}  # type: ignore[assignment]  # Python accepts and prints any object
    return error


def in_a_group(text: str) -> Exception:
    return ExceptionGroup("odd", [OSError(), ExceptionGroup("odd", [OSError(text)])])


def noted_in_a_group(text: str) -> Exception:
    return ExceptionGroup("odd", [noted(text)])


@pytest.mark.parametrize("kind", [noted, with_odd_notes, in_a_group, noted_in_a_group])
def test_a_traceback_shows_no_customer_beside_the_exceptions_own_text(
    kind: Callable[[str], Exception],
) -> None:
    """Python prints notes and the members of a group, too."""
    customer = "user_8821"  # Python 3.13 prints the whole statement of each call
    error = kind(f"no answer for {customer}")
    with pytest.raises(ConnectionFailedError) as caught:
        Driver("sync")(
            ADDRESS, "fetch", visitor=customer, transport=RaisingTransport(error), retries=0
        )
    assert customer not in "".join(traceback.format_exception(caught.value))


def test_a_failure_of_httpx_does_not_carry_its_request_along() -> None:
    """Error collectors serialise causes, with all their attributes."""

    def refuse(request: httpx.Request) -> httpx.Response:
        raise RuntimeError from httpx.ReadError("broke", request=request)

    with pytest.raises(ConnectionFailedError) as caught:
        Driver("sync")(ADDRESS, "fetch", transport=httpx.MockTransport(refuse), retries=0)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_an_exception_at_the_deadline_is_the_deadlines() -> None:
    """Whatever its class."""

    def wait(_: httpx.Request) -> httpx.Response:
        raise ssl.SSLError("the read operation timed out")

    with pytest.raises(RequestTimeoutError):
        Driver("sync")(ADDRESS, "fetch", transport=httpx.MockTransport(wait), timeout=0.004)


def hooked(kind: str, event: str, hook: Callable[[Any], None]) -> Any:
    """A caller's httpx client with an event hook."""
    limits = httpx.Limits(max_keepalive_connections=0)  # nothing is left to be closed
    if kind == "sync":
        return httpx.Client(event_hooks={event: [hook]}, limits=limits)

    async def async_hook(about: Any) -> None:
        if hook is raise_with_body:
            await about.aread()
        hook(about)

    return httpx.AsyncClient(event_hooks={event: [async_hook]}, limits=limits)


def raise_for_status(response: httpx.Response) -> None:
    response.raise_for_status()


def raise_with_body(response: httpx.Response) -> None:
    if not response.is_stream_consumed:
        response.read()
    response.raise_for_status()


@pytest.mark.parametrize(("hook", "title"), [(raise_for_status, None), (raise_with_body, "Who?")])
@pytest.mark.parametrize("kind", ["sync", "asyncio", "trio"])
def test_a_hook_that_raises_for_a_status_is_that_statuss_error(
    answering: Answering, kind: str, hook: Callable[[Any], None], title: str | None
) -> None:
    """As httpx's documentation shows such hooks, with the body if the hook has read it."""
    server = answering(http(401, {"title": "Who?"}))
    with pytest.raises(AuthenticationError) as caught:
        Driver(kind)(server.base_url, "fetch", http_client=hooked(kind, "response", hook))
    assert (caught.value.title, len(server.requests)) == (title, 1)


@pytest.mark.parametrize("kind", ["sync", "asyncio", "trio"])
def test_a_hook_that_raises_for_a_passing_status_has_the_request_retried(
    answering: Answering, kind: str
) -> None:
    """As without a hook."""
    server = answering(http(503), experiences("a"))
    mine = hooked(kind, "response", raise_for_status)
    assert list(Driver(kind)(server.base_url, "fetch", "a", http_client=mine)) == ["a"]


@pytest.mark.parametrize("event", ["request", "response"])
@pytest.mark.parametrize("kind", ["sync", "asyncio", "trio"])
def test_any_other_exception_of_a_hook_is_a_failed_connection(
    answering: Answering, kind: str, event: str
) -> None:
    """A page with default content shows it."""

    def hook(_: Any) -> None:
        raise LookupError("no such header")

    server = answering(experiences("a"))
    mine = hooked(kind, event, hook)
    found = Driver(kind)(server.base_url, "experience", "a", None, {}, http_client=mine)
    assert found.source is Source.DEFAULT
    assert "LookupError: no such header" in str(found.error)


def test_tls_that_wants_a_certificate_of_the_client_is_a_failed_connection(
    call: Driver,
    serve: Serve,
    certificate: tuple[Path, Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With TLS 1.3, asyncio tells of it as `ssl.SSLError` while the response is read."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    gateway = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    gateway.load_cert_chain(*certificate)
    gateway.verify_mode = ssl.CERT_REQUIRED
    gateway.load_verify_locations(certificate[0])

    def handle(connection: socket.socket, _: ScriptedServer) -> None:
        with connection.dup() as raw:
            raw.settimeout(5)
            with contextlib.suppress(ssl.SSLError):
                gateway.wrap_socket(connection, server_side=True)
            while raw.recv(65536):  # else the connection is reset, and TLS says nothing
                pass

    address = serve(handle).base_url.replace("http://127.0.0.1", "https://localhost")
    with pytest.raises(ConnectionFailedError):
        call(address, "fetch", "a", retries=0)


def test_a_foreign_exception_does_not_end_the_reporters_thread() -> None:
    """The events wait for the next attempt."""
    transport = RaisingTransport(KeyError("odd"))
    with PersonalizeClient("W", "K", data_center=3, transport=transport) as client:
        reporter = EventReporter(client)
        reporter.shown(CONTEXT, visitor="u")
        assert not reporter.flush(timeout=1)
        transport.error = ssl.SSLError("odd, too")
        assert not reporter.flush(timeout=1)
        assert transport.sent >= 2
        assert (reporter.stats.pending, reporter.stats.dead) == (1, 0)
        reporter.close(timeout=0.1)


class UnprintableError(Exception):
    """Its text raises."""

    def __str__(self) -> str:
        raise KeyError("boom")


def circle() -> NoReturn:
    error = ValueError("round and round")
    raise error from error


def unprintable() -> NoReturn:
    raise UnprintableError


@pytest.mark.parametrize("fail", [circle, unprintable])
def test_an_odd_exception_of_a_hook_is_a_failed_connection(
    answering: Answering, fail: Callable[[], NoReturn]
) -> None:
    """One that is its own cause, and one whose text cannot be had."""

    def hook(_: httpx.Request) -> None:
        fail()

    with (
        httpx.Client(event_hooks={"request": [hook]}) as mine,
        pytest.raises(ConnectionFailedError),
    ):
        Driver("sync")(answering(http(200)).base_url, "fetch", "a", http_client=mine, retries=0)


@pytest.mark.parametrize("customer", ["user_8821", 'a"b_c', "jané"])
def test_a_traceback_shows_no_customer_that_a_library_repeats(
    call: Driver, serve: Serve, customer: str
) -> None:
    """The server sends the request back, and the library says which line it could not read."""

    def echo(connection: socket.socket, server: ScriptedServer) -> None:
        connection.sendall(server.read_request(connection).partition(b"\r\n\r\n")[2] + b"\r\n\r\n")

    with pytest.raises(ConnectionFailedError) as caught:
        call(serve(echo).base_url, "fetch", "a", visitor=customer, retries=0)
    shown = "".join(traceback.format_exception(caught.value)).lower()
    for form in (customer, repr(customer.encode())[2:-1], customer.replace('"', '\\"')):
        assert form.lower() not in shown


def test_an_api_that_repeats_a_customer_within_a_word_is_not_repeated(
    call: Driver, answering: Answering
) -> None:
    """In any case of letters."""
    problem = {"title": "Odd", "description": "no customer_user_8821 and no USER_8821"}
    with pytest.raises(PersonalizeError) as caught:
        call(answering(http(400, problem)).base_url, "fetch", "a", visitor="user_8821")
    assert "user_8821" not in str(caught.value).lower()


def test_a_status_counts_more_than_a_header_beyond_ascii(call: Driver, serve: Serve) -> None:
    """A 401 is wrong credentials, whatever its Content-Encoding says."""

    def answer(connection: socket.socket, server: ScriptedServer) -> None:
        server.read_request(connection)
        head = b"HTTP/1.1 401 No\r\nContent-Encoding: gz\xefp\r\nContent-Length: 0\r\n\r\n"
        connection.sendall(head)

    with pytest.raises(AuthenticationError):
        call(serve(answer).base_url, "fetch", "a", retries=0)


def test_an_empty_success_needs_no_decompression(call: Driver, serve: Serve) -> None:
    """It accepts a report, as one without the label does."""

    def answer(connection: socket.socket, server: ScriptedServer) -> None:
        server.read_request(connection)
        connection.sendall(b"HTTP/1.1 204 No Content\r\nContent-Encoding: gzip\r\n\r\n")

    call(serve(answer).base_url, "shown", CONTEXT, visitor="u", retries=0)


@pytest.mark.parametrize("kind", ["text/plain", "text/html"])
def test_a_generated_function_meets_no_broken_json(answering: Answering, kind: str) -> None:
    """Whatever the Content-Type says."""
    server = answering(http(200, b"oops", content_type=kind))
    with (
        PersonalizeClient("W", "K", base_url=server.base_url) as client,
        pytest.raises(UnreadableAnswerError),
    ):
        list_experience_metadata.sync(client=client.api)
