"""`fetch` and `metadata`: what they ask, and how they show what comes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cli.helpers import CUSTOMER, Invoke
from moengage_personalize.emulator import Emulator, Fault
from support import ScriptedServer, experiences, http


def asked(emulator: Emulator) -> dict[str, Any]:
    """The body of the last request."""
    body: dict[str, Any] = emulator.requests[-1].json
    return body


def test_values_show_with_their_data_types(pointed: Emulator, invoke: Invoke) -> None:
    """One row a value."""
    del pointed
    outcome = invoke("fetch", "homepage-banner")
    rows = [" ".join(line.split()) for line in outcome.stdout.splitlines()]
    assert outcome.code == 0
    assert "homepage-banner network Price 19.99 float" in rows
    assert "homepage-banner network Enabled true boolean" in rows


def test_options_become_the_request(pointed: Emulator, invoke: Invoke) -> None:
    """Each in its field."""
    invoke(
        "fetch", "promo-strip", "--customer-id", CUSTOMER, "--identifier", "u_em=jane@example.com",
        "--attribute", "utm_medium=a=b", "--visitor-user-agent", "Agent/1",
        "--visitor-ip-address", "203.0.113.9", "--at", "2026-11-23T12:30:00+05:30",
    )  # fmt: skip
    assert asked(pointed) == {
        "experience_key": ["promo-strip"],
        "identifiers": {
            "customer_id": CUSTOMER,
            "user_identifiers": {"u_em": "jane@example.com"},
        },
        "utm_medium": "a=b",
        "USER_AGENT": "Agent/1",
        "USER_IP_ADDRESS": "203.0.113.9",
        "DAY_OF_THE_WEEK": "Monday",
        "TIME_OF_THE_DAY": "07",
    }


def test_the_moment_is_now_or_none(pointed: Emulator, invoke: Invoke) -> None:
    """Both of its fields, or neither."""
    invoke("fetch")
    assert {"DAY_OF_THE_WEEK", "TIME_OF_THE_DAY"} <= asked(pointed).keys()
    invoke("fetch", "--at", "none")
    assert asked(pointed) == {}


def test_no_key_asks_for_every_experience(pointed: Emulator, invoke: Invoke) -> None:
    """By leaving the keys out."""
    assert invoke("fetch").code == 0
    assert "experience_key" not in asked(pointed)


def test_missing_keys_are_listed_and_no_failure(pointed: Emulator, invoke: Invoke) -> None:
    """Where something else was found."""
    del pointed
    outcome = invoke("fetch", "homepage-banner", "nowhere")
    assert outcome.code == 0
    assert "nowhere" in outcome.stdout


@pytest.mark.parametrize("flags", [(), ("--json",)])
def test_nothing_found_gives_one(pointed: Emulator, invoke: Invoke, flags: tuple[str, ...]) -> None:
    """And says so on stderr, not among the data."""
    del pointed
    outcome = invoke("fetch", "nowhere", *flags)
    assert outcome.code == 1
    assert "nowhere" in outcome.stdout
    assert outcome.stderr == "No experience for this visitor.\n"


def test_document_holds_values_contexts_and_missing_keys(pointed: Emulator, invoke: Invoke) -> None:
    """And nothing else stands on stdout."""
    del pointed
    document = invoke("fetch", "homepage-banner", "nowhere", "--json").json
    banner = document["experiences"]["homepage-banner"]
    assert banner["payload"]["Discount"] == {"value": 15, "data_type": "number"}
    assert banner["context"]["experience"] == "Homepage banner"
    assert (document["missing"], document["failed"]) == (["nowhere"], {})


@pytest.mark.parametrize(
    "arguments",
    [
        ("--identifier", "jane@example.com"),
        ("--identifier", "=jane@example.com"),
        ("--attribute", "a=1", "--attribute", "a=2"),
        ("--at", "monday"),
        ("--at", "2026-01-31T12:00:00"),
        ("--customer-id", " "),
        ("--timeout", "0"),
        ("--timeout", "nan"),
        ("--attribute", "USER_AGENT=x"),
    ],
)
def test_unacceptable_argument_is_refused_unsent(
    pointed: Emulator, invoke: Invoke, arguments: tuple[str, ...]
) -> None:
    """With exit code 2, and without repeating an identifier."""
    outcome = invoke("fetch", *arguments)
    assert (outcome.code, outcome.stdout) == (2, "")
    assert "jane@example.com" not in outcome.stderr
    assert pointed.requests == []


def test_half_a_failure_shows_the_other_half(pointed: Emulator, invoke: Invoke) -> None:
    """Of more than 25 keys, those whose request succeeded show."""
    pointed.fail("fetchExperiences", Fault.status(418, times=1))
    keys = ["homepage-banner", *(f"k{number}" for number in range(24)), "promo-strip"]
    outcome = invoke("fetch", *keys, "--json")
    assert outcome.code == 5
    assert len(outcome.json["experiences"]) == 1
    assert len(outcome.json["failed"]) in {1, 25}
    assert f"Not fetched: {', '.join(outcome.json['failed'])}\nError: 418" in outcome.stderr


def test_saved_contexts_are_the_fetched_ones(
    pointed: Emulator, invoke: Invoke, tmp_path: Path
) -> None:
    """Unchanged."""
    del pointed
    file = tmp_path / "contexts.json"
    document = invoke("fetch", "promo-strip", "--json", "--save-context", str(file)).json
    saved = json.loads(file.read_text())
    context = document["experiences"]["promo-strip"]["context"]
    assert saved == {"experiences": {"promo-strip": {"context": context}}}


def test_unwritable_file_is_told(pointed: Emulator, invoke: Invoke, tmp_path: Path) -> None:
    """With exit code 2."""
    del pointed
    outcome = invoke("fetch", "--save-context", str(tmp_path / "missing" / "file"))
    assert outcome.code == 2
    assert "--save-context" in outcome.stderr


def test_experience_without_values_shows(
    answering: Callable[..., ScriptedServer], invoke: Invoke, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is there, so it must not look missing."""
    answer = experiences("empty")
    answer["experiences"]["empty"]["payload"] = {}
    monkeypatch.setenv("MOENGAGE_PERSONALIZE_API_KEY", "key")
    server = answering(answer)
    outcome = invoke("fetch", "--workspace-id", "w", "--base-url", server.base_url)
    assert outcome.code == 0
    assert "no values" in outcome.stdout


