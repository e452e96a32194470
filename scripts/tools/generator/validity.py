"""Whether the document is valid OpenAPI 3.0, and where it is not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    # Neither typed nor with stubs among the pinned requirements.
    from jsonschema.exceptions import ValidationError  # type: ignore[import-untyped]

from generator.diagnostics import line_of_message
from generator.document import Document, Pointer, is_mapping
from generator.failures import DocumentError

_LONGEST_VALUE_SHOWN = 60  # characters


def require_valid(document: Document) -> None:
    """Makes sure that the document is valid OpenAPI 3.0 and refers to nothing outside itself.

    Raises:
        DocumentError: It is not. The message has a row a fault, each with its line.
    """
    # In an order in which no check stumbles over what an earlier one reports.
    for faults in (_version, _structure, _references, _meaning):
        rows = sorted(set(faults(document)))
        if rows:
            raise DocumentError("\n".join(document.located(*row) for row in rows))


def _version(document: Document) -> Iterator[tuple[int, str]]:
    stated = document.data.get("openapi")
    if not re.fullmatch(r"3\.0\.\d+", str(stated)):
        yield document.line(("openapi",)), f"openapi must be 3.0.x, found {stated}"


def _structure(document: Document) -> Iterator[tuple[int, str]]:
    # Two seconds of imports, which only a run of the generator needs.
    from jsonschema import Draft4Validator  # type: ignore[import-untyped]  # noqa: PLC0415
    from openapi_spec_validator.schemas.utils import get_schema_content  # noqa: PLC0415

    validator: Any = Draft4Validator(get_schema_content("3.0"))
    for error in validator.iter_errors(document.data):
        cause = _cause(error)
        pointer: Pointer = tuple(cause.absolute_path)
        yield _line_of_key(document, pointer, cause.message), _shortened(cause)


def _references(document: Document) -> Iterator[tuple[int, str]]:
    for pointer, value in document.walk():
        if pointer[-1:] != ("$ref",) or not isinstance(value, str):
            continue
        if not value.startswith("#/"):
            yield document.line(pointer), f"$ref must point into this document, found {value}"
            continue
        try:
            document.resolved({"$ref": value})
        except LookupError:
            yield document.line(pointer), f"$ref points to nothing: {value}"


def _meaning(document: Document) -> Iterator[tuple[int, str]]:
    from openapi_spec_validator import OpenAPIV30SpecValidator  # noqa: PLC0415  (as above)

    for error in OpenAPIV30SpecValidator(document.data).iter_errors():
        # A bad default comes without a path, but with the schema that it is the default of.
        pointer = tuple(error.absolute_path) or document.find(error.schema)
        line = document.line(pointer) if pointer else line_of_message(document, error.message)
        yield line, error.message


def _cause(error: ValidationError) -> ValidationError:
    """The deepest of the errors that make an alternative fail: it says most about the fault."""
    candidates = [_cause(inner) for inner in error.context]
    # Where an object may stand, a reference may stand too; that it is none is no fault.
    candidates = [inner for inner in candidates if inner.validator_value != ["$ref"]]
    return max(candidates, key=lambda inner: len(inner.absolute_path), default=error)


def _line_of_key(document: Document, pointer: Pointer, message: str) -> int:
    value = document.at(pointer)
    for word in re.findall(r"'([^']+)'", message):
        if is_mapping(value) and word in value:
            return document.line((*pointer, word))
    return document.line(pointer)


def _shortened(error: ValidationError) -> str:
    message: str = error.message
    shown = repr(error.instance)
    if len(shown) > _LONGEST_VALUE_SHOWN:
        message = message.replace(shown, "this part", 1)
    return message
