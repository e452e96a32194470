import json
from typing import Any

import httpx
import pytest

from moengage_personalize.emulator import Emulator

FETCH = "/experiences/fetch"
EVENTS = "/experiences/events"
JSON = {"Content-Type": "application/json"}


def refusal(answer: httpx.Response, title: str = "Invalid Field Value") -> dict[str, str]:
    """Return the error object of a 400, which has the API's title."""
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/json"
    problem = answer.json()
    assert isinstance(problem, dict)
    assert problem["title"] == title
    return problem


@pytest.mark.parametrize("path", [FETCH, EVENTS])
@pytest.mark.parametrize("headers", [JSON, {}])
def test_empty_body_gets_400(http: httpx.Client, path: str, headers: dict[str, str]) -> None:
    """A request without a body is refused as such."""
    problem = refusal(http.post(path, headers=headers), "Malformed JSON")
    assert "is empty" in problem["description"]


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"{'a': 1}",
        b'{"a": NaN}',
        b'{"a": -Infinity}',
        b"\xff",
        '{"a": 1}'.encode("utf-16"),
        b'\xef\xbb\xbf{"a": 1}',
        b'{"a": "\\ud800"}',
        b'{"a": "\\uDC00"}',
        b"[" * 100_000,
        b'{"a": ' + b"9" * 5000 + b"}",
    ],
    ids=lambda body: repr(body[:20]),
)
def test_malformed_json_gets_400(http: httpx.Client, body: bytes) -> None:
    """What is not JSON in UTF-8, text and numbers included, is refused and breaks nothing."""
    problem = refusal(http.post(FETCH, content=body, headers=JSON), "Malformed JSON")
    assert "well-formed" in problem["description"]


def test_a_code_is_new_each_time(http: httpx.Client) -> None:
    """It is an ID for support: a client that branches on it finds out here."""
    first, second = (refusal(http.post(EVENTS, json={})) for _ in range(2))
    assert len(first["code"]) == 8
    assert first["code"] != second["code"]


def test_surrogate_pair_is_text(http: httpx.Client) -> None:
    """A whole pair of surrogates is one character, and fine."""
    body = b'{"identifiers": {"customer_id": "\\ud83d\\ude00"}}'
    assert http.post(FETCH, content=body, headers=JSON).status_code == 200


def test_very_deep_and_very_large_values_are_carried_out(http: httpx.Client) -> None:
    """A field of any depth and a number of any size are the visitor's own affair."""
    deep = b'{"depth": ' + b"[" * 500 + b"]" * 500 + b', "size": ' + b"9" * 400 + b"}"
    assert http.post(FETCH, content=deep, headers=JSON).status_code == 200


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_other_content_type_gets_400(http: httpx.Client, kind: str) -> None:
    """A body of another type is refused, and the right type is named."""
    answer = http.post(FETCH, content=b"{}", headers={"Content-Type": kind})
    problem = refusal(answer, "Request Error")
    assert "application/json" in problem["description"]


@pytest.mark.parametrize("kind", ["application/JSON", "application/json; charset=utf-8"])
def test_content_type_is_matched_as_http_has_it(http: httpx.Client, kind: str) -> None:
    """Letters' case and parameters of the type do not matter."""
    assert http.post(FETCH, content=b"{}", headers={"Content-Type": kind}).status_code == 200


@pytest.mark.parametrize(
    ("body", "description"),
    [
        ([], "The body must be an object."),
        (
            {"DAY_OF_THE_WEEK": "monday"},
            (
                "DAY_OF_THE_WEEK - Enum doesnt allow value: monday; accepted: Monday, Tuesday,"
                " Wednesday, Thursday, Friday, Saturday, Sunday"
            ),
        ),
        ({"TIME_OF_THE_DAY": "7"}, "TIME_OF_THE_DAY must match ^([01][0-9]|2[0-3])$."),
        ({"experience_key": "promo-strip"}, "experience_key must be an array."),
        ({"experience_key": ["a", 5]}, "experience_key[1] must be a string."),
        ({"identifiers": {"customer_id": ""}}, "identifiers.customer_id must not be empty."),
        (
            {"identifiers": {"user_identifiers": {"jane@example.com": 5}}},
            "identifiers.user_identifiers.* must be a string.",
        ),
        (
            {"identifiers": {"jane@example.com": "x"}},
            (
                "identifiers has a field that is not known there;"
                " known: customer_id, user_identifiers."
            ),
        ),
    ],
)
def test_fetch_refusal_names_field_and_remedy(
    http: httpx.Client, body: object, description: str
) -> None:
    """A refusal names the field by its path and says what would be right."""
    assert refusal(http.post(FETCH, json=body))["description"] == description