def test_answer_can_do_nothing_to_the_terminal(
    answering: Callable[..., ScriptedServer], invoke: Invoke, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control characters are escaped, and markup of the table's library is text."""
    value = {"value": "\x1b[2J[bold]red[/bold]\u202e\n", "data_type": "string"}
    answer = experiences("a")
    answer["experiences"]["a"]["payload"] = {"Title": value}
    monkeypatch.setenv("MOENGAGE_PERSONALIZE_API_KEY", "key")
    server = answering(answer)
    outcome = invoke("fetch", "--workspace-id", "w", "--base-url", server.base_url)
    assert r"\x1b[2J[bold]red[/bold]\u202e\n" in outcome.stdout
    assert "\x1b" not in outcome.said


def test_number_without_a_json_spelling_is_null(
    answering: Callable[..., ScriptedServer], invoke: Invoke, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise the document would not be JSON."""
    answer = experiences("a")
    answer["experiences"]["a"]["payload"] = {"Rate": {"value": float("nan"), "data_type": "float"}}
    monkeypatch.setenv("MOENGAGE_PERSONALIZE_API_KEY", "key")
    server = answering(http(200, json.dumps(answer).encode()))
    outcome = invoke("fetch", "--workspace-id", "w", "--base-url", server.base_url, "--json")
    assert outcome.code == 0
    assert outcome.json["experiences"]["a"]["payload"]["Rate"]["value"] is None


def test_an_experience_that_cannot_be_read_is_told(
    answering: Callable[..., ScriptedServer], invoke: Invoke, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On stderr and in the document; the others show."""
    answer = experiences("a", "b")
    answer["experiences"]["b"] = None
    monkeypatch.setenv("MOENGAGE_PERSONALIZE_API_KEY", "key")
    server = answering(answer)
    outcome = invoke(
        "fetch", "a", "b", "--workspace-id", "w", "--base-url", server.base_url, "--json"
    )
    assert outcome.code == 0
    assert (list(outcome.json["experiences"]), outcome.json["missing"]) == (["a"], ["b"])
    assert list(outcome.json["failed"]) == ["b"]
    assert outcome.stderr.startswith("b: the API's answer is incomplete")


def test_metadata_lists_every_status(pointed: Emulator, invoke: Invoke) -> None:
    """Without an argument."""
    del pointed
    outcome = invoke("metadata")
    assert outcome.code == 0
    assert "summer-sale" in outcome.stdout
    assert "Scheduled" in outcome.stdout


def test_metadata_asks_for_the_given_statuses(pointed: Emulator, invoke: Invoke) -> None:
    """And counts them for machines."""
    document = invoke("metadata", "Paused", "Scheduled", "--json").json
    assert pointed.requests[-1].query == "status=Paused%2CScheduled"
    assert document["count"] == 2
    assert document["experiences"][0] == {
        "experience_key": "summer-sale",
        "experience_name": "Summer sale",
        "status": "Paused",
    }


def test_empty_listing_is_an_answer(
    answering: Callable[..., ScriptedServer], invoke: Invoke, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new workspace has none, so the exit code is 0."""
    monkeypatch.setenv("MOENGAGE_PERSONALIZE_API_KEY", "key")
    server = answering({"metadata": {"count": 0, "experiences": []}})
    outcome = invoke("metadata", "--workspace-id", "w", "--base-url", server.base_url)
    assert outcome.code == 0
    assert "no experience" in outcome.stdout


def test_unknown_status_is_refused_with_a_hint(pointed: Emulator, invoke: Invoke) -> None:
    """The API would answer with an empty list."""
    outcome = invoke("metadata", "paused")
    assert outcome.code == 2
    assert "did you mean 'Paused'" in outcome.stderr
    assert pointed.requests == []
