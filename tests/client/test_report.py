"""Reporting what was shown and clicked: all of it, once."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moengage_personalize import (
    Event,
    InvalidArgumentError,
    PartialReportError,
    RequestTimeoutError,
    ServerError,
    UnreadableAnswerError,
    Visitor,
)
from moengage_personalize.client.operations import report_call
from moengage_personalize.emulator import Emulator, Fault
from support import CONTEXT, Driver, Handler, ScriptedServer, http

Answering = Callable[..., ScriptedServer]
Serve = Callable[[Handler], ScriptedServer]


def shown(visitor: Visitor | str, **details: Any) -> Event:
    return Event.shown(CONTEXT, visitor=visitor, **details)


def test_250_users_are_three_requests_made_side_by_side(call: Driver, serve: Serve) -> None:
    """100 users a request; the server answers only once all three are there."""
    together = threading.Barrier(3)

    def handle(connection: socket.socket, server: ScriptedServer) -> None:
        while server.read_request(connection):
            together.wait(timeout=5)
            connection.sendall(http(200, {"status": "success", "req_id": "r"}))

    server = serve(handle)
    events = [shown(f"user-{number}") for number in range(250)]
    receipt = call(server.base_url, "report", events, timeout=10, retries=0)
    assert (receipt.accepted, receipt.request_ids) == (250, ("r", "r", "r"))
    sizes = sorted(len(json.loads(body)["elements"]) for body in server.requests)
    assert sizes == [50, 100, 100]


def test_several_events_of_a_user_share_one_element(call: Driver, emulator: Emulator) -> None:
    """In their order, wherever they stood in the report."""
    events = [shown("a"), shown("b"), shown("a")]
    assert call(emulator.base_url, "report", iter(events)).accepted == 3
    (request,) = emulator.requests
    elements = request.json["elements"]
    assert [element["customer_id"] for element in elements] == ["a", "b"]
    uuids = [[action["moe_event_uuid"] for action in element["actions"]] for element in elements]
    assert uuids == [[str(events[0].uuid), str(events[2].uuid)], [str(events[1].uuid)]]


def test_what_is_known_of_a_user_is_merged_and_the_last_word_counts(
    call: Driver, answering: Answering
) -> None:
    """As reports one after the other would have it."""
    server = answering({"status": "success"})
    call(
        server.base_url,
        "report",
        [
            shown(Visitor("a", timezone=0), user_attributes={"name": "J", "plan": "free"}),
            shown(Visitor("a", timezone=19800), user_attributes={"plan": "pro"}),
            shown("a"),
        ],
    )
    (element,) = json.loads(server.requests[0])["elements"]
    assert element["user_attributes"] == {"name": "J", "plan": "pro"}
    assert element["user_timezone_offset"] == 19800


def test_several_experiences_are_shown_in_one_request(call: Driver, emulator: Emulator) -> None:
    """A page with four slots reports once, with all that a fetch gave."""
    found = call(emulator.base_url, "fetch", visitor="user_8821")
    receipt = call(emulator.base_url, "shown", found, visitor="user_8821")
    assert receipt.accepted == len(found) == len(emulator.events) > 1
    assert len(emulator.requests) == 2


@pytest.mark.parametrize("visitor", ["", " ", "\ud83c", None, Visitor(), Visitor(session_id="")])
def test_an_event_about_nobody_is_skipped(call: Driver, visitor: Visitor | str | None) -> None:
    """The customer comes from the browser's cookie, so a page must not break for it."""
    for method in ("shown", "clicked"):
        receipt = call("http://127.0.0.1:9/v1", method, CONTEXT, visitor=visitor)
        assert (receipt.accepted, receipt.skipped) == (0, 1)


def test_one_uuid_is_of_one_event(call: Driver, answering: Answering) -> None:
    """Two events of one UUID would count once."""
    server = answering({"status": "success"})
    options: dict[str, Any] = {"visitor": "u", "event_uuid": uuid4()}
    assert call(server.base_url, "shown", CONTEXT, **options).accepted == 1
    with pytest.raises(InvalidArgumentError, match="event_uuid"):
        call(server.base_url, "shown", CONTEXT, CONTEXT, **options)


