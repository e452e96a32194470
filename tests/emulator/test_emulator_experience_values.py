"""Experiences from a mapping, as a test writes them."""

import json
from typing import Any

import pytest

from moengage_personalize import PersonalizeClient
from moengage_personalize.emulator import Emulator
from moengage_personalize.emulator.experiences.file import read
from moengage_personalize.emulator.experiences.visitor import Visitor


def fetched(experiences: Any) -> dict[str, Any]:
    """Fetch everything that a mapping has, in-process."""
    body = read(experiences).answer(None, Visitor.from_body({}))
    answer: dict[str, Any] = json.loads(body)["experiences"]
    return answer


@pytest.mark.parametrize(
    ("value", "data_type"),
    [
        ("Hi", "string"),
        ("15", "string"),
        (None, "string"),
        (15, "number"),
        (1.5, "float"),
        (True, "boolean"),
        ({"columns": 3}, "json"),
        ({"value": 1, "data_type": "float"}, "json"),
        ([1, "a", None], "json"),
    ],
)
def test_data_type_follows_from_the_value(value: object, data_type: str) -> None:
    """A text, a number and a boolean are what they are; what has parts is json."""
    payload = fetched({"banner": {"Title": value}})["banner"]["payload"]
    assert payload == {"Title": {"value": value, "data_type": data_type}}


def test_experience_of_a_mapping_can_be_reported() -> None:
    """Its context has all that an event needs."""
    with (
        Emulator({"homepage-banner": {"Title": "Hi"}}) as emulator,
        PersonalizeClient(
            emulator.workspace_id, emulator.api_key, base_url=emulator.base_url
        ) as client,
    ):
        banner = client.fetch("homepage-banner", visitor="user_8821")["homepage-banner"]
        client.shown(banner, visitor="user_8821")
        assert [event.attributes["experience"] for event in emulator.events] == ["homepage-banner"]


def test_what_a_test_does_to_its_mapping_later_changes_nothing() -> None:
    """The emulator has the values of the moment at which it was given them."""
    order = ["hero"]
    catalogue = read({"banner": {"Order": order}})
    order.append("offers")
    assert b'"value":["hero"]' in catalogue.answer(None, Visitor.from_body({}))


@pytest.mark.parametrize(
    ("experiences", "problem"),
    [
        ({"": {}}, "experience keys as its keys, not ''"),
        ({1: {}}, "experience keys as its keys, not 1"),
        ({"a": "Hi"}, r"experiences\['a'\] must be a mapping"),
        ({"a": {1: "Hi"}}, r"experiences\['a'\]\[1\] must be JSON"),
        ({"a": {"Price": object()}}, r"experiences\['a'\]\['Price'\] must be JSON: .*object"),
        ({"a": {"Price": float("nan")}}, r"\['Price'\] must be JSON"),
        ({"a": {"Title": "\ud83d"}}, r"\['Title'\] must be JSON"),
    ],
)
def test_broken_mapping_is_refused(experiences: Any, problem: str) -> None:
    """With the place and what would be right."""
    with pytest.raises(ValueError, match=problem):
        Emulator(experiences)


def test_experiences_can_be_replaced(emulator: Emulator) -> None:
    """As by a marketer while the page is up; None brings back the emulator's own."""
    with PersonalizeClient(
        emulator.workspace_id, emulator.api_key, base_url=emulator.base_url
    ) as client:
        before = client.fetch()
        emulator.replace_experiences({"homepage-banner": {"Headline": "Hi"}})
        assert {key: dict(one) for key, one in client.fetch().items()} == {
            "homepage-banner": {"Headline": "Hi"}
        }
        emulator.replace_experiences(None)
        assert client.fetch().keys() == before.keys()
