"""`shown` and `clicked`: from what a fetch gave to what the API receives."""

from __future__ import annotations

import json
import time
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from cli.helpers import CUSTOMER, Invoke
from moengage_personalize.emulator import Emulator, Fault
from support import CONTEXT

WHO = ("--customer-id", CUSTOMER)


def test_shown_takes_what_fetch_printed(pointed: Emulator, invoke: Invoke, fetched: str) -> None:
    """Through a pipe; the context arrives unchanged."""
    outcome = invoke("shown", "--context", "-", "homepage-banner", *WHO, stdin=fetched)
    assert outcome.code == 0
    (event,) = pointed.events
    assert event.action == "MOE_PERSONALIZATION_MESSAGE_SHOWN"
    assert (event.customer_id, event.platform) == (CUSTOMER, "web")
    context = json.loads(fetched)["experiences"]["homepage-banner"]["context"]
    assert event.attributes == context
    assert event.uuid in outcome.stdout
    assert "Accepted: 1. Request ID" in outcome.stdout
    assert CUSTOMER not in outcome.said


def test_clicked_names_its_element(pointed: Emulator, invoke: Invoke, fetched: str) -> None:
    """In b_id."""
    outcome = invoke(
        "clicked", "--context", "-", "promo-strip", "--element", "Add to Cart", *WHO,
        stdin=fetched,
    )  # fmt: skip
    assert outcome.code == 0
    (event,) = pointed.events
    assert event.action == "MOE_PERSONALIZATION_MESSAGE_CLICKED"
    assert event.attributes["b_id"] == "Add to Cart"


def test_clicked_fetches_by_itself(pointed: Emulator, invoke: Invoke) -> None:
    """A key and a visitor are all that a click takes; the fetch tells all that is known."""
    outcome = invoke("clicked", "promo-strip", "--attribute", "utm_medium=email", *WHO)
    assert outcome.code == 0
    fetch, report = pointed.requests
    assert fetch.json["utm_medium"] == "email"
    assert report.json["elements"][0]["customer_id"] == CUSTOMER
    assert pointed.events[0].attributes["moe_variation_id"]


def test_event_of_an_anonymous_visitor_is_about_the_session(
    pointed: Emulator, invoke: Invoke
) -> None:
    """The fetch before it does not send that."""
    assert invoke("shown", "homepage-banner", "--session-id", "3f1c").code == 0
    assert "identifiers" not in pointed.requests[0].json
    assert pointed.events[0].customer_id == "3f1c"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("nowhere", *WHO), 1, "no experience for this visitor: nowhere"),
        (WHO, 2, "give a KEY to fetch, or --context"),
        (("homepage-banner",), 2, "no customer_id and no session_id"),
    ],
)
def test_a_click_that_cannot_be_reported_says_why(
    pointed: Emulator, invoke: Invoke, arguments: tuple[str, ...], code: int, said: str
) -> None:
    """And no event is sent."""
    outcome = invoke("clicked", *arguments)
    assert outcome.code == code
    assert said in outcome.stderr
    assert pointed.events == []


def test_several_experiences_are_one_request(
    pointed: Emulator, invoke: Invoke, fetched: str
) -> None:
    """Each is an event of its own."""
    outcome = invoke(
        "shown", "--context", "-", "promo-strip", "homepage-banner", "--json",
        *WHO, stdin=fetched,
    )  # fmt: skip
    assert len(pointed.requests) == 1
    assert outcome.json["accepted"] == 2
    assert len(outcome.json["request_ids"]) == 1
    assert [event["key"] for event in outcome.json["events"]] == ["promo-strip", "homepage-banner"]
    assert [event["uuid"] for event in outcome.json["events"]] == [e.uuid for e in pointed.events]


def test_saved_file_with_one_experience_needs_no_key(
    pointed: Emulator, invoke: Invoke, tmp_path: Path
) -> None:
    """There is no doubt which one is meant."""
    file = str(tmp_path / "contexts.json")
    invoke("fetch", "promo-strip", "--save-context", file)
    assert invoke("shown", "--context", file, *WHO).code == 0
    assert len(pointed.events) == 1


@pytest.mark.parametrize(
    "document",
    [CONTEXT, {"experiences": {"a": {"payload": {}, "experience_context": CONTEXT}}}],
    ids=["bare context", "the API's own answer"],
)
def test_context_from_elsewhere_is_accepted(
    pointed: Emulator, invoke: Invoke, document: object
) -> None:
    """As a server may hand it to a person."""
    outcome = invoke("shown", "--context", "-", *WHO, stdin=json.dumps(document))
    assert outcome.code == 0
    assert pointed.events[0].attributes == CONTEXT


@pytest.mark.parametrize(
    ("given", "received"), [("1700000000", 1700000000), ("2023-11-14T22:13:20Z", 1700000000)]
)
def test_event_time_is_a_number_or_text(
    pointed: Emulator, invoke: Invoke, fetched: str, given: str, received: int
) -> None:
    """It arrives in whole seconds."""
    arguments = ("--context", "-", "promo-strip", "--event-time", given)
    assert invoke("shown", *arguments, *WHO, stdin=fetched).code == 0
    assert pointed.events[0].event_time == received


