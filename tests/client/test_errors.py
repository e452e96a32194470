"""Each failure has a name, the facts to act on, and no secret."""

from __future__ import annotations

import gzip
import inspect
import json
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from moengage_personalize import (
    ApiError,
    AuthenticationError,
    BadRequestError,
    InvalidArgumentError,
    PersonalizeClient,
    PersonalizeError,
    RateLimitedError,
    ServerError,
    UnexpectedStatusError,
    UnreadableAnswerError,
    Visitor,
    errors,
)
from support import CONTEXT, Driver, ScriptedServer, experiences, http

Answering = Callable[..., ScriptedServer]


BODIES: list[tuple[dict[str, Any] | bytes, str]] = [
    (
        {"title": "Odd", "description": "What happened", "code": "E7", "req_id": "r-9"},
        "application/json",
    ),
    (b"", "text/html"),
    (b"<html>Bad</html>", "text/html"),
    (b"<html>", "application/json"),
    (b"[1]", "application/json"),
    (b'"text"', "application/json"),
    ({"title": None, "description": {"odd": 1}, "code": 7}, "application/json"),
]


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, BadRequestError),
        (401, AuthenticationError),
        (429, RateLimitedError),
        (500, ServerError),
        (502, ServerError),
        (503, ServerError),
        (504, ServerError),
        (599, ServerError),
        (301, UnexpectedStatusError),
        (403, UnexpectedStatusError),
        (404, UnexpectedStatusError),
    ],
)
def test_every_status_has_its_error_whatever_the_body(
    answering: Answering, status: int, error: type[ApiError]
) -> None:
    """HTML, nothing, or JSON of another shape: never a decoding error."""
    answers = [http(status, body, content_type=kind) for body, kind in BODIES for _ in range(2)]
    with PersonalizeClient("W", "K", base_url=answering(*answers).base_url, retries=0) as client:
        for body, _ in BODIES:
            for call in (client.fetch, client.metadata):
                with pytest.raises(error) as caught:
                    call()
                found = caught.value
                assert found.status == status, body
                assert str(status) in str(found), body
                if isinstance(body, dict) and body["title"]:
                    told = (found.title, found.description, found.code, found.request_id)
                    assert told == ("Odd", "What happened", "E7", "r-9")
                    assert "Odd: What happened (code E7, request r-9)" in str(found)


@pytest.mark.parametrize(
    ("answer", "field"),
    [
        (http(200, b"<html>", content_type="text/html"), None),
        (http(200, b""), None),
        (http(200, b"null"), None),
        (http(200, b'{"experiences": {'), None),
        (http(200, b"[]"), "experiences"),
        (http(200, {}), "experiences"),
        (http(200, {"experiences": None}), None),
        (http(204), None),
        (http(200, b"\x00", Content_Encoding="gzip"), None),
        (http(200, b"[" * 100_000), None),
    ],
)
def test_an_unreadable_success_says_what_is_missing(
    call: Driver, answering: Answering, answer: bytes, field: str | None
) -> None:
    """Named by field where that is known, and never a bare KeyError."""
    server = answering(answer)
    with pytest.raises(UnreadableAnswerError) as caught:
        call(server.base_url, "fetch", "a")
    assert caught.value.field == field
    if field:
        assert repr(field) in str(caught.value)
    assert len(server.requests) == 1


def test_a_compressed_answer_is_read(call: Driver, answering: Answering) -> None:
    """What httpx offers to accept must work."""
    body = gzip.compress(json.dumps(experiences("a")).encode())
    server = answering(http(200, body, Content_Encoding="gzip"))
    assert list(call(server.base_url, "fetch", "a")) == ["a"]


