"""Asking for experiences."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from moengage_personalize import InvalidArgumentError, Source, Visitor
from moengage_personalize.emulator import Emulator
from support import CONTEXT, Driver, Handler, ScriptedServer, experiences, http

Answering = Callable[..., ScriptedServer]
Serve = Callable[[Handler], ScriptedServer]


def test_every_word_of_the_question_reaches_the_api_as_the_guide_spells_it(
    call: Driver, answering: Answering
) -> None:
    """Identifiers nested, session attributes at top level, day and hour in UTC."""
    server = answering(experiences("banner"))
    found = call(
        server.base_url,
        "fetch",
        "banner",
        "promo",
        "banner",
        visitor=Visitor(
            "user_8821",
            session_id="3f1c",
            identifiers={"u_em": "jane@example.com"},
            user_agent="Mozilla/5.0",
            ip_address="203.0.113.7",
            attributes={"utm_medium": "email"},
            platform="ios",
            timezone="Asia/Kolkata",
        ),
        at=datetime(2026, 11, 24, 1, 30, tzinfo=timezone(timedelta(hours=5, minutes=30))),
    )
    assert json.loads(server.requests[0]) == {
        "identifiers": {
            "customer_id": "user_8821",
            "user_identifiers": {"u_em": "jane@example.com"},
        },
        "experience_key": ["banner", "promo"],
        "DAY_OF_THE_WEEK": "Monday",
        "TIME_OF_THE_DAY": "20",
        "USER_IP_ADDRESS": "203.0.113.7",
        "USER_AGENT": "Mozilla/5.0",
        "utm_medium": "email",
    }
    assert (list(found), found.missing) == (["banner"], ("promo",))
    assert (found["banner"]["Title"], found["banner"].source) == (
        "Hello from banner",
        Source.NETWORK,
    )


@pytest.mark.parametrize(
    "further",
    [
        {"failures": {"promo": "USER_NOT_IN_SEGMENT", "other": "EXPERIENCE_EXPIRED"}},
        {"failures": {"promo": {"reason": "USER_NOT_IN_SEGMENT", "message": "…"}}},
        {"failures": [{"experience_key": "promo", "reason": "USER_NOT_IN_SEGMENT"}, None]},
    ],
    ids=["texts", "objects", "rows"],
)
def test_a_reason_for_a_missing_key_is_kept(
    call: Driver, answering: Answering, further: dict[str, Any]
) -> None:
    """Wherever the API may come to tell one; of keys that were asked for."""
    server = answering(http(200, {"experiences": {}, **further}))
    found = call(server.base_url, "fetch", "banner", "promo")
    assert found.missing == ("banner", "promo")
    assert found.reasons == {"promo": "USER_NOT_IN_SEGMENT"}


def test_a_fetch_of_everything_keeps_every_reason(call: Driver, answering: Answering) -> None:
    """No key was asked for, so any key may be meant; the first to give a reason is believed."""
    further = {"failures": {"promo": "USER_NOT_IN_SEGMENT"}, "notes": {"promo": "LATER"}}
    server = answering(http(200, {"experiences": {}, **further}))
    found = call(server.base_url, "fetch")
    assert (found.missing, found.reasons) == ((), {"promo": "USER_NOT_IN_SEGMENT"})


def test_what_is_no_reason_is_ignored(call: Driver, answering: Answering) -> None:
    """Fields of tomorrow may hold anything."""
    further: dict[str, Any] = {
        "a": 1,
        "b": None,
        "c": {"banner": 5},
        "d": [{"experience_key": {}}],
        "e": "banner",
        "names": {"banner": "Promo strip"},
        "currencies": {"banner": "₹"},
    }
    server = answering(http(200, {"experiences": {}, **further}))
    assert call(server.base_url, "fetch", "banner").reasons == {}


def test_what_is_not_said_is_not_sent(call: Driver, answering: Answering) -> None:
    """No empty identifiers, no null fields: every experience for all users."""
    server = answering(experiences())
    visitor = Visitor(session_id="3f1c", identifiers={}, attributes={}, user_agent=" ")
    assert dict(call(server.base_url, "fetch", visitor=visitor, at=None)) == {}
    assert json.loads(server.requests[0]) == {}


def test_sixty_keys_are_three_requests_made_side_by_side_and_one_answer(
    call: Driver, serve: Serve
) -> None:
    """The API answers 25 keys a request; the server answers only once all three are there."""
    together = threading.Barrier(3)

    def handle(connection: socket.socket, server: ScriptedServer) -> None:
        while request := server.read_request(connection):
            keys = json.loads(request.partition(b"\r\n\r\n")[2])["experience_key"]
            together.wait(timeout=5)
            connection.sendall(http(200, experiences(*keys)))

    server = serve(handle)
    keys = [f"key-{number:02}" for number in range(60)]
    found = call(server.base_url, "fetch", *keys, timeout=10, retries=0)
    assert sorted(found) == keys
    assert found.missing == ()
    sizes = sorted(len(json.loads(body)["experience_key"]) for body in server.requests)
    assert sizes == [10, 25, 25]


def test_a_context_with_fields_nobody_knows_comes_back_unchanged(
    call: Driver, answering: Answering
) -> None:
    """As `attributes` of an event, whatever the values are."""
    context = {
        **CONTEXT,
        "experience_type": "API based Experience",
        "new": {"nested": [1, 2.5, None, True, "ü\u2028</script>"]},
        "big": 2**70,
        "additional_properties": {"x": 1},
        "empty": "",
    }
    server = answering(
        experiences("banner", context=context), {"status": "success", "req_id": "r-1"}
    )
    banner = call(server.base_url, "fetch", "banner")["banner"]
    assert banner.context == context
    receipt = call(server.base_url, "shown", banner, visitor="u")
    assert receipt.request_ids == ("r-1",)
    sent = json.loads(server.requests[1])["elements"][0]["actions"][0]["attributes"]
    assert sent == context


def test_an_answer_may_grow(call: Driver, answering: Answering) -> None:
    """New fields in every object, and a new data type, break nothing."""
    body = experiences("banner")
    body["next"] = 1
    banner = body["experiences"]["banner"]
    banner["next"] = 2
    banner["payload"]["When"] = {"value": "2026-01-01", "data_type": "date", "next": 3}
    found = call(answering(body).base_url, "fetch", "banner")["banner"]
    assert found["When"] == "2026-01-01"
    assert found.payload["When"].data_type == "date"


@pytest.mark.parametrize(
    ("keys", "options", "field"),
    [
        ((), {"visitor": 8821}, "visitor"),
        ((), {"visitor": {"customer_id": "user_8821"}}, "visitor"),
        (("",), {}, "keys"),
        ((None,), {}, "keys"),
        ((["a", "b"],), {}, "keys"),
        ((), {"at": datetime(2026, 1, 1)}, "at"),  # noqa: DTZ001  (the point of it)
        ((), {"at": "2026-01-01T00:00:00Z"}, "at"),
        ((), {"at": "tomorrow"}, "at"),
        ((), {"at": datetime.max.replace(tzinfo=timezone(-timedelta(hours=5)))}, "at"),
        ((), {"timeout": 0}, "timeout"),
        ((), {"timeout": -1}, "timeout"),
        ((), {"timeout": float("inf")}, "timeout"),
        ((), {"timeout": "1"}, "timeout"),
    ],
)
def test_a_wrong_argument_is_refused_by_name_before_anything_is_sent(
    call: Driver,
    answering: Answering,
    keys: tuple[Any, ...],
    options: dict[str, Any],
    field: str,
) -> None:
    """The error does not say who the visitor is."""
    server = answering(experiences())
    with pytest.raises(InvalidArgumentError) as caught:
        call(server.base_url, "fetch", *keys, **options)
    assert caught.value.field == field
    assert "8821" not in str(caught.value)
    assert server.connections == 0


def test_the_accepted_values_are_listed_and_a_slip_in_case_is_noticed() -> None:
    """The error says what would be right."""
    driver = Driver("sync")
    with pytest.raises(InvalidArgumentError, match=r"did you mean 'Active'.*Paused, Scheduled"):
        driver("http://127.0.0.1:1/v1", "metadata", "active")


@pytest.mark.parametrize("given", [{}, {"at": "now"}])
def test_the_moment_is_now_unless_it_is_given(
    answering: Answering, monkeypatch: pytest.MonkeyPatch, given: dict[str, Any]
) -> None:
    """So that experiences which are targeted by day or hour match."""
    server = answering(experiences())
    sunday = datetime(2026, 11, 29, 7, 59, tzinfo=UTC)
    monkeypatch.setattr(time, "gmtime", sunday.utctimetuple)
    Driver("sync")(server.base_url, "fetch", **given)
    sent = json.loads(server.requests[0])
    assert (sent["DAY_OF_THE_WEEK"], sent["TIME_OF_THE_DAY"]) == ("Sunday", "07")


def test_a_context_that_lacks_what_events_need_hides_no_payload(
    call: Driver, answering: Answering
) -> None:
    """It is not reportable, and says so."""
    body = experiences("a", "b", "c")
    body["experiences"]["a"]["experience_context"] = {**CONTEXT, "audience_name": None}
    del body["experiences"]["b"]["experience_context"]
    found = call(answering(body).base_url, "fetch", "a", "b", "c")
    assert [experience["Title"] for experience in found.values()] == [
        "Hello from a",
        "Hello from b",
        "Hello from c",
    ]
    assert [experience.is_reportable for experience in found.values()] == [False, False, True]
    server = answering({"status": "success"})
    receipt = call(server.base_url, "shown", found, visitor="u")
    assert (receipt.accepted, receipt.skipped) == (1, 2)


def test_the_emulator_accepts_the_whole_way(call: Driver, emulator: Emulator) -> None:
    """Fetch, shown, clicked and metadata, judged by the OpenAPI document."""
    found = call(emulator.base_url, "fetch", "homepage-banner", "no-such", visitor="user_8821")
    banner = found["homepage-banner"]
    assert found.missing == ("no-such",)
    call(emulator.base_url, "shown", banner, visitor="user_8821")
    visitor = Visitor("user_8821", timezone="Asia/Kolkata")
    call(emulator.base_url, "clicked", banner, visitor=visitor, element="Add to Cart")
    listing = call(emulator.base_url, "metadata", "Active", "Paused")
    assert {entry.status for entry in listing} == {"Active", "Paused"}
    assert emulator.requests[-1].query in {"status=Active,Paused", "status=Active%2CPaused"}
    shown, clicked = emulator.events
    assert shown.attributes == banner.context
    assert clicked.attributes == {**banner.context, "b_id": "Add to Cart"}
    assert clicked.user_timezone_offset == 19800
    assert {request.status for request in emulator.requests} == {200}


@pytest.mark.parametrize("status", [201, 203, 206])
def test_a_readable_body_is_read_whatever_the_success(
    call: Driver, answering: Answering, status: int
) -> None:
    """A proxy that changed the answer says 203, for example."""
    server = answering(http(status, experiences("a")))
    assert list(call(server.base_url, "fetch", "a")) == ["a"]
    listing = {"metadata": {"count": 0, "experiences": []}}
    assert call(answering(http(status, listing)).base_url, "metadata") == ()