@pytest.mark.parametrize(
    ("given", "received"), [("Asia/Kolkata", 19800), ("19800", 19800), ("-18000", -18000)]
)
def test_timezone_is_a_name_or_seconds(
    pointed: Emulator, invoke: Invoke, fetched: str, given: str, received: int
) -> None:
    """East and west of UTC."""
    arguments = ("--context", "-", "promo-strip", "--timezone", given)
    assert invoke("clicked", *arguments, *WHO, stdin=fetched).code == 0
    assert pointed.events[0].user_timezone_offset == received


def test_undelivered_event_can_be_repeated_as_the_same(
    pointed: Emulator, invoke: Invoke, fetched: str
) -> None:
    """The error tells its UUID and time; given again, the event counts once."""
    arguments = ("shown", "--context", "-", "promo-strip", *WHO)
    pointed.fail(None, Fault.after_processing(Fault.status(418)))
    outcome = invoke(*arguments, "--json", stdin=fetched)
    assert outcome.code == 5
    (undelivered,) = outcome.json["error"]["undelivered"]
    repeat = (
        "--event-uuid", undelivered["uuid"], "--event-time", str(undelivered["event_time"])
    )  # fmt: skip
    assert " ".join(repeat) in outcome.stderr
    assert UUID(undelivered["uuid"]).version == 4
    assert abs(undelivered["event_time"] - time.time()) < 60
    pointed.heal()
    assert invoke(*arguments, *repeat, stdin=fetched).code == 0
    (event,) = pointed.events
    assert (event.uuid, event.deliveries) == (undelivered["uuid"], 2)


@pytest.mark.parametrize(
    ("stdin", "said"),
    [
        ("", "is not JSON"),
        ("{", "is not JSON"),
        ("[" * 100_000, "nested too deeply"),
        ("[]", "must be a JSON object"),
        ("{}", "must be from fetch"),
        ('{"experiences": {"a": 1}}', "has no context"),
        ('{"error": {"message": "503 Service Unavailable"}}', "the fetch failed: 503"),
        ('{"cid": "x"}', "lacks the text 'experience'"),
    ],
)
def test_unusable_context_is_told(pointed: Emulator, invoke: Invoke, stdin: str, said: str) -> None:
    """With exit code 2, and nothing sent."""
    outcome = invoke("shown", "--context", "-", *WHO, stdin=stdin)
    assert outcome.code == 2
    assert said in outcome.stderr
    assert pointed.requests == []


@pytest.mark.parametrize("content", [None, b"\xff"])
def test_unreadable_context_file_is_named(
    pointed: Emulator, invoke: Invoke, tmp_path: Path, content: bytes | None
) -> None:
    """Missing, or no text."""
    file = tmp_path / "contexts.json"
    if content is not None:
        file.write_bytes(content)
    outcome = invoke("shown", "--context", str(file), *WHO)
    assert outcome.code == 2
    assert str(file) in outcome.stderr
    assert pointed.requests == []


@pytest.mark.parametrize(
    ("document", "arguments", "code"),
    [
        ({"experiences": {}}, (), 1),
        ({"experiences": {"a": {"context": CONTEXT}}}, ("b"), 1),
        ({"experiences": {key: {"context": CONTEXT} for key in "ab"}}, (), 2),
        (CONTEXT, ("a"), 2),
        (
            {"experiences": {key: {"context": CONTEXT} for key in "ab"}},
            ("a", "b", "--event-uuid", str(uuid4())),
            2,
        ),
    ],
    ids=["none", "other key", "ambiguous", "key of a bare context", "one UUID for two"],
)
def test_choice_of_the_context_must_be_clear(
    pointed: Emulator, invoke: Invoke, document: object, arguments: tuple[str, ...], code: int
) -> None:
    """1 where it is not there, 2 where it is unclear; nothing is sent."""
    outcome = invoke("shown", "--context", "-", *arguments, *WHO, stdin=json.dumps(document))
    assert outcome.code == code
    assert pointed.requests == []


@pytest.mark.parametrize(
    "arguments",
    [
        ("--platform", "fridge"),
        ("--event-time", "1700000000000"),
        ("--event-time", "yesterday"),
        ("--timezone", "Mars/Olympus"),
        ("--timezone", "99999"),
        ("--event-uuid", "1"),
    ],
)
def test_unacceptable_detail_is_refused_unsent(
    pointed: Emulator, invoke: Invoke, fetched: str, arguments: tuple[str, ...]
) -> None:
    """With exit code 2."""
    command = ("shown", "--context", "-", "promo-strip", *WHO, *arguments)
    outcome = invoke(*command, stdin=fetched)
    assert outcome.code == 2
    assert CUSTOMER not in outcome.said
    assert pointed.requests == []