def test_a_part_that_failed_is_told_and_what_was_accepted_is_not_sent_again(
    call: Driver, emulator: Emulator
) -> None:
    """Reporting the undelivered events completes it, each event once."""
    emulator.fail("reportExperienceEvents", Fault.status(500, times=1))
    events = [shown(f"user-{number}") for number in range(250)]
    with pytest.raises(PartialReportError, match="1 of 3 requests failed") as caught:
        call(emulator.base_url, "report", events, retries=0)
    error = caught.value
    assert error.accepted + len(error.undelivered) == 250
    assert len(error.undelivered) in {50, 100}
    assert (len(error.request_ids), type(error.failures[0])) == (2, ServerError)
    assert len(emulator.events) == error.accepted
    call(emulator.base_url, "report", error.undelivered)
    assert {event.uuid for event in emulator.events} == {str(event.uuid) for event in events}
    assert {event.deliveries for event in emulator.events} == {1}


@pytest.mark.parametrize("method", ["shown", "clicked"])
def test_an_event_that_was_not_accepted_can_be_reported_again_with_its_uuid(
    call: Driver, emulator: Emulator, method: str
) -> None:
    """The caller never saw it being made, so the error hands it over."""
    emulator.fail("reportExperienceEvents", Fault.after_processing(Fault.hang(times=1)))
    with pytest.raises(RequestTimeoutError) as caught:
        call(emulator.base_url, method, CONTEXT, visitor="u", timeout=0.3)
    call(emulator.base_url, "report", caught.value.undelivered)
    (event,) = emulator.events
    assert event.deliveries == 2


def test_an_empty_report_sends_nothing(call: Driver, answering: Answering) -> None:
    """The API would refuse it."""
    server = answering(http(400))
    assert call(server.base_url, "report", []).accepted == 0
    assert call(server.base_url, "shown", visitor="u").accepted == 0
    assert server.connections == 0


@pytest.mark.parametrize(
    ("events", "field"),
    [
        ([shown("u"), CONTEXT], "events[1]"),
        ([None], "events[0]"),
        (None, "events"),
        (shown("u"), "events"),
    ],
)
def test_what_is_no_event_is_refused(
    call: Driver, answering: Answering, events: Any, field: str
) -> None:
    """Before anything is sent."""
    server = answering({"status": "success"})
    with pytest.raises(InvalidArgumentError) as caught:
        call(server.base_url, "report", events)
    assert (caught.value.field, server.connections) == (field, 0)


@given(st.lists(st.integers(0, 300), max_size=600))
def test_no_split_loses_or_doubles_an_event(customers: list[int]) -> None:
    """However events and users are mixed, each event is in exactly one request."""
    events = [shown(str(customer)) for customer in customers]
    parts = [part["body"].to_dict()["elements"] for part in report_call(events).parts]
    assert all(0 < len(elements) <= 100 for elements in parts)
    sent = [
        action["moe_event_uuid"]
        for elements in parts
        for element in elements
        for action in element["actions"]
    ]
    assert sorted(sent) == sorted(str(event.uuid) for event in events)
    people = [element["customer_id"] for elements in parts for element in elements]
    assert len(people) == len(set(people)) == len(set(customers))


@pytest.mark.parametrize(
    "answer",
    [http(200), http(201, {"status": "x", "req_id": "r"}), http(202, b"Accepted"), http(202, {}),
     http(204), http(299, b"[")],
)  # fmt: skip
def test_every_success_accepts_the_events(
    call: Driver, answering: Answering, answer: bytes
) -> None:
    """A gateway that queues them says 202 or 204; a failure would be sent again and again."""
    receipt = call(answering(answer).base_url, "report", [shown("u")])
    assert receipt.accepted == 1
    assert receipt.request_ids == (("r",) if b"req_id" in answer else ())


def test_a_page_in_place_of_the_apis_answer_accepts_no_events(
    call: Driver, answering: Answering
) -> None:
    """A login page comes with 200, from something that never handed the request on."""
    server = answering(http(200, b"<html>", content_type="text/html"))
    with pytest.raises(UnreadableAnswerError) as caught:
        call(server.base_url, "report", [shown("u")])
    assert len(caught.value.undelivered) == 1
