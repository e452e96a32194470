"""Samples of an experience become one schema."""

from __future__ import annotations

from typing import Any

import pytest

from content_types.workspaces import KEY, banner
from moengage_personalize.content_types import Sample, schemas


def schema_of(*values: Any) -> Any:
    """The schema of one value that some variations have; `...` for one that lacks it."""
    variations: list[dict[str, Any]] = [{} if one is ... else {"V": one} for one in values]
    return schemas(banner(*variations).samples)[KEY]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["a"], {"type": "string"}),
        ([True], {"type": "boolean"}),
        ([1], {"type": "integer"}),
        ([2**53 + 1], {"type": "integer"}),
        ([1, 1.5], {"type": "number"}),
        ([None], {"type": "null"}),
        ([None, 1], {"type": ["integer", "null"]}),
        ([1, "a"], {"type": ["integer", "string"]}),
        ([float("nan"), 1.5], {"type": ["null", "number"]}),
        ([[]], {"type": "array"}),
        ([[], [1, 2.5]], {"type": "array", "items": {"type": "number"}}),
        ([[1, "a"]], {"type": "array", "items": {"type": ["integer", "string"]}}),
        ([{}], {"type": "object"}),
        (
            [{"a": 1, "b": 2}, {"a": 1.5}],
            {
                "type": "object",
                "properties": {"a": {"type": "number"}, "b": {"type": "integer"}},
                "required": ["a"],
            },
        ),
        (
            [[{"a": 1}, {"a": 2, "b": True}]],
            {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {"a": {"type": "integer"}, "b": {"type": "boolean"}},
                    "required": ["a"],
                },
            },
        ),
    ],
)
def test_samples_merge(values: list[Any], expected: dict[str, Any]) -> None:
    """Into the narrowest type that holds them all."""
    assert schema_of(*values) == {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {"V": expected},
        "required": ["V"],
    }


def test_a_value_that_a_variation_lacks_is_not_required() -> None:
    """Wherever it is lacking."""
    assert "required" not in schema_of(1, ...)
    assert "required" not in schema_of(..., 1)


def test_an_experience_without_values_has_a_schema() -> None:
    """Of an object without properties."""
    assert schema_of(...)["type"] == "object"
    assert "properties" not in schema_of(...)


@pytest.mark.parametrize(
    ("value", "data_type", "expected"),
    [
        ("15", "number", "integer"),
        ("1.5", "number", "number"),
        (15, "float", "number"),
        ("15", "float", "number"),
        ("true", "boolean", "boolean"),
        ('{"a": 1}', "json", "object"),
        ("[1]", "json", "array"),
        ("15", "string", "string"),
        ("15%", "number", "string"),
        ("#ff6600", "color", "string"),
    ],
)
def test_text_counts_as_its_data_type(value: object, data_type: str, expected: str) -> None:
    """Where it can be read as that, as a client reads it."""
    content = {"payload": {"V": {"value": value, "data_type": data_type}}}
    found = schemas([Sample.from_content(KEY, content)])[KEY]
    assert found["properties"]["V"]["type"] == expected


@pytest.mark.parametrize(
    "content", [None, [], {}, {"payload": 5}, {"payload": {"V": 5}, "experience_context": "x"}]
)
def test_what_is_no_experience_has_no_values(content: object) -> None:
    """And breaks nothing."""
    assert Sample.from_content(KEY, content) == Sample(KEY, {}, "")


def test_a_deep_value_is_cut() -> None:
    """So that no depth can exhaust the stack."""
    deep: Any = {}
    for _ in range(900):
        deep = {"a": [deep]}
    depth, schema = 0, schema_of(deep)["properties"]["V"]
    while schema := schema.get("items") or schema.get("properties", {}).get("a"):
        depth += 1
    assert depth == 20
