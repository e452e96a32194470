"""With a fallback, a page never breaks for what the network or the server does."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from typing import Any

import pytest

from moengage_personalize import (
    AuthenticationError,
    BadRequestError,
    ConnectionFailedError,
    PartialFetchError,
    RequestTimeoutError,
    ServerError,
    Source,
    UnreadableAnswerError,
)
from support import Driver, Handler, ScriptedServer, experiences, http

Answering = Callable[..., ScriptedServer]
Serve = Callable[[Handler], ScriptedServer]

FALLBACK: dict[str, dict[str, Any]] = {"banner": {"Title": "Welcome", "Discount": 0}}


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (http(400, {"title": "Bad", "description": "odd"}), BadRequestError),
        (http(404), None),
        (http(429), None),
        (http(500), ServerError),
        (http(503, b"<html>", content_type="text/html"), ServerError),
        (http(200, b"<html>", content_type="text/html"), UnreadableAnswerError),
        (http(200, {"experiences": 5}), UnreadableAnswerError),
        (http(204), UnreadableAnswerError),
        (b"this is no HTTP\r\n\r\n", ConnectionFailedError),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", RequestTimeoutError),
    ],
)
def test_nothing_that_the_server_does_raises(
    call: Driver, answering: Answering, answer: bytes, error: type[Exception] | None
) -> None:
    """The experience says where it came from and why."""
    server = answering(answer)
    found = call(
        server.base_url, "fetch", "banner", "promo", fallback=FALLBACK, timeout=0.5, retries=1
    )
    banner = found["banner"]
    assert (banner["Title"], banner["Discount"], banner.source) == ("Welcome", 0, Source.DEFAULT)
    assert type(banner.error).__name__ in banner.reason
    assert error is None or isinstance(banner.error, error)
    assert (found.missing, found.errors) == (("promo",), (banner.error,))


def test_a_server_that_is_gone_does_not_raise(call: Driver) -> None:
    """Neither does a host that does not exist."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    for base_url in (f"http://127.0.0.1:{port}/v1", "https://no-such-host.invalid/v1"):
        found = call(base_url, "fetch", "banner", fallback=FALLBACK, timeout=1.0)
        assert found["banner"]["Title"] == "Welcome"


def test_wrong_credentials_still_raise(call: Driver, answering: Answering) -> None:
    """A page that silently never personalizes is a deployment's mistake that nobody sees."""
    with pytest.raises(AuthenticationError):
        call(answering(http(401)).base_url, "fetch", "banner", fallback=FALLBACK)


def test_a_key_without_an_experience_shows_the_default_content(
    call: Driver, answering: Answering
) -> None:
    """The API answered; this visitor matches nothing."""
    found = call(
        answering(experiences("promo")).base_url, "fetch", "banner", "promo", fallback=FALLBACK
    )
    assert (found["banner"].source, found["banner"].error) == (Source.DEFAULT, None)
    assert found["banner"].reason == "no experience for this visitor"
    assert found["promo"].source is Source.NETWORK
    assert (found.missing, found.errors) == ((), ())


@pytest.mark.parametrize("answer", [http(500), http(200, experiences("other"))])
def test_a_fetch_of_everything_has_the_default_contents_too(
    call: Driver, answering: Answering, answer: bytes
) -> None:
    """No keys are asked for, so those of the fallback are what the page counts on."""
    found = call(answering(answer).base_url, "fetch", fallback=FALLBACK, retries=0)
    assert found["banner"]["Title"] == "Welcome"
    assert (found["banner"].error is None) == ("other" in found)


def test_an_empty_fallback_only_means_do_not_raise(call: Driver, answering: Answering) -> None:
    """The page has its own default content."""
    found = call(answering(http(500)).base_url, "fetch", "banner", fallback={}, retries=0)
    assert (dict(found), found.missing) == ({}, ("banner",))
    assert isinstance(found.errors[0], ServerError)


def test_default_content_has_nothing_to_report(call: Driver, answering: Answering) -> None:
    """Reporting it skips it, as an outage must not break the page in a second place."""
    server = answering(http(500))
    banner = call(server.base_url, "fetch", "banner", fallback=FALLBACK, retries=0)["banner"]
    sent = len(server.requests)
    for method in ("shown", "clicked"):
        receipt = call(server.base_url, method, banner, visitor="u")
        assert (receipt.accepted, receipt.skipped) == (0, 1)
    assert len(server.requests) == sent


def second_part_fails(connection: socket.socket, server: ScriptedServer) -> None:
    while request := server.read_request(connection):
        keys = json.loads(request.partition(b"\r\n\r\n")[2])["experience_key"]
        answer = http(500) if "key-30" in keys else http(200, experiences(*keys[1:]))
        connection.sendall(answer)


KEYS = [f"key-{number:02}" for number in range(60)]


def test_without_a_fallback_a_part_that_failed_is_told_and_the_rest_is_kept(
    call: Driver, serve: Serve
) -> None:
    """Sixty keys, of which the second twenty-five could not be fetched."""
    with pytest.raises(PartialFetchError, match="1 of 3 requests failed") as caught:
        call(serve(second_part_fails).base_url, "fetch", *KEYS, retries=0)
    found = caught.value.experiences
    assert sorted(found) == KEYS[1:25] + KEYS[51:]
    assert found.missing == ("key-00", "key-50")
    assert sorted(caught.value.failures) == KEYS[25:50]
    assert isinstance(caught.value.failures["key-30"], ServerError)


def test_with_a_fallback_only_the_part_that_failed_falls_back(call: Driver, serve: Serve) -> None:
    """And a key of another part that matched nothing says so, not that the server failed."""
    fallback = {key: {"Title": "Welcome"} for key in ("key-00", "key-30", "key-59")}
    found = call(serve(second_part_fails).base_url, "fetch", *KEYS, retries=0, fallback=fallback)
    assert found["key-59"].source is Source.NETWORK
    assert (found["key-30"].source, type(found["key-30"].error)) == (Source.DEFAULT, ServerError)
    assert (found["key-00"].source, found["key-00"].error) == (Source.DEFAULT, None)
    assert set(found.missing) == {*KEYS[25:50], "key-50"} - {"key-30"}


def test_when_every_part_fails_alike_the_error_is_the_plain_one(
    call: Driver, answering: Answering
) -> None:
    """It can be caught by its own name."""
    with pytest.raises(ServerError):
        call(answering(http(503)).base_url, "fetch", *KEYS, retries=0)
