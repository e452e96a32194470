"""The document is spelled so that generators of every language cope with it."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from generator.document import Document, Pointer, is_mapping
from validators import validators

OPERATIONS: list[Pointer] = [
    ("paths", "/experiences/fetch", "post"),
    ("paths", "/experiences/metadata", "get"),
    ("paths", "/experiences/events", "post"),
]
ERROR_STATUSES = ["400", "401", "429", "500", "502", "503", "504"]
_DERIVED_ENDINGS = ("Response", "Result")


def schemas(document: Document) -> Iterator[tuple[Pointer, Any]]:
    """Every schema object, named or inline, with its place; no example."""
    for pointer, value in document.walk():
        if {"examples", "example"} & set(pointer) or not is_mapping(value):
            continue
        named = len(pointer) == 3 and pointer[:2] == ("components", "schemas")
        within = len(pointer) > 1 and pointer[-2] == "properties"
        if named or within or pointer[-1:] in {("schema",), ("items",), ("additionalProperties",)}:
            yield pointer, value


def reachable(document: Document, *starts: Pointer) -> dict[str, Any]:
    """The named schemas that the starts refer to, directly or not."""
    found: dict[str, Any] = {}
    waiting = list(starts)
    while waiting:
        for pointer, value in document.walk(waiting.pop()):
            if pointer[-1] != "$ref":
                continue
            steps = tuple(value.removeprefix("#/").split("/"))
            if steps[1] != "schemas" or steps[2] not in found:
                waiting.append(steps)
            if steps[1] == "schemas":
                found[steps[2]] = document.at(steps)
    return found


def answers(document: Document) -> dict[str, Any]:
    """The named schemas of all answers."""
    return reachable(document, *((*operation, "responses") for operation in OPERATIONS))


def requests(document: Document) -> dict[str, Any]:
    """The named schemas of all requests and parameters."""
    parts = ("requestBody", "parameters")
    places = [(*operation, part) for operation in OPERATIONS for part in parts]
    return reachable(document, *(place for place in places if document.holds(place)))


def test_the_document_is_valid_openapi(document: Document) -> None:
    """openapi-spec-validator has nothing to say about it."""
    judge = validators("openapi_spec_validator").OpenAPIV30SpecValidator(document.data)
    assert list(judge.iter_errors()) == []


def test_the_document_is_openapi_3_0_3(document: Document) -> None:
    """3.1 is beta in the largest generator."""
    assert document.data["openapi"] == "3.0.3"


def test_the_license_is_not_read_as_the_apis(document: Document) -> None:
    """It is of the document; readers with questions about the API are sent to MoEngage."""
    info = document.data["info"]
    assert info["license"]["name"] == "MIT (this document only, not the API)"
    assert "moengage.com" in info["contact"]["url"]


def test_these_are_all_operations(document: Document) -> None:
    """A new operation comes with its row in these tests."""
    found = [
        ("paths", path, verb) for path, item in document.data["paths"].items() for verb in item
    ]
    assert found == OPERATIONS


def test_every_object_of_an_answer_may_grow(document: Document) -> None:
    """An object with declared fields allows further ones; a map allows its type of value."""
    objects = {name: s for name, s in answers(document).items() if s.get("type") == "object"}
    assert len(objects) > 5
    for name, schema in objects.items():
        more = schema.get("additionalProperties")
        assert more == {} if "properties" in schema else is_mapping(more), name


def test_the_fetch_request_takes_in_session_attributes(document: Document) -> None:
    """Any further top-level field is allowed."""
    schema = document.at(("components", "schemas", "FetchExperiencesRequest"))
    assert schema["additionalProperties"] == {}


def test_declared_properties_stand_beside_untyped_ones_only(document: Document) -> None:
    """A typed `additionalProperties` beside `properties` does not compile in TypeScript."""
    for pointer, schema in schemas(document):
        if "properties" in schema:
            assert schema.get("additionalProperties") in ({}, False), pointer


def test_no_object_is_open_by_true(document: Document) -> None:
    """`true` means the same as `{}`, but one generator for Rust then drops unknown fields."""
    assert [
        p for p, schema in schemas(document) if schema.get("additionalProperties") is True
    ] == []


def test_an_experience_context_promises_no_field(document: Document) -> None:
    """A strict client would refuse a whole fetch for one context that lacks a field."""
    schema = document.at(("components", "schemas", "ExperienceContext"))
    assert "required" not in schema


def test_no_schema_is_named_as_generators_name_responses(document: Document) -> None:
    """oapi-codegen, hey-api and orval derive `…Response` and `…Result` from operation IDs."""
    for place in OPERATIONS:
        operation_id = document.at((*place, "operationId"))
        derived = {operation_id[0].upper() + operation_id[1:] + end for end in _DERIVED_ENDINGS}
        assert not derived & set(document.data["components"]["schemas"])


def test_everything_has_a_description(document: Document) -> None:
    """Every schema, property, header, parameter and response, but for a reference."""
    places = {p: schema for p, schema in schemas(document) if len(p) == 3 or p[-2] == "properties"}
    parts = ("headers", "responses", "securitySchemes")
    for part in parts:
        named = document.data["components"][part]
        places |= {("components", part, name): value for name, value in named.items()}
    assert [p for p, part in places.items() if not {"description", "$ref"} & set(part)] == []


@pytest.mark.parametrize("keyword", ["oneOf", "anyOf", "allOf", "not"])
def test_no_schema_is_composed(document: Document, keyword: str) -> None:
    """Generators disagree on every kind of composition."""
    assert [pointer for pointer, schema in schemas(document) if keyword in schema] == []


def test_every_type_is_one_name(document: Document) -> None:
    """A list of types is of OpenAPI 3.1, and breaks 3.0 generators."""
    kinds = {schema["type"].__class__ for _, schema in schemas(document) if "type" in schema}
    assert kinds == {str}


def test_every_integer_says_its_width(document: Document) -> None:
    """Without a format some languages take 32 bits for a time in milliseconds."""
    integers = [schema for _, schema in schemas(document) if schema.get("type") == "integer"]
    assert integers
    assert {schema.get("format") for schema in integers} <= {"int32", "int64"}


def test_every_object_has_a_name(document: Document) -> None:
    """An inline object gets another made-up name in each language."""
    inline = [
        pointer
        for pointer, schema in schemas(document)
        if len(pointer) > 3 and (schema.get("type") == "object" or "properties" in schema)
    ]
    assert inline == []


def test_every_enum_has_a_name(document: Document) -> None:
    """An inline enum gets another made-up name in each language."""
    assert [p for p, schema in schemas(document) if len(p) > 3 and "enum" in schema] == []


def test_enums_are_in_requests_only(document: Document) -> None:
    """A closed enum in an answer makes clients throw on the first new value."""
    closed = {name for name, schema in requests(document).items() if "enum" in schema}
    assert closed == {"DayOfTheWeek", "EventActionName", "ExperienceStatus", "Platform"}
    assert [name for name, schema in answers(document).items() if "enum" in schema] == []


def test_a_payload_value_has_no_type(document: Document) -> None:
    """Its type differs from value to value; a union would corrupt it in four languages."""
    value = document.at(("components", "schemas", "PayloadValue", "properties", "value"))
    assert set(value) == {"description"}


def test_the_event_time_is_a_wide_integer(document: Document) -> None:
    """A union with text makes one generator send text for a number."""
    time = document.at(("components", "schemas", "EventAction", "properties", "event_time"))
    assert (time["type"], time["format"]) == ("integer", "int64")
    assert "ISO 8601" in time["description"]


def test_the_statuses_are_one_comma_separated_parameter(document: Document) -> None:
    """The API does not read a repeated `status`."""
    (status,) = document.at(("paths", "/experiences/metadata", "get", "parameters"))
    assert (status["name"], status["style"], status["explode"]) == ("status", "form", False)


def test_the_error_is_not_named_error(document: Document) -> None:
    """`Error` collides with a built-in of several languages."""
    names = document.data["components"]["schemas"]
    assert "ErrorResponse" in names
    assert "Error" not in names


def test_the_data_center_is_a_server_variable(document: Document) -> None:
    """Its values are listed, and one of them is the default that OpenAPI demands."""
    (server,) = document.data["servers"]
    variable = server["variables"]["dc"]
    assert server["url"] == "https://sdk-{dc}.moengage.com/v1"
    assert variable["enum"] == ["01", "02", "03", "04", "05", "06", "101"]
    assert variable["default"] in variable["enum"]


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda place: place[1].strip("/"))
class TestOperation:
    """What every operation states."""

    def test_it_demands_both_credentials_at_once(
        self, document: Document, operation: Pointer
    ) -> None:
        """Two requirement objects would mean one or the other."""
        assert document.at((*operation, "security")) == [{"BasicAuth": [], "AppKey": []}]

    def test_its_id_reads_as_a_method(self, document: Document, operation: Pointer) -> None:
        """A verb first, in camel case."""
        name = document.at((*operation, "operationId"))
        assert re.fullmatch(r"(fetch|list|report)([A-Z][a-z]+)+", name)

    def test_it_shows_examples(self, document: Document, operation: Pointer) -> None:
        """Its body, its parameters and its 200 each show at least one."""
        success = (*operation, "responses", "200", "content", "application/json")
        body = (*operation, "requestBody", "content", "application/json")
        parts = [document.at(success)]
        parts += [document.at(body)] if document.holds(body) else []
        parts += document.at(operation).get("parameters", [])
        assert len(parts) == 2
        assert all(part["examples"] for part in parts)

    def test_its_errors_are_the_shared_ones(self, document: Document, operation: Pointer) -> None:
        """Every status that the API or a gateway answers with, all but its own 400 by reference."""
        responses = document.at((*operation, "responses"))
        assert list(responses) == ["200", *ERROR_STATUSES]
        shared = [status for status in ERROR_STATUSES if status != "400"]
        assert all(set(responses[status]) == {"$ref"} for status in shared)

    def test_it_links_to_the_vendors_page(self, document: Document, operation: Pointer) -> None:
        """A reader finds the vendor's words."""
        url = document.at((*operation, "externalDocs"))["url"]
        assert url.startswith("https://www.moengage.com/docs/api/")


def test_the_credentials_are_basic_and_a_header(document: Document) -> None:
    """As a header parameter the key would be an argument of every call."""
    basic = document.at(("components", "securitySchemes", "BasicAuth"))
    key = document.at(("components", "securitySchemes", "AppKey"))
    assert (basic["type"], basic["scheme"]) == ("http", "basic")
    assert (key["type"], key["in"], key["name"]) == ("apiKey", "header", "MOE-APPKEY")
