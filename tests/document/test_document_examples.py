"""Every example of the document matches its schema and survives the generated models."""

import json
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from generator.document import Document, Pointer, is_list, is_mapping
from moengage_personalize_api import models
from moengage_personalize_api.models import ExperienceStatus
from the_document import the_document
from validators import validators

FETCH = ("paths", "/experiences/fetch", "post")
METADATA = ("paths", "/experiences/metadata", "get")
EVENTS = ("paths", "/experiences/events", "post")
JSON = ("content", "application/json")
HTML = ("content", "text/html")


@dataclass(frozen=True)
class Example:
    """A value that the document shows for a schema."""

    pointer: Pointer
    schema: Any
    value: Any

    @property
    def is_answer(self) -> bool:
        """Whether the API sends it, rather than a client."""
        return "responses" in self.pointer or "headers" in self.pointer

    @property
    def model(self) -> Any:
        """The generated model of the schema; None for strings and lists."""
        return getattr(models, self.schema.get("$ref", "").rpartition("/")[2], None)


def examples_below(document: Document, start: Pointer) -> Iterator[Example]:
    """All examples at or below the start, in document order."""
    part = document.at(start)
    if is_list(part):
        for index in range(len(part)):
            yield from examples_below(document, (*start, index))
    if not is_mapping(part):
        return
    schema = part.get("schema", part)
    if "example" in part:
        yield Example((*start, "example"), schema, part["example"])
    for name, example in part.get("examples", {}).items():
        yield Example((*start, name), schema, example["value"])
    for key in part:
        if key not in {"example", "examples"}:
            yield from examples_below(document, (*start, key))


DOCUMENT = the_document()
EXAMPLES = list(examples_below(DOCUMENT, ()))
MODELLED = [example for example in EXAMPLES if example.model]
WANTED: dict[Pointer, list[str]] = {
    (*FETCH, "requestBody", *JSON): ["one", "several", "every", "anonymous"],
    (*FETCH, "responses", "200", *JSON): [
        *("one", "several", "offerings", "offerings_in_an_object", "none")
    ],
    (*METADATA, "parameters", 0): ["active", "active_and_paused"],
    (*METADATA, "responses", "200", *JSON): ["all", "active", "active_and_paused", "none"],
    (*EVENTS, "requestBody", *JSON): [
        f"{event}_{user}"
        for event, link in (("shown", "to"), ("clicked", "by"))
        for user in (f"{link}_existing_user", f"{link}_new_user", f"{link}_anonymous_user")
    ],
    (*EVENTS, "responses", "200", *JSON): ["accepted"],
    (*FETCH, "responses", "400", *JSON): ["invalid_value", "malformed_json", "unknown_workspace"],
    (*METADATA, "responses", "400", *JSON): ["unknown_workspace"],
    (*EVENTS, "responses", "400", *JSON): ["invalid_value", "malformed_json", "unknown_workspace"],
}
ERRORS: list[tuple[str, str, Pointer]] = [
    ("401", "Unauthorized", JSON),
    ("429", "FetchLimitReached", HTML),
    ("429", "TooManyRequests", HTML),
    ("500", "InternalServerError", JSON),
    ("502", "BadGateway", HTML),
    ("503", "ServiceUnavailable", HTML),
    ("504", "GatewayTimeout", HTML),
]
USERS = {"FetchLimitReached": [FETCH], "TooManyRequests": [METADATA, EVENTS]}
"""The operations of a response that not all share."""


def label(example: Example) -> str:
    """The example's place, as a test's name."""
    return "-".join(str(step).strip("/") for step in example.pointer)


def strict(schema: Any, *, declared_only: bool) -> Any:
    """The schema that refuses what it does not mention; `additionalProperties` may mention it.

    Args:
        schema: A schema, or a part of one.
        declared_only: Refuse undeclared properties beside declared ones, whatever it mentions.
    """
    if is_list(schema):
        return [strict(item, declared_only=declared_only) for item in schema]
    if not is_mapping(schema):
        return schema
    copy = {key: strict(item, declared_only=declared_only) for key, item in schema.items()}
    if copy.get("type") == "object" and (declared_only and "properties" in copy):
        copy["additionalProperties"] = False
    elif copy.get("type") == "object":
        copy.setdefault("additionalProperties", False)
    return copy


