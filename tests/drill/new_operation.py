"""Copied into a project regenerated with a new operation: it is called through `client.api`.

Nobody wrote a line for this operation: what holds for the hand-written methods must hold for it,
blocking, on asyncio and on trio.
"""

from __future__ import annotations

import base64
import json
import socket
import time
from collections.abc import Callable
from importlib import import_module
from typing import Any

import anyio
import pytest

from moengage_personalize import (
    AsyncPersonalizeClient,
    AuthenticationError,
    BadRequestError,
    PersonalizeClient,
    PersonalizeError,
    RateLimitedError,
    RequestTimeoutError,
    ServerError,
    UnreadableAnswerError,
)
from moengage_personalize.emulator import Emulator
from support import Handler, ScriptedServer, http

# Not there in the checkout that type checkers see.
operation: Any = import_module("moengage_personalize_api.api.experiences.fetch_experience_summary")
models: Any = import_module("moengage_personalize_api.models")

WORKSPACE, KEY = "EMULATED_WORKSPACE", "EMULATED_KEY"
GOOD = {"count": 2, "note": "of today"}
PROBLEM = {"title": "Bad Request", "description": "no such month", "code": "invalid_value"}
Serve = Callable[[Handler], ScriptedServer]
Answering = Callable[..., ScriptedServer]


@pytest.fixture(params=["sync", "asyncio", "trio"])
def summarize(request: pytest.FixtureRequest) -> Callable[..., Any]:
    """Calls the new operation's generated function, in each of the three ways."""
    kind = request.param

    def run(base_url: str, **options: Any) -> Any:
        body = models.SummaryRequest(month="2026-11")
        if kind == "sync":
            with PersonalizeClient(WORKSPACE, KEY, base_url=base_url, **options) as client:
                return operation.sync(client=client.api, body=body)

        async def ask() -> Any:
            async with AsyncPersonalizeClient(
                WORKSPACE, KEY, base_url=base_url, **options
            ) as client:
                return await operation.asyncio(client=client.api, body=body)

        return anyio.run(ask, backend=kind)

    return run


def test_it_answers_with_its_model(summarize: Callable[..., Any], answering: Answering) -> None:
    """The generated one, fields unknown today included."""
    found = summarize(answering(http(200, GOOD)).base_url)
    assert (type(found).__name__, found.count) == ("Summary", 2)
    assert found.additional_properties == {"note": "of today"}


def test_it_carries_both_credentials(summarize: Callable[..., Any], serve: Serve) -> None:
    """Basic and MOE-APPKEY, to its own path, with its body."""
    heads: list[bytes] = []

    def handle(connection: socket.socket, server: ScriptedServer) -> None:
        heads.append(server.read_request(connection))
        connection.sendall(http(200, GOOD))

    server = serve(handle)
    summarize(server.base_url)
    head = heads[0].decode().lower()
    pair = base64.b64encode(f"{WORKSPACE}:{KEY}".encode()).decode().lower()
    assert head.startswith("post /v1/experiences/summary ")
    assert f"authorization: basic {pair}\r\n" in head
    assert f"moe-appkey: {WORKSPACE.lower()}\r\n" in head
    assert json.loads(server.requests[0]) == {"month": "2026-11"}


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_it_is_repeated_after_a_passing_failure(
    summarize: Callable[..., Any], answering: Answering, status: int
) -> None:
    """As often as any call."""
    server = answering(http(status), http(status), http(200, GOOD))
    assert summarize(server.base_url).count == 2
    assert len(server.requests) == 3


def test_its_retries_are_the_clients(summarize: Callable[..., Any], answering: Answering) -> None:
    """With none, there is one attempt."""
    server = answering(http(503), http(200, GOOD))
    with pytest.raises(ServerError):
        summarize(server.base_url, retries=0)
    assert len(server.requests) == 1


def test_it_ends_with_its_budget(summarize: Callable[..., Any], serve: Serve) -> None:
    """A server that never answers cannot hold it."""

    def hang(connection: socket.socket, server: ScriptedServer) -> None:
        server.read_request(connection)
        server.stopped.wait(10)

    start = time.monotonic()
    with pytest.raises(RequestTimeoutError, match=r"within 0\.5 seconds"):
        summarize(serve(hang).base_url, timeout=0.5)
    assert time.monotonic() - start < 2


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (http(400, PROBLEM), BadRequestError),
        (http(401, PROBLEM), AuthenticationError),
        (http(429, b"<html>", content_type="text/html"), RateLimitedError),
        (http(503, b"", content_type="text/html"), ServerError),
        (http(200, b"{", content_type="application/json"), UnreadableAnswerError),
    ],
    ids=["400", "401", "429", "503", "half a body"],
)
def test_it_fails_with_typed_errors(
    summarize: Callable[..., Any],
    answering: Answering,
    answer: bytes,
    kind: type[PersonalizeError],
) -> None:
    """Also where the body is HTML, empty or broken; no credential is in them."""
    with pytest.raises(kind) as caught:
        summarize(answering(answer).base_url, retries=0)
    if kind is BadRequestError:
        assert caught.value.code == "invalid_value"  # type: ignore[attr-defined]
    assert KEY not in f"{caught.value!r} {caught.value}"


def test_the_emulator_answers_its_example(emulator: Emulator, client: PersonalizeClient) -> None:
    """Before anybody has written how: to whoever has the credentials and a right body."""
    found = operation.sync(client=client.api, body=models.SummaryRequest(month="2026-11"))
    assert found.count == 2
    (request,) = emulator.requests
    assert (request.operation, request.status) == ("fetchExperienceSummary", 200)


def test_the_emulator_holds_it_to_the_document(emulator: Emulator) -> None:
    """Wrong credentials and wrong bodies are refused as everywhere."""
    right, wrong = models.SummaryRequest(month="2026-11"), models.SummaryRequest(month=11)
    address = emulator.base_url
    with (
        PersonalizeClient(emulator.workspace_id, "another", base_url=address) as stranger,
        pytest.raises(AuthenticationError),
    ):
        operation.sync(client=stranger.api, body=right)
    with (
        PersonalizeClient(emulator.workspace_id, emulator.api_key, base_url=address) as client,
        pytest.raises(BadRequestError, match="month"),
    ):
        operation.sync(client=client.api, body=wrong)