def test_the_servers_words_are_kept_and_secrets_in_them_are_not(
    call: Driver, answering: Answering
) -> None:
    """A server that echoes the request must not carry it into our logs."""
    echo = (
        "customer user_8821 (jane@example.com) from 203.0.113.7 of EMULATED_WORKSPACE with "
        "RU1VTEFURURfV09SS1NQQUNFOkVNVUxBVEVEX0tFWQ== is odd"
    )
    server = answering(http(400, {"title": "Bad user_8821", "description": echo}))
    with pytest.raises(BadRequestError) as caught:
        call(
            server.base_url,
            "fetch",
            visitor=Visitor(
                "user_8821", identifiers={"u_em": "jane@example.com"}, attributes={"USER": "x"}
            ),
        )
    text = f"{caught.value} {caught.value!r} {caught.value.description} {caught.value.title}"
    assert "[redacted]" in text
    assert "is odd" in text
    for secret in ("8821", "jane", "EMULATED_WORKSPACE", "RU1VTEFURURf"):
        assert secret not in text
    with pytest.raises(BadRequestError) as caught:
        call(server.base_url, "shown", CONTEXT, visitor="user_8821")
    assert "8821" not in str(caught.value)


@pytest.mark.parametrize(
    "echoed",
    [
        "customer_id%3Djane%26co%2Bx%40example.com%3B",
        "id=jane%26co%2Bx@example.com",
        "/users/jane&amp;co+x@example.com",
        "jane&#38;co+x@example.com",
        "jane%2526co%252Bx%2540example.com",
        "jane&amp;amp;co+x@example.com",
        "jane&amp;co+x%40example.com",
        r"jane\u0026co+x\u0040example.com",
        r"jane\\u0026co+x@example.com",
        r"jane\x26co+x@example.com",
        r"id:\njane&co+x@example.com\t",
        r"jane\&co+x@example\.com",
        "%253Cb%253Ejane%2526amp%253Bco%252Bx%2540example.com",
    ],
)
def test_a_secret_that_the_server_repeats_encoded_is_not_kept(
    answering: Answering, echoed: str
) -> None:
    """As a gateway's page repeats the URL that it made of the request."""
    server = answering(http(400, {"title": "Bad", "description": f"no route to {echoed} today"}))
    with pytest.raises(BadRequestError) as caught:
        Driver("sync")(server.base_url, "fetch", visitor="jane&co+x@example.com")
    assert "no route to " in str(caught.value)
    assert "[redacted]" in str(caught.value)
    for part in ("jane", "co", "example"):
        assert part not in str(caught.value)


def test_every_secret_is_found_however_each_is_encoded(answering: Answering) -> None:
    """And the rest is kept, with what looks encoded and is not."""
    text = r"50% off\u2026 user_8821 &amp; jane%2540example.com of EMULATED\u005fWORKSPACE"
    server = answering(http(400, {"title": "Bad", "description": text}))
    visitor = Visitor("user_8821", identifiers={"u_em": "jane@example.com"})
    with pytest.raises(BadRequestError) as caught:
        Driver("sync")(server.base_url, "fetch", visitor=visitor)
    assert caught.value.description == "50% off… [redacted] &amp; [redacted] of [redacted]"


def test_a_text_that_is_encoded_again_and_again_is_not_kept(answering: Answering) -> None:
    """No person wrote it, and decoding it to the end would take long."""
    title = "jane%" + "25" * 10_000 + "40example.com"
    server = answering(http(400, {"title": title, "code": "E7"}))
    with pytest.raises(BadRequestError) as caught:
        Driver("sync")(server.base_url, "fetch", visitor="jane@example.com")
    assert (caught.value.title, caught.value.code) == ("[redacted]", "E7")


def test_a_text_without_secrets_is_kept_as_it_came(answering: Answering) -> None:
    """Percent signs, entities and backslashes in it may be its subject."""
    text = r"50%25 off &amp;amp; C:\new\u0041 a+b %%"
    server = answering(http(400, {"title": "Bad", "description": text}))
    with pytest.raises(BadRequestError) as caught:
        Driver("sync")(server.base_url, "fetch", visitor="user_8821")
    assert caught.value.description == text