def faults(example: Example, *, declared_only: bool) -> list[str]:
    """Why the example does not match its schema."""
    schema = {
        "allOf": [strict(example.schema, declared_only=declared_only)],
        "components": strict(DOCUMENT.data["components"], declared_only=declared_only),
    }
    kinds = validators("openapi_schema_validator")
    kind = kinds.OAS30ReadValidator if example.is_answer else kinds.OAS30WriteValidator
    validator = kind(schema, format_checker=kind.FORMAT_CHECKER)
    return [error.message for error in validator.iter_errors(example.value)]


@pytest.mark.parametrize("example", EXAMPLES, ids=label)
def test_an_example_matches_its_schema(example: Example) -> None:
    """An example has every required field, of the right type, and no field that is not allowed."""
    assert faults(example, declared_only=False) == []


@pytest.mark.parametrize("example", [item for item in EXAMPLES if item.is_answer], ids=label)
def test_an_example_of_an_answer_has_declared_fields_only(example: Example) -> None:
    """An answer's example shows no field that the document leaves undescribed."""
    assert faults(example, declared_only=True) == []


@pytest.mark.parametrize("example", MODELLED, ids=label)
def test_an_example_survives_the_generated_model(example: Example) -> None:
    """JSON to model to JSON to model changes nothing."""
    model = example.model.from_dict(json.loads(json.dumps(example.value)))
    written = json.loads(json.dumps(model.to_dict()))
    assert written == example.value
    assert example.model.from_dict(written) == model


def test_every_other_example_is_a_scalar_or_a_list_of_statuses() -> None:
    """No example escapes the models but those that have none."""
    others = [example for example in EXAMPLES if not example.model]
    for example in others:
        statuses = example.value if is_list(example.value) else []
        assert isinstance(example.value, str | int) or [ExperienceStatus(one) for one in statuses]


def test_an_offering_has_its_fields_in_either_form() -> None:
    """The text of both examples is JSON, with the same offerings; a context is an object."""
    texts = {
        example.pointer[-1]: example.value["experiences"]["homepage-banner"]["payload"]["Offers"]
        for example in EXAMPLES
        if str(example.pointer[-1]).startswith("offerings")
    }
    (offering,) = json.loads(texts["offerings"]["value"])
    assert json.loads(texts["offerings_in_an_object"]["value"]) == {"offerings": [offering]}
    assert set(offering) == {"dp_offering_id", "offering_content", "offering_context"}
    assert is_mapping(offering["offering_context"])


@pytest.mark.parametrize("place", WANTED, ids=lambda place: "-".join(map(str, place)))
def test_each_call_shows_every_sample(place: Pointer) -> None:
    """Each request, parameter and answer shows the samples that a reader looks for."""
    shown = [example.pointer[-1] for example in EXAMPLES if example.pointer[:-1] == place]
    assert shown == WANTED[place]


@pytest.mark.parametrize(("status", "name", "media"), ERRORS)
def test_each_error_status_shows_one_body(status: str, name: str, media: Pointer) -> None:
    """Each error status but 400 has exactly one example; only 429 is of two kinds.

    The limit of 10,000 a minute belongs to fetch.
    """
    place = ("components", "responses", name)
    assert [
        example.pointer[:-1] for example in EXAMPLES if example.pointer[: len(place)] == place
    ] == [(*place, *media)]
    users = [
        operation
        for operation in (FETCH, METADATA, EVENTS)
        if DOCUMENT.at((*operation, "responses", status))
        == {"$ref": f"#/components/responses/{name}"}
    ]
    assert users == USERS.get(name, [FETCH, METADATA, EVENTS])


def test_event_uuids_are_version_4_and_unique() -> None:
    """A sample that is copied into code does not teach a UUID that the server would drop."""
    found = [
        action["moe_event_uuid"]
        for example in EXAMPLES
        if example.pointer[: len(EVENTS)] == EVENTS and not example.is_answer
        for element in example.value["elements"]
        for action in element["actions"]
    ]
    assert len(found) == 6
    assert Counter(found).most_common(1)[0][1] == 1
    for text in found:
        parsed = uuid.UUID(text)
        assert (str(parsed), parsed.version, parsed.variant) == (text, 4, uuid.RFC_4122)
