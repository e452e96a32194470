"""Offerings of a decision policy, as the API sends them and as a page hands them on."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moengage_personalize import Experience
from the_document import the_document

ANSWER = the_document().at(("paths", "/experiences/fetch", "post", "responses", "200"))
EXAMPLES: Any = ANSWER["content"]["application/json"]["examples"]
OFFERING = {
    "dp_offering_id": "665f0c2ae1",
    "offering_content": {"headline": "20% off"},
    "offering_context": {"dp_id": "dp_17", "text": "</script>"},
    "new": 1,
}


def experience(value: Any) -> Experience:
    return Experience.fake("homepage-banner", {"Offers": value})


@pytest.mark.parametrize("name", ["offerings", "offerings_in_an_object"])
def test_both_forms_of_the_document_are_read(name: str) -> None:
    """An array in a string, and an object that holds it."""
    banner = EXAMPLES[name]["value"]["experiences"]["homepage-banner"]
    (offering,) = experience(banner["payload"]["Offers"]["value"]).offerings("Offers")
    assert offering["dp_offering_id"] == "665f0c2ae1"
    assert offering.content["headline"] == "20% off running shoes"


@pytest.mark.parametrize("value", [[OFFERING], {"offerings": [OFFERING]}])
def test_an_offering_is_whole(value: Any) -> None:
    """Fields that the document does not name included; as a default's plain list, too."""
    for form in (value, json.dumps(value), f" {json.dumps(value)}\n"):
        (offering,) = experience(form).offerings("Offers")
        assert dict(offering) == OFFERING


def test_an_offering_equals_a_mapping_of_its_fields() -> None:
    """As any mapping does."""
    (offering,) = experience([OFFERING]).offerings("Offers")
    assert offering == OFFERING
    assert offering != {**OFFERING, "new": 2}


def test_a_byte_order_mark_before_the_text_hides_no_offering() -> None:
    """Editors of the dashboard's text may leave one."""
    (offering,) = experience(f"\ufeff{json.dumps([OFFERING])}").offerings("Offers")
    assert offering == OFFERING


@pytest.mark.parametrize("context", [None, "text", [1]])
def test_an_offering_context_that_is_no_object_goes_into_a_page_as_it_came(context: Any) -> None:
    """The page hands it to the web SDK, which decides."""
    (offering,) = experience([{"offering_context": context}]).offerings("Offers")
    assert json.loads(offering.context_html) == context


def test_its_context_goes_into_a_page_unchanged() -> None:
    """As safe JSON, for `offeringShown` and `offeringClicked`."""
    (offering,) = experience([OFFERING]).offerings("Offers")
    assert "</script>" not in offering.context_html
    assert json.loads(offering.context_html) == OFFERING["offering_context"]


def test_an_offering_without_context_or_content_is_one() -> None:
    """It can be shown as far as it goes."""
    (offering,) = experience([{"dp_offering_id": "1"}]).offerings("Offers")
    assert (offering.content, offering.context_html) == (None, "{}")


def test_its_repr_shows_no_value_but_its_id() -> None:
    """Its context may say who the visitor is."""
    (offering,) = experience([OFFERING]).offerings("Offers")
    assert repr(offering) == (
        "<Offering '665f0c2ae1': dp_offering_id, offering_content, offering_context, new>"
    )


@pytest.mark.parametrize(
    "value",
    [
        *("", "Welcome", "[", "[1, null]", '{"offerings": 1}', "{}", None, 5, [None]),
        *("[" * 100_000, f"{json.dumps([OFFERING])} and more"),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_what_holds_no_offering_has_none(value: Any) -> None:
    """And never raises."""
    assert experience(value).offerings("Offers") == ()


def test_a_value_that_is_missing_has_no_offerings() -> None:
    """A marketer who renames a value breaks no page."""
    assert experience("x").offerings("Renamed") == ()


@given(st.text() | st.recursive(st.none() | st.booleans() | st.text(), st.lists))
def test_no_value_whatever_raises(value: Any) -> None:
    """Text or JSON."""
    assert isinstance(experience(value).offerings("Offers"), tuple)