@pytest.mark.parametrize(
    ("content_type", "told"),
    [
        ("Text/HTML; charset=utf-8", "text/html"),
        ("text/html; for=user_8821", "text/html"),
        ("text/user_8821", "unknown type"),
        ("user_8821", "unknown type"),
    ],
)
def test_a_page_instead_of_json_is_described_without_its_own_words(
    answering: Answering, content_type: str, told: str
) -> None:
    """Its Content-Type may repeat the customer."""
    server = answering(http(200, b"<html>", content_type=content_type))
    with pytest.raises(UnreadableAnswerError) as caught:
        Driver("sync")(server.base_url, "fetch", visitor="user_8821")
    assert told in str(caught.value)
    assert "8821" not in str(caught.value)


def test_an_unknown_compression_is_not_repeated(answering: Answering) -> None:
    """It may be the customer."""
    server = answering(http(200, b"{}", Content_Encoding="user_8821"))
    with pytest.raises(UnreadableAnswerError, match="accepted: gzip, deflate") as caught:
        Driver("sync")(server.base_url, "fetch", visitor="user_8821")
    assert "8821" not in str(caught.value)


def test_a_number_in_html_that_python_does_not_read_changes_no_error(answering: Answering) -> None:
    """`int` refuses more than 4,300 digits."""
    number = f"&#{'9' * 5000};"
    server = answering(http(401, {"title": "No", "description": f"{number} for user&#95;8821"}))
    with pytest.raises(AuthenticationError, match="401 No") as caught:
        Driver("sync")(server.base_url, "fetch", visitor="user_8821")
    assert "8821" not in str(caught.value)
    assert len(server.requests) == 1


def test_a_very_long_description_is_cut(answering: Answering) -> None:
    """A gateway's page in a JSON field must not fill the log."""
    server = answering(http(400, {"title": "Bad", "description": "x" * 50_000}))
    with pytest.raises(BadRequestError) as caught:
        Driver("sync")(server.base_url, "fetch")
    assert "xxx…" in str(caught.value)
    assert len(str(caught.value)) < 600


ALL_ERRORS = [
    value
    for value in vars(errors).values()
    if inspect.isclass(value) and issubclass(value, PersonalizeError)
]


@pytest.mark.parametrize("kind", ALL_ERRORS)
def test_every_error_survives_a_process_boundary(kind: type[PersonalizeError]) -> None:
    """Task queues and multiprocessing pickle them."""
    error = kind("what happened")
    error.attempts = 3
    error.undelivered = ("event",)
    if isinstance(error, ApiError):
        error.status, error.title = 503, "Busy"
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is kind
    assert (str(again), vars(again)) == (str(error), vars(error))


def test_the_tree_is_drawn_in_full() -> None:
    """The docstring names every error, so that a reader sees what to catch."""
    for kind in ALL_ERRORS:
        assert kind.__name__ in (errors.__doc__ or "")
        assert kind.__name__ in errors.__all__


def test_a_refused_argument_is_also_a_value_error() -> None:
    """As Python code expects it, with the field and the accepted values at hand."""
    error = InvalidArgumentError("is odd", field="day", accepted=("Monday",))
    assert isinstance(error, ValueError)
    assert str(error) == "day: is odd; accepted: Monday"


def test_an_answer_that_begins_with_a_byte_order_mark_is_read(
    call: Driver, answering: Answering
) -> None:
    """Some gateways write one, and JSON readers of bytes skip it."""
    body = b"\xef\xbb\xbf" + json.dumps(experiences("a")).encode()
    server = answering(http(200, body))
    assert list(call(server.base_url, "fetch", "a")) == ["a"]


def test_a_header_beyond_ascii_changes_no_error(call: Driver, answering: Answering) -> None:
    """A gateway's own name in one must not hide that it asks for patience."""
    server = answering(http(503, X_Gateway="café", Retry_After="7"))
    with pytest.raises(ServerError) as caught:
        call(server.base_url, "fetch", "a", retries=0)
    assert caught.value.retry_after == 7
