import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from moengage_personalize.emulator import Emulator

Fetch = Callable[..., dict[str, Any]]

PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Mobile/15E148 Safari/604.1"


@pytest.fixture
def fetch(http: httpx.Client) -> Fetch:
    """Fetch with a body, and return the experiences by key."""

    def send(**body: Any) -> dict[str, Any]:
        answer = http.post("/experiences/fetch", json=body)
        assert answer.status_code == 200
        experiences = answer.json()["experiences"]
        assert isinstance(experiences, dict)
        return experiences

    return send


def test_answer_has_payload_and_context(fetch: Fetch) -> None:
    """An experience comes with values of every data type and the context that events need."""
    banner = fetch(experience_key=["homepage-banner"])["homepage-banner"]
    assert {
        name: (type(one["value"]), one["data_type"]) for name, one in banner["payload"].items()
    } == {
        "Title": (str, "string"),
        "Image": (str, "string"),
        "Discount": (int, "number"),
        "Price": (float, "float"),
        "Enabled": (bool, "boolean"),
        "Layout": (dict, "json"),
    }
    assert set(banner["experience_context"]) == {
        "cid",
        "experience",
        "moe_locale_id",
        "moe_variation_id",
        "audience_name",
        "audience_id",
        "type",
        "experience_type",
    }


def test_unknown_key_is_missing(fetch: Fetch) -> None:
    """A key without an experience is no error; it is missing from the answer."""
    assert fetch(experience_key=["no-such-key"]) == {}


@pytest.mark.parametrize("key", ["summer-sale", "black-friday"])
def test_inactive_key_is_missing(fetch: Fetch, key: str) -> None:
    """A paused or scheduled experience is not answered."""
    assert fetch(experience_key=[key, "homepage-banner"]).keys() == {"homepage-banner"}


def test_only_the_first_25_keys_are_answered(fetch: Fetch) -> None:
    """Of more than 25 keys the rest is ignored in silence."""
    unknown = [f"unknown-{at}" for at in range(24)]
    experiences = fetch(experience_key=[*unknown, "promo-strip", "homepage-banner"])
    assert experiences.keys() == {"promo-strip"}


def test_repeated_key_is_answered_once(fetch: Fetch) -> None:
    """A key that is asked for twice is one member of the answer."""
    assert fetch(experience_key=["promo-strip"] * 2).keys() == {"promo-strip"}


def test_empty_list_of_keys_answers_nothing(fetch: Fetch) -> None:
    """A list of no keys is not the same as no list."""
    assert fetch(experience_key=[]) == {}


def test_without_keys_a_customer_gets_every_experience(fetch: Fetch) -> None:
    """No key asks for everything that is meant for the customer."""
    experiences = fetch(identifiers={"customer_id": "user_8821"})
    assert experiences.keys() == {
        "homepage-banner",
        "promo-strip",
        "loyalty-offer",
        "recommended-offers",
    }


@pytest.mark.parametrize("identifiers", [{}, {"customer_id": "stranger"}, {"user_identifiers": {}}])
def test_without_keys_a_stranger_gets_those_for_all_users(
    fetch: Fetch, identifiers: dict[str, Any]
) -> None:
    """Where nobody is identified, only experiences for all users are answered."""
    assert fetch(identifiers=identifiers).keys() == {
        "homepage-banner",
        "promo-strip",
        "recommended-offers",
    }


@pytest.mark.parametrize("identifier", [{"u_em": "jane@example.com"}, {"u_mb": "+15550100"}])
@pytest.mark.parametrize("customer", [{}, {"customer_id": "stranger"}])
def test_identifiers_stand_in_for_the_customer(
    fetch: Fetch, customer: dict[str, str], identifier: dict[str, str]
) -> None:
    """Where the customer ID is absent or unknown, an identifier finds the customer."""
    experiences = fetch(
        identifiers={**customer, "user_identifiers": identifier}, experience_key=["loyalty-offer"]
    )
    assert experiences.keys() == {"loyalty-offer"}


