"""The cases are well-formed, and cover the document."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema_rs import Draft4Validator, Draft202012Validator

from conformance.cases import CASES, CONFORMANCE, Case, load
from conformance.judging import is_same
from generator.document import Pointer, is_list, is_mapping
from the_document import the_document

DOCUMENT = the_document()
FILES = sorted(CASES.iterdir())
LOADED = load()
SCHEMA = json.loads((CONFORMANCE / "case.schema.json").read_text(encoding="utf-8"))


def operations() -> Iterator[tuple[str, str, Any]]:
    for path, methods in DOCUMENT.at(("paths",)).items():
        for method, operation in methods.items():
            yield f"{method.upper()} /v1{path}", operation["operationId"], operation


def examples() -> Iterator[tuple[str, Pointer, Any]]:
    """Each example of a request, a parameter or an answer, with its operation."""
    for _, operation_id, operation in operations():
        for name, media in operation.get("requestBody", {"content": {}})["content"].items():
            for key, example in media["examples"].items():
                yield operation_id, ("body", name, key), example["value"]
        for parameter in operation.get("parameters", ()):
            for key, example in parameter["examples"].items():
                yield operation_id, (parameter["name"], key), example["value"]
        for status, answer in operation["responses"].items():
            for media in DOCUMENT.resolved(answer)["content"].values():
                for key, example in media["examples"].items():
                    yield operation_id, (int(status), key), example["value"]


def shows(case: Case, place: Pointer, value: Any) -> bool:
    first = place[0]
    if isinstance(first, int):
        return case.answer.status == first and is_same(case.answer.body, value)
    return is_same(case.arguments.get(first), value)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_case_is_as_the_schema_has_it(file: Path) -> None:
    """A file that every driver can rely on."""
    content = json.loads(file.read_text(encoding="utf-8"))
    errors = Draft202012Validator(SCHEMA).iter_errors(content)
    assert [error.message for error in errors] == []
    assert file.suffix == ".json"


def test_each_case_claims_something_else() -> None:
    """Two cases with one claim are one too many."""
    assert Counter(case.claim for case in LOADED).most_common(1)[0][1] == 1


@pytest.mark.parametrize("case", LOADED, ids=lambda case: case.name)
def test_a_case_agrees_with_itself_and_the_document(case: Case) -> None:
    """The request is the operation's, with the body that was asked for; 200 is read, else not."""
    assert {operation_id: place for place, operation_id, _ in operations()}[case.operation] == (
        f"{case.request['method']} {case.request['path']}"
    )
    assert case.request.get("body") == case.arguments.get("body")
    assert ("read" in case.outcome) == (case.answer.status == 200)
    if "error" in case.outcome:
        assert case.outcome["error"]["status"] == case.answer.status


@pytest.mark.parametrize(
    "example", list(examples()), ids=lambda one: f"{one[0]}-{one[1][-1]}-{one[1][0]}"
)
def test_each_example_of_the_document_is_a_case(example: tuple[str, Pointer, Any]) -> None:
    """Requests, parameters and answers; those of an error once, as operations share them."""
    operation_id, place, value = example
    shared = isinstance(place[0], int) and place[0] != 200
    assert any(
        shows(case, place, value) for case in LOADED if shared or case.operation == operation_id
    )


@pytest.mark.parametrize("case", LOADED, ids=lambda case: case.name)
def test_an_answer_is_one_that_the_document_allows(case: Case) -> None:
    """No client is held to what the API would never say; a gateway's JSON has no schema."""
    if case.answer.status == 502 and case.answer.media_type == "application/json":
        return
    schema = {**answer_schema(case), "components": DOCUMENT.at(("components",))}
    assert [error.message for error in Draft4Validator(schema).iter_errors(case.answer.body)] == []


def test_examples_are_found() -> None:
    """Else the check above would check nothing."""
    found = Counter(str(place[0]) for _, place, _ in examples())
    assert found["body"] == 10
    assert found["status"] == 2
    assert found["200"] == 10
    assert found["400"] == 7
    assert found["502"] == 3


def test_an_unknown_case_field_is_refused() -> None:
    """A misspelt field is no field that drivers would pass over."""
    content = json.loads(FILES[0].read_text(encoding="utf-8")) | {"anwser": {}}
    assert not Draft202012Validator(SCHEMA).is_valid(content)


def test_each_object_of_an_answer_grows_in_some_case() -> None:
    """Any of them may gain fields, an error too."""
    described = [case for case in LOADED if case.answer.status != 502]
    grown = {
        name for case in described for name in grown_schemas(answer_schema(case), case.answer.body)
    }
    growing = {
        name
        for name, schema in DOCUMENT.at(("components", "schemas")).items()
        if schema.get("additionalProperties") == {}
    }
    assert grown == growing - {"FetchExperiencesRequest", "UserAttributes"}


def answer_schema(case: Case) -> Any:
    (operation,) = (one for _, operation_id, one in operations() if operation_id == case.operation)
    answer = DOCUMENT.resolved(operation["responses"][str(case.answer.status)])
    return answer["content"][case.answer.media_type]["schema"]


def grown_schemas(reference: Any, value: Any) -> Iterator[str]:
    """The schemas of which the value has fields that the document does not name."""
    schema = DOCUMENT.resolved(reference)
    if is_list(value) and "items" in schema:
        for item in value:
            yield from grown_schemas(schema["items"], item)
    elif is_mapping(value):
        for name, part in value.items():
            inner = schema.get("properties", {}).get(name, schema.get("additionalProperties"))
            if inner == {}:
                yield reference["$ref"].rpartition("/")[2]
            elif is_mapping(inner):
                yield from grown_schemas(inner, part)
