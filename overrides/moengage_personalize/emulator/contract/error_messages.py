"""Turns a schema error into a sentence that names the field and says what would be right.

A sentence never shows a value of the request: it may be a customer's e-mail or IP address. A name
that the schema does not declare is a value too, as in `user_identifiers`. So it is written as `*`,
unless the caller allows it.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

from jsonschema_rs import ValidationError
from jsonschema_rs import ValidationErrorKind as Kind

_NOUNS: Final = {
    "array": "an array",
    "boolean": "a boolean",
    "integer": "an integer",
    "null": "null",
    "number": "a number",
    "object": "an object",
    "string": "a string",
}
_FORMATS: Final = {"uuid": "a UUID version 4", "iso-8601": "a date and time in ISO 8601"}


def sentence(
    error: ValidationError,
    schema: Mapping[str, Any],
    *,
    whole: str,
    show_undeclared: bool = False,
) -> str:
    """Say which field is wrong and what would be right, without a value.

    Args:
        error: The error that the validator found.
        schema: The schema of the validator.
        whole: The name of the instance itself, used if no single field is wrong.
        show_undeclared: Whether to show names that the schema does not declare.
    """
    field = _field(error, show_undeclared=show_undeclared)
    match error.kind:
        case Kind.Required(name):
            return f"{field}.{name} is required" if field else f"{name} is required"
        case Kind.AdditionalProperties(unexpected):
            found = ", ".join(sorted(unexpected)) if show_undeclared else "a field"
            known = ", ".join(_applied(schema, error)["properties"])
            return f"{field or whole} has {found} that is not known there; known: {known}"
        case Kind.AnyOf():
            # The errors of the alternatives say little, so use the schema's description.
            return f"{field or whole} must be {_applied(schema, error)['description']}"
        case _:
            return f"{field or whole} must {expectation(error)}"


def refusal(error: ValidationError, schema: Mapping[str, Any]) -> str:
    """Say why a body is refused, in the API's own words if they are known.

    For an enum, the API repeats the value. No enum of the API has data about a customer.
    """
    match error.kind:
        case Kind.Enum(options):
            field, accepted = _field(error, show_undeclared=False), ", ".join(map(str, options))
            return f"{field} - Enum doesnt allow value: {error.instance}; accepted: {accepted}"
        case _:
            return f"{sentence(error, schema, whole='The body')}."


def expectation(error: ValidationError) -> str:  # noqa: PLR0911 -- one row a keyword
    """Say what a value must be to meet the keyword that it failed."""
    match error.kind:
        case Kind.Type(types):
            return f"be {_either([_NOUNS[name] for name in types])}"
        case Kind.Enum(options):
            return f"be one of {', '.join(map(str, options))}"
        case Kind.Format(name):
            return f"be {_FORMATS.get(name, f'in the format {name}')}"
        case Kind.Pattern(pattern):
            return f"match {pattern}"
        case Kind.Minimum(limit):
            return f"be at least {limit}"
        case Kind.Maximum(limit):
            return f"be at most {limit}"
        case Kind.MinLength(1) | Kind.MinItems(1) | Kind.MinProperties(1):
            return "not be empty"
        case Kind.MaxItems(limit):
            return f"have at most {limit} entries"
        case kind:
            return f"meet the schema's {kind.name}"


def path_of(error: ValidationError) -> tuple[str | int, ...]:
    """Return the path of the wrong value; for an unknown field, the path of that field."""
    match error.kind:
        case Kind.AdditionalProperties(unexpected):
            return (*error.instance_path, min(unexpected))
        case _:
            return tuple(error.instance_path)


def _field(error: ValidationError, *, show_undeclared: bool) -> str:
    declared = {
        name for keyword, name in pairwise(error.evaluation_path) if keyword == "properties"
    }
    path = ""
    for step in error.instance_path:
        if isinstance(step, int):
            path += f"[{step}]"
        else:
            path += f".{step}" if show_undeclared or step in declared else ".*"
    return path.removeprefix(".")


def _applied(schema: Mapping[str, Any], error: ValidationError) -> Any:  # noqa: ANN401 -- any JSON
    applied: Any = schema
    for step in error.schema_path[:-1]:
        applied = applied[step]
    return applied


def _either(alternatives: Sequence[str]) -> str:
    unique = list(dict.fromkeys(alternatives))
    if len(unique) == 1:
        return unique[0]
    return f"{', '.join(unique[:-1])} or {unique[-1]}"