def test_known_customer_comes_before_identifiers(tmp_path: Path, connect: Any) -> None:
    """Identifiers of somebody else do not count beside a customer ID that is known."""
    file = tmp_path / "mine.yaml"
    file.write_text(
        "experiences:\n"
        "- {key: one, payload: {}, audience: {name: One, customers: [user_1]}}\n"
        "- {key: two, payload: {}, audience: {name: Two, identifiers: {loyalty_id: [L2]}}}\n"
    )
    identifiers = {"customer_id": "user_1", "user_identifiers": {"loyalty_id": "L2"}}
    with Emulator(file) as emulator:
        answer = connect(emulator).post("/experiences/fetch", json={"identifiers": identifiers})
    assert answer.json()["experiences"].keys() == {"one"}


@pytest.mark.parametrize(
    ("key", "session"),
    [
        ("newsletter-welcome", {"utm_medium": "newsletter"}),
        ("weekend-sale", {"DAY_OF_THE_WEEK": "Sunday"}),
        ("happy-hour", {"TIME_OF_THE_DAY": "17"}),
        ("app-install-prompt", {"USER_AGENT": PHONE}),
    ],
)
def test_session_conditions_admit_anybody(fetch: Fetch, key: str, session: dict[str, Any]) -> None:
    """An in-session attribute, day, hour or device type chooses among all visitors."""
    assert fetch(experience_key=[key], **session).keys() == {key}


@pytest.mark.parametrize(
    ("key", "session"),
    [
        ("newsletter-welcome", {}),
        ("newsletter-welcome", {"utm_medium": "social"}),
        ("newsletter-welcome", {"utm_medium": ["email"]}),
        ("weekend-sale", {}),
        ("weekend-sale", {"DAY_OF_THE_WEEK": "Monday"}),
        ("happy-hour", {}),
        ("happy-hour", {"TIME_OF_THE_DAY": "20"}),
        ("app-install-prompt", {}),
        ("app-install-prompt", {"USER_AGENT": "Mozilla/5.0 (X11; Linux x86_64) Chrome/139.0"}),
    ],
)
def test_session_conditions_refuse_the_rest(
    fetch: Fetch, key: str, session: dict[str, Any]
) -> None:
    """A condition whose field is absent or other keeps the experience back."""
    assert fetch(experience_key=[key], **session) == {}


def test_variation_is_stable_per_customer(fetch: Fetch) -> None:
    """A customer sees one variation for ever, and the weights are kept over many customers."""

    def variation(customer: str) -> str:
        experiences = fetch(identifiers={"customer_id": customer}, experience_key=["promo-strip"])
        chosen = experiences["promo-strip"]["experience_context"]["moe_variation_id"]
        assert isinstance(chosen, str)
        return chosen

    customers = [f"user_{at}" for at in range(200)]
    first = [variation(customer) for customer in customers]
    assert [variation(customer) for customer in customers[:20]] == first[:20]
    assert 0.15 < first.count("2") / len(first) < 0.35


def test_context_takes_fields_from_the_file(fetch: Fetch) -> None:
    """What a file adds to the context is in the answer, beside the fields that are always there."""
    experiences = fetch(identifiers={"customer_id": "user_8821"}, experience_key=["loyalty-offer"])
    context = experiences["loyalty-offer"]["experience_context"]
    assert context["campaign_owner"] == "growth"
    assert context["audience_name"] == "Loyal customers"
    assert context["audience_id"] == "5A"
    assert context["cid"].endswith("_F_T_WP_AB_1_P_0_AU_5A")


def test_offerings_come_as_the_api_sends_them(http: httpx.Client) -> None:
    """JSON text in a string, which a client has to read: an array, and an object that holds one."""
    answer = http.post("/experiences/fetch", json={"experience_key": ["recommended-offers"]}).json()
    payload = answer["experiences"]["recommended-offers"]["payload"]
    assert payload["Offers"]["data_type"] == payload["Accessories"]["data_type"] == "string"
    array = json.loads(payload["Offers"]["value"])
    wrapped = json.loads(payload["Accessories"]["value"])
    assert [list(offering) for offering in (*array, *wrapped["offerings"])] == [
        ["dp_offering_id", "offering_content", "offering_context"]
    ] * 2
