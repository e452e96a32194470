"""Writes the types of experiences for generators of other languages, as an OpenAPI overlay.

Each experience gets two schemas, of itself and its payload, and a property in `ExperiencesByKey`.
Other names keep their type in the document.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from importlib import resources
from typing import Any, Final

from ruamel.yaml import YAML

from .names import class_name
from .schemas import Schema, alternatives

__all__ = ["merged_document", "overlay", "project_document", "workspace_schema"]

_DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"
_SCHEMAS: Final = "$.components.schemas"
_REF: Final = "#/components/schemas/"


def project_document() -> Mapping[str, Any]:
    """Return the OpenAPI document that ships with the package."""
    source = resources.files("moengage_personalize") / "openapi" / "moengage-personalize.yaml"
    reader: Any = YAML(typ="safe")  # it has only some of its types
    document: Mapping[str, Any] = reader.load(source.read_text(encoding="utf-8"))
    return document


def workspace_schema(schemas: Mapping[str, Schema]) -> dict[str, Any]:
    """Return one JSON Schema of the values of all experiences, by experience key and value name."""
    properties = {
        key: {name: part for name, part in schema.items() if name != "$schema"}
        for key, schema in schemas.items()
    }
    return {"$schema": _DRAFT, "type": "object", "properties": properties}


def overlay(schemas: Mapping[str, Schema], document: Mapping[str, Any]) -> dict[str, Any]:
    """Return an OpenAPI Overlay 1.0 that adds the experiences' content to the document.

    Args:
        schemas: The schema of each experience by key.
        document: The OpenAPI document, 3.0.
    """
    taken: set[str] = set(document["components"]["schemas"])
    added: dict[str, Any] = {}
    by_key: dict[str, Any] = {}
    for key, schema in schemas.items():
        name = class_name(key, taken | {one.removesuffix("Payload") for one in taken})
        taken |= {name, f"{name}Payload"}
        added[f"{name}Payload"] = _payload(schema)
        added[name] = {
            "type": "object",
            "description": "The variation of one experience, with the values of the samples.",
            "required": ["payload", "experience_context"],
            "properties": {
                "payload": {"$ref": f"{_REF}{name}Payload"},
                "experience_context": {"$ref": f"{_REF}ExperienceContext"},
            },
            "additionalProperties": {},
        }
        by_key[key] = {"$ref": f"{_REF}{name}"}
    return {
        "overlay": "1.0.0",
        "info": {"title": "The content of a workspace's experiences", "version": "1.0.0"},
        "actions": [
            {"target": _SCHEMAS, "update": added},
            {"target": f"{_SCHEMAS}.ExperiencesByKey", "update": {"properties": by_key}},
        ],
    }


def merged_document(document: Mapping[str, Any], added: Mapping[str, Any]) -> dict[str, Any]:
    """Return the document with an overlay of this module applied."""
    merged = copy.deepcopy(dict(document))
    for action in added["actions"]:
        place = merged
        for name in action["target"].removeprefix("$.").split("."):
            place = place[name]
        place.update(copy.deepcopy(action["update"]))
    return merged


def _payload(schema: Schema) -> dict[str, Any]:
    return {
        "type": "object",
        "description": "The values by name; one that some samples lack is not required.",
        "required": sorted(schema.get("required", ())),
        "properties": {
            name: {
                "type": "object",
                "required": ["value", "data_type"],
                "properties": {"value": _in_openapi(value), "data_type": {"type": "string"}},
                "additionalProperties": {},
            }
            for name, value in schema.get("properties", {}).items()
        },
        "additionalProperties": {"$ref": f"{_REF}PayloadValue"},
    }


def _in_openapi(schema: Schema) -> dict[str, Any]:
    """Convert a schema to OpenAPI 3.0, where it has one type and may be `nullable`.

    Several types become any value, because generators do not agree on `anyOf`.
    """
    kinds = dict(alternatives(schema))
    is_nullable = kinds.pop("null", None) is not None
    if len(kinds) != 1:
        return {}
    ((kind, one),) = kinds.items()
    made: dict[str, Any] = {"type": kind}
    if kind == "integer":
        made["format"] = "int64"
    if kind == "array":
        made["items"] = _in_openapi(one.get("items", {}))
    if kind == "object":
        properties = one.get("properties", {})
        made["properties"] = {name: _in_openapi(value) for name, value in properties.items()}
        made["additionalProperties"] = {}
        if one.get("required"):
            made["required"] = sorted(one["required"])
    return made | ({"nullable": True} if is_nullable else {})
