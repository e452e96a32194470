"""Reads the OpenAPI document that ships with the package: paths, methods, body schemas.

The emulator checks requests against the document only. It shares no code with the client, so that
it checks the client independently.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final
from urllib.parse import urlsplit

from jsonschema_rs import Draft4Validator

from moengage_personalize.emulator.contract import leniencies
from moengage_personalize.emulator.yaml_lines import YamlLines

_METHODS: Final = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace"})


@dataclass(frozen=True, slots=True)
class BodyRule:
    """The rules for a request's body.

    Attributes:
        media_types: The accepted `Content-Type` values, in lower case, without parameters.
        schema: The JSON schema of the body.
        validator: The schema, compiled.
    """

    media_types: frozenset[str]
    schema: Mapping[str, Any]
    validator: Draft4Validator


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the document.

    Attributes:
        operation_id: The document's `operationId`.
        body: The rules for the body; None if the operation takes no body.
        parameters: The names of the query parameters.
        single_parameters: The query parameters that may be given only once each, because one
            parameter lists all values (`explode: false`).
        is_rate_limited: Whether its success has the headers of the rate limit.
        example: The first example of its success, as JSON; None if the document has none.
    """

    operation_id: str
    body: BodyRule | None
    parameters: frozenset[str]
    single_parameters: tuple[str, ...]
    is_rate_limited: bool
    example: bytes | None


@dataclass(frozen=True, slots=True)
class Document:
    """The OpenAPI document, parsed once.

    Attributes:
        content: The document as it is written.
        base_path: The path of the document's server, `/v1`.
        routes: Operations by full path, then by method in upper case.
    """

    content: Mapping[str, Any]
    base_path: str
    routes: Mapping[str, Mapping[str, Operation]]

    @property
    def operation_ids(self) -> tuple[str, ...]:
        """Every `operationId`, in the document's order."""
        return tuple(
            operation.operation_id
            for methods in self.routes.values()
            for operation in methods.values()
        )


@cache
def load() -> Document:
    """Return the document that this package ships, read once in a process."""
    package = resources.files("moengage_personalize")
    content = package.joinpath("openapi", "moengage-personalize.yaml").read_bytes()
    return take_apart(YamlLines(content).value)


def take_apart(content: Mapping[str, Any]) -> Document:
    """Make the routes and compile the validators of an OpenAPI document."""
    base_path = urlsplit(content["servers"][0]["url"]).path.rstrip("/")
    components = {"schemas": leniencies.relaxed(content["components"]["schemas"])}
    routes = {
        base_path + path: {
            method.upper(): _operation(described, components)
            for method, described in methods.items()
            if method in _METHODS
        }
        for path, methods in content["paths"].items()
    }
    return Document(content, base_path, routes)


def _operation(described: Mapping[str, Any], components: Mapping[str, Any]) -> Operation:
    query = [one for one in described.get("parameters", ()) if one["in"] == "query"]
    success = described["responses"].get("200", {})
    return Operation(
        operation_id=described["operationId"],
        body=_body_rule(described["requestBody"], components)
        if "requestBody" in described
        else None,
        parameters=frozenset(one["name"] for one in query),
        single_parameters=tuple(one["name"] for one in query if not one.get("explode", True)),
        is_rate_limited="x-ratelimit-limit" in success.get("headers", {}),
        example=_example(described["responses"]),
    )


def _example(responses: Mapping[str, Any]) -> bytes | None:
    for status, answer in responses.items():
        media = answer.get("content", {}).get("application/json", {})
        for example in media.get("examples", {}).values():
            if status.startswith("2"):
                return json.dumps(example["value"]).encode()
    return None


def _body_rule(described: Mapping[str, Any], components: Mapping[str, Any]) -> BodyRule:
    ((media_type, media),) = described["content"].items()
    # The components are next to the reference so that "#/components/..." finds them.
    schema = {**media["schema"], "components": components}
    validator = Draft4Validator(schema, formats=dict(leniencies.FORMATS), validate_formats=True)
    return BodyRule(frozenset({media_type.lower()}), schema, validator)
