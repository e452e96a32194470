"""`client.api`: the stock generated client; its functions have all that our methods have."""

from __future__ import annotations

import copy
import socket
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import anyio
import httpx
import pytest

from moengage_personalize import (
    AsyncPersonalizeClient,
    AuthenticationError,
    ClientClosedError,
    InvalidArgumentError,
    PersonalizeClient,
    RequestTimeoutError,
    UnreadableAnswerError,
)
from moengage_personalize.emulator import Emulator
from moengage_personalize_api import AuthenticatedClient
from moengage_personalize_api.api.experiences import fetch_experiences, list_experience_metadata
from moengage_personalize_api.models import ExperienceStatus, FetchExperiencesRequest
from support import Handler, ScriptedServer, experiences, http

Answering = Callable[..., ScriptedServer]
Serve = Callable[[Handler], ScriptedServer]


def hang(connection: socket.socket, server: ScriptedServer) -> None:
    """Accept, read, and never answer."""
    server.read_request(connection)
    server.stopped.wait(10)


@pytest.mark.parametrize("kind", [PersonalizeClient, AsyncPersonalizeClient])
def test_it_is_the_stock_class(
    kind: type[PersonalizeClient | AsyncPersonalizeClient], transport: Any
) -> None:
    """What the generator's documentation says of it holds."""
    assert type(kind("W", "K", data_center=3, transport=transport).api) is AuthenticatedClient


def test_the_generated_functions_run_on_the_clients_transport(
    client: PersonalizeClient, emulator: Emulator
) -> None:
    """Credentials, retries and typed errors, without a hand-written line."""
    listing = list_experience_metadata.sync(
        client=client.api, status=[ExperienceStatus.ACTIVE, ExperienceStatus.PAUSED]
    )
    assert listing
    assert not isinstance(listing, str)
    emulator.expire_key("another")
    with pytest.raises(AuthenticationError):
        fetch_experiences.sync(client=client.api, body=FetchExperiencesRequest())
    emulator.expire_key("EMULATED_KEY")
    request = emulator.requests[0]
    assert request.headers["moe-appkey"] == emulator.workspace_id
    assert request.headers["user-agent"].startswith("moengage-personalize/")


def test_the_generated_functions_can_be_awaited(emulator: Emulator) -> None:
    """On the awaited client's api."""

    async def ask() -> object:
        async with AsyncPersonalizeClient(
            emulator.workspace_id, emulator.api_key, base_url=emulator.base_url
        ) as client:
            return await list_experience_metadata.asyncio(client=client.api)

    assert anyio.run(ask)
    assert emulator.requests[0].status == 200


def test_an_api_of_the_other_kind_is_refused_clearly() -> None:
    """It would otherwise run without deadline, retries and typed errors."""
    sync_client = PersonalizeClient("W", "K", data_center=3)
    with pytest.raises(InvalidArgumentError, match="use AsyncPersonalizeClient"):
        anyio.run(partial(list_experience_metadata.asyncio, client=sync_client.api))
    async_client = AsyncPersonalizeClient("W", "K", data_center=3)
    with pytest.raises(InvalidArgumentError, match="use PersonalizeClient"):
        list_experience_metadata.sync(client=async_client.api)


def test_a_derived_api_keeps_the_transport_and_leaves_the_original_alone(
    answering: Answering,
) -> None:
    """The stock methods change a client that is in use."""
    server = answering(experiences("a"), http(503), experiences("a"), experiences("a"))
    with PersonalizeClient("W", "K", base_url=server.base_url) as client:
        assert fetch_experiences.sync(client=client.api, body=FetchExperiencesRequest())
        derived = client.api.with_headers({"X-Trace": "1"}).with_cookies({"c": "2"})
        derived = derived.with_timeout(httpx.Timeout(1.5))
        assert fetch_experiences.sync(client=derived, body=FetchExperiencesRequest())
        inner = derived.get_httpx_client()
        assert (inner.headers["X-Trace"], inner.timeout.read) == ("1", 1.5)
        original = client.api.get_httpx_client()
        assert "X-Trace" not in original.headers
        assert not original.cookies
        assert server.connections == 1


@pytest.mark.parametrize(
    ("timeout", "seconds"),
    [
        (httpx.Timeout(0.3), "0.3"),
        (httpx.Timeout(0.1, read=0.3), "0.3"),
        (httpx.Timeout(None), "0.4"),
    ],
    ids=["one for all steps", "the longest of several", "none"],
)
def test_httpxs_time_limit_is_the_deadline_of_the_call(
    serve: Serve, timeout: httpx.Timeout, seconds: str
) -> None:
    """Without one, the client's timeout is: nothing waits for ever."""
    start = time.monotonic()
    with (
        PersonalizeClient("W", "K", base_url=serve(hang).base_url, timeout=0.4) as client,
        pytest.raises(RequestTimeoutError, match=f"within {seconds} seconds"),
    ):
        list_experience_metadata.sync(client=client.api.with_timeout(timeout))
    assert time.monotonic() - start < 0.75


def test_a_page_instead_of_json_is_an_unreadable_answer(answering: Answering) -> None:
    """A gateway's HTML with status 200 would be a JSONDecodeError."""
    server = answering(http(200, b"<html>", content_type="text/html"))
    with (
        PersonalizeClient("W", "K", base_url=server.base_url) as client,
        pytest.raises(UnreadableAnswerError, match="not JSON"),
    ):
        list_experience_metadata.sync(client=client.api)


def test_a_response_keeps_its_status_headers_and_body(answering: Answering) -> None:
    """For callers of the `_detailed` functions; it is httpx's own, which can be copied."""
    server = answering(http(200, experiences("a"), X_Request_Id="r-9"))
    with PersonalizeClient("W", "K", base_url=server.base_url) as client:
        detailed = fetch_experiences.sync_detailed(
            client=client.api, body=FetchExperiencesRequest()
        )
        assert (detailed.status_code, detailed.headers["X-Request-Id"]) == (200, "r-9")
        assert b"Hello from a" in detailed.content
        inner = client.api.get_httpx_client()
        response = inner.post("/experiences/fetch", json={})
        assert copy.copy(response).json() == response.json() == experiences("a")


def test_leaving_its_context_leaves_the_client_open(answering: Answering) -> None:
    """The connections are the client's."""
    server = answering(experiences("a"))
    with PersonalizeClient("W", "K", base_url=server.base_url) as client:
        with client.api as api:
            assert fetch_experiences.sync(client=api, body=FetchExperiencesRequest())
        assert list(client.fetch("a")) == ["a"]
        assert server.connections == 1


def test_it_is_closed_with_its_client(transport: Any) -> None:
    """As the client's methods are."""
    client = PersonalizeClient("W", "K", data_center=3, transport=transport)
    client.close()
    with pytest.raises(ClientClosedError, match="closed"):
        list_experience_metadata.sync(client=client.api)
