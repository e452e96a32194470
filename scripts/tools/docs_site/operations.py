"""The operations of the OpenAPI document, as Markdown."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from generator.document import Document

from . import api_page

__all__ = ["markdown", "operations"]

_IN_FULL = (
    f'<a href="../{api_page.NAME}">The whole document on one page</a>: all fields and examples.'
)


def operations(document: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Method, path and description of each operation."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def markdown(path: Path) -> str:
    """A section for each operation: what it does, its parameters, and its answers."""
    document: Mapping[str, Any] = Document(path).data
    lines = ["## Overview\n", f"{_IN_FULL}\n", document["info"]["description"], *_servers(document)]
    for method, place, operation in operations(document):
        lines += _operation(document, method, place, operation)
    return "\n".join(lines)


def _servers(document: Mapping[str, Any]) -> Iterator[str]:
    (server,) = document["servers"]
    yield "## Address\n"
    yield f"`{server['url']}`\n"
    for name, variable in server["variables"].items():
        yield f"`{name}`: {variable['description']}"


def _operation(
    document: Mapping[str, Any], method: str, path: str, operation: Mapping[str, Any]
) -> Iterator[str]:
    yield f"## {operation['operationId']}\n"
    yield f"```text\n{method} {path}\n```\n"
    yield f"{operation['summary']}.\n"
    yield operation["description"]
    if "externalDocs" in operation:
        docs = operation["externalDocs"]
        yield f"[{docs['description']}]({docs['url']})\n"
    if parameters := [_resolved(document, one) for one in operation.get("parameters", ())]:
        yield "| parameter | in | what it is |"
        yield "| --- | --- | --- |"
        for one in parameters:
            yield f"| `{one['name']}` | {one['in']} | {_line(one['description'])} |"
        yield ""
    yield "| status | answer |"
    yield "| --- | --- |"
    for status, answer in operation["responses"].items():
        yield f"| {status} | {_line(_resolved(document, answer)['description'])} |"
    yield ""


def _resolved(document: Mapping[str, Any], part: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Any = part
    while "$ref" in found:
        place = found["$ref"].removeprefix("#/").split("/")
        found = document
        for step in place:
            found = found[step]
    return found  # type: ignore[no-any-return]  # what a document refers to is an object


def _line(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip().replace("|", "\\|")
