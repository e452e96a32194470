"""What a client sent and read is held against a case, and nothing wrong passes."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from conformance.cases import Answer, Case
from conformance.judging import difference, is_same, problems
from moengage_personalize.emulator import RecordedRequest

HEADERS = {"Authorization": "Basic abc", "MOE-APPKEY": "W"}
CASE = Case(
    name="a-case",
    claim="It works.",
    operation="fetchExperiences",
    arguments={"body": {"identifiers": {}}},
    request={
        "method": "POST",
        "path": "/v1/experiences/fetch",
        "query": "status=Active,Paused",
        "headers": HEADERS,
        "body": {"count": 1, "tags": ["a", "b"]},
    },
    answer=Answer(200, "application/json", {}),
    outcome={"read": {"experiences": {}}},
)
REQUEST = RecordedRequest(
    operation="fetchExperiences",
    method="POST",
    path="/v1/experiences/fetch",
    query="status=Active,Paused",
    headers={"authorization": "Basic abc", "moe-appkey": "W", "user-agent": "x"},
    body=b'{"tags": ["a", "b"], "count": 1}',
)


def test_what_was_wanted_passes() -> None:
    """The order of members, and headers beside the wanted ones, do not matter."""
    assert problems(CASE, [REQUEST], {"read": {"experiences": {}}}) == []


@pytest.mark.parametrize("query", ["status=Active%2CPaused", "status=Active%2cPaused"])
def test_a_comma_may_be_encoded(query: str) -> None:
    """`,` and `%2C` are equal in a query."""
    assert problems(CASE, [replace(REQUEST, query=query)], CASE.outcome) == []


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"method": "PUT"}, "request should be POST /v1/experiences/fetch"),
        ({"path": "/experiences/fetch"}, "request should be POST /v1/experiences/fetch"),
        ({"query": "status=Active&status=Paused"}, "query should be 'status=Active,Paused'"),
        ({"query": ""}, "query should be"),
        ({"headers": {"authorization": "Basic abc"}}, "header MOE-APPKEY is missing or wrong"),
        ({"headers": {"authorization": "", "moe-appkey": "W"}}, "header Authorization is missing"),
        ({"body": b""}, "request body should be"),
        ({"body": b'{"count": 1}'}, "request body.tags is missing"),
        ({"body": b'{"count": true, "tags": ["a", "b"]}'}, "request body.count should be 1"),
        ({"body": b'{"count": 1, "tags": ["b", "a"]}'}, "request body.tags[0] should be 'a'"),
        ({"body": b'{"count": 1, "tags": ["a", "b"], "x": 0}'}, "body.x should not be there: 0"),
    ],
)
def test_a_wrong_request_is_a_problem(changed: dict[str, Any], problem: str) -> None:
    """Each part of it, by name."""
    (found,) = problems(CASE, [replace(REQUEST, **changed)], CASE.outcome)
    assert problem in found


@pytest.mark.parametrize("requests", [[], [REQUEST, REQUEST]])
def test_one_call_is_one_request(requests: list[RecordedRequest]) -> None:
    """Neither none nor a retry."""
    (found,) = problems(CASE, requests, CASE.outcome)
    assert found == f"{len(requests)} requests arrived instead of 1"


def test_a_body_where_none_is_wanted_is_a_problem() -> None:
    """A listing has no body."""
    request = {name: value for name, value in CASE.request.items() if name != "body"}
    (found,) = problems(replace(CASE, request=request), [REQUEST], CASE.outcome)
    assert found == "a request without a body is wanted"


@pytest.mark.parametrize(
    "outcome",
    [{}, {"error": {"status": 200}}, {"read": {}}, {"read": {"experiences": {"more": 1}}}],
)
def test_a_wrong_outcome_is_a_problem(outcome: dict[str, Any]) -> None:
    """Nothing, an error, less and more."""
    (found,) = problems(CASE, [REQUEST], outcome)
    assert found.startswith("outcome")


@pytest.mark.parametrize(
    "pair", [("1", "1.0"), ("0.25", "2.5e-1"), ('{"a":1,"b":2}', '{"b":2,"a":1}')]
)
def test_equal_json_is_the_same(pair: tuple[str, str]) -> None:
    """However a language spells a number."""
    one, other = map(json.loads, pair)
    assert is_same(one, other)


@pytest.mark.parametrize(
    "pair",
    [("1", "true"), ("0", "false"), ("1", '"1"'), ("null", "{}"), ("[]", "{}"), ("[1]", "[1,1]")],
)
def test_different_json_is_not_the_same(pair: tuple[str, str]) -> None:
    """In either direction."""
    one, other = map(json.loads, pair)
    assert not is_same(one, other)
    assert not is_same(other, one)


def test_a_long_value_is_shown_in_part() -> None:
    """A problem is for people to read."""
    assert len(difference("x" * 10_000, "y")) < 400