@pytest.mark.parametrize(
    ("changed", "description"),
    [
        (
            {"action": "message_shown"},
            (
                "elements[0].actions[1].action - Enum doesnt allow value: message_shown; accepted:"
                " MOE_PERSONALIZATION_MESSAGE_SHOWN, MOE_PERSONALIZATION_MESSAGE_CLICKED"
            ),
        ),
        ({"moe_event_uuid": ...}, "elements[0].actions[1].moe_event_uuid is required."),
        ({"attributes": {}}, "elements[0].actions[1].attributes.cid is required."),
        ({"attributes": None}, "elements[0].actions[1].attributes must be an object."),
        (
            {"button": "Add to Cart"},
            (
                "elements[0].actions[1] has a field that is not known there; known:"
                " action, moe_event_uuid, event_time, platform, attributes, b_id."
            ),
        ),
    ],
)
def test_event_refusal_names_field_and_remedy(
    http: httpx.Client,
    make_report: Any,
    make_event: Any,
    changed: dict[str, Any],
    description: str,
) -> None:
    """A refusal says which of many events is to blame."""
    report = make_report(make_event(), make_event(**changed))
    assert refusal(http.post(EVENTS, json=report))["description"] == description


@pytest.mark.parametrize(
    ("changed", "description"),
    [
        ({"customer_id": 8821}, "elements[0].customer_id must be a string."),
        ({"customer_id": ""}, "elements[0].customer_id must not be empty."),
        ({"actions": []}, "elements[0].actions must not be empty."),
        (
            {"user_timezone_offset": -54001},
            "elements[0].user_timezone_offset must be at least -54000.",
        ),
        ({"user_timezone_offset": 5.5}, "elements[0].user_timezone_offset must be an integer."),
    ],
)
def test_element_refusal_names_field_and_remedy(
    http: httpx.Client,
    make_report: Any,
    make_event: Any,
    changed: dict[str, Any],
    description: str,
) -> None:
    """A refusal says what is wrong with a customer's element."""
    report = make_report(make_event(), **changed)
    assert refusal(http.post(EVENTS, json=report))["description"] == description


def test_refusal_never_repeats_a_value(
    http: httpx.Client, make_report: Any, make_event: Any
) -> None:
    """No value or made-up field name comes back in a description, but for an enum's value."""
    secret = "jane@example.com"
    bodies: list[tuple[str, object]] = [
        (FETCH, {"USER_IP_ADDRESS": [secret]}),
        (FETCH, {"identifiers": {secret: secret}}),
        (FETCH, {"identifiers": {"user_identifiers": {secret: [secret]}}}),
        (EVENTS, {secret: []}),
        (EVENTS, make_report(make_event(**{secret: 1}))),
        (EVENTS, make_report(make_event(moe_event_uuid=secret))),
        (EVENTS, make_report(make_event(event_time=secret))),
    ]
    for path, body in bodies:
        assert secret not in json.dumps(refusal(http.post(path, json=body)))


def test_unknown_path_gets_404(emulator: Emulator, http: httpx.Client) -> None:
    """A path that the document does not have is a JSON 404, and it is recorded."""
    answer = http.get("/experiences")
    assert (answer.status_code, answer.json()["title"]) == (404, "Not Found")
    (recorded,) = emulator.requests
    assert (recorded.operation, recorded.path, recorded.status) == (None, "/v1/experiences", 404)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", FETCH, "POST"),
        ("PUT", EVENTS, "POST"),
        ("POST", "/experiences/metadata", "GET"),
        ("HEAD", "/experiences/metadata", "GET"),
    ],
)
def test_wrong_method_gets_405(http: httpx.Client, method: str, path: str, allowed: str) -> None:
    """Another method is a 405 that says which one the path takes."""
    answer = http.request(method, path)
    assert (answer.status_code, answer.headers["allow"]) == (405, allowed)
