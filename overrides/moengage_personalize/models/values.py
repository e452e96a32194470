"""Converts JSON values of the API to Python types that can be sent back and put into a page."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, TypeGuard, TypeVar

import attrs

from moengage_personalize import validation
from moengage_personalize.errors import InvalidArgumentError

__all__ = [
    "MISFIT",
    "ByName",
    "HtmlSafeJson",
    "data_type_of",
    "decode_json",
    "fitting",
    "html_safe",
    "is_array",
    "is_object",
    "json_object",
    "to_python",
]

T = TypeVar("T")

MISFIT: Final = object()
"""The result for a value that does not fit."""

_UNSAFE: Final = {ord(character): f"\\u{ord(character):04x}" for character in "<>&'"}
_escapes: Final = re.compile(
    r"\\\\|\\u[dD][89abAB][\da-fA-F]{2}\\u[dD][c-fC-F][\da-fA-F]{2}|(\\u[dD][89a-fA-F][\da-fA-F]{2})"
)
"""An escaped backslash, a surrogate pair, or (the group) half of one, as in a cut emoji."""
_MAY_BE_TEXT: Final = ("number", "float", "boolean", "json")
_TYPES: Final[tuple[tuple[Any, str], ...]] = (
    (str, "string"),
    (bool, "boolean"),  # before int, because True is an int
    (int, "number"),
    (float, "float"),
    ((Mapping, list, tuple), "json"),
)


def decode_json(text: str) -> tuple[Any, int]:
    """Return the JSON value at the start of a text, and where it ends.

    Values that cannot be written as JSON again are replaced: halves of surrogate pairs by U+FFFD;
    NaN, infinities and numbers of thousands of digits by None.

    Raises:
        ValueError, RecursionError: The text does not start with JSON.
    """
    if "\\u" in text:
        text = _escapes.sub(lambda found: "\\ufffd" if found[1] else found[0], text)
    return _raw_decode(text)


def _float(text: str) -> float | None:
    number = float(text)
    return number if math.isfinite(number) else None


def _int(text: str) -> int | None:
    try:
        return int(text)
    except ValueError:
        return None


_raw_decode: Final = json.JSONDecoder(
    parse_float=_float, parse_int=_int, parse_constant=lambda _: None
).raw_decode


def json_object(field: str, value: Mapping[str, Any]) -> dict[str, Any]:
    """Copy a JSON object, so that later changes by the caller do not change an event.

    Halves of surrogate pairs are replaced.

    Raises:
        InvalidArgumentError: It is not a JSON object.
    """
    kind = type(value)
    if kind is dict:
        try:
            "".join((*value, *value.values())).encode()
            return dict(value)  # nearly always a context, and ten times as fast
        except (TypeError, UnicodeEncodeError):
            pass  # the slower way also takes other values, and replaces bad characters
    validation.mapping(field, value)
    try:
        text = json.dumps(dict(value), allow_nan=False, ensure_ascii=False)
        copied: dict[str, Any] = json.loads(text.encode(errors="replace"))
    except (TypeError, ValueError, RecursionError):
        raise InvalidArgumentError(_what_is_no_json(value), field=field) from None
    return copied


def _what_is_no_json(values: Mapping[str, Any]) -> str:
    for name, value in values.items():
        try:
            json.dumps(value, allow_nan=False)
        except (TypeError, ValueError, RecursionError):
            kind = type(value).__name__
            return (
                f"{name!r} has a value that JSON cannot express ({kind}): give text, as of "
                "str(value) or value.isoformat(), a finite number, a list or a dict of these"
            )
    return "has a value that JSON cannot express"


@attrs.frozen(repr=False, eq=False)
class ByName(Mapping[str, T]):
    """A mapping around another one; a subclass adds its own repr and attributes."""

    _by_name: Mapping[str, T]

    def __getitem__(self, name: str) -> T:
        return self._by_name[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name)

    def __len__(self) -> int:
        return len(self._by_name)


def is_object(value: object) -> TypeGuard[Mapping[str, Any]]:
    """Return whether it is a JSON object."""
    return isinstance(value, Mapping)


def is_array(value: object) -> TypeGuard[Sequence[Any]]:
    """Return whether it is a JSON array."""
    return isinstance(value, list | tuple)


def data_type_of(value: object) -> str:
    """Return the API's data type of a Python value; empty for None and for non-JSON values."""
    return next((name for kind, name in _TYPES if isinstance(value, kind)), "")


def to_python(value: Any, data_type: str) -> Any:  # noqa: ANN401  (any JSON value)
    """Convert a value to the Python type of its data type, if nothing is lost.

    A `float` may come as a whole number, and all but a `string` as text. A value that does not
    match its data type, or has an unknown one, is not changed.
    """
    if type(value) is str and data_type in _MAY_BE_TEXT:
        return _from_text(value, data_type)
    if data_type == "float" and type(value) is int:
        try:
            return float(value)
        except OverflowError:
            return value
    return value


def _from_text(text: str, data_type: str) -> Any:  # noqa: ANN401  (any JSON value)
    try:
        value, end = decode_json(text.strip())
    except (ValueError, RecursionError):
        return text
    if data_type == "float":
        value = to_python(value, data_type)
    found = data_type_of(value)
    fits = found == data_type or (found, data_type) == ("float", "number")
    return value if fits and end == len(text.strip()) and type(value) is not str else text


def fitting(value: Any, example: object) -> Any:  # noqa: ANN401  (any JSON value)
    """Convert a value to the kind of an example, if nothing is lost, or return `MISFIT`.

    If the example is None or not a JSON value, every value fits; if it is a whole number, any
    number fits.
    """
    kind = data_type_of(example)
    if type(value) is str and kind in _MAY_BE_TEXT:
        value = _from_text(value, kind)
    if kind == "number" and type(value) is float and math.isfinite(value):
        return int(value) if value.is_integer() else value  # JSON has one kind of number
    value = to_python(value, kind) if kind == "float" else value
    is_alike = isinstance(value, dict) == isinstance(example, Mapping)
    return value if not kind or (data_type_of(value) == kind and is_alike) else MISFIT


class HtmlSafeJson(str):
    """JSON that may stand in a `<script>` element or a single-quoted attribute of a page.

    Template engines that know `__html__` (Jinja, Django) do not escape it again.
    """

    __slots__ = ()

    def __html__(self) -> str:
        return str(self)


def html_safe(value: Any) -> HtmlSafeJson:  # noqa: ANN401  (any JSON value)
    """The value as JSON for a page; `{}` if JSON cannot express it."""
    try:
        text = json.dumps(value, separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        text = "{}"
    return HtmlSafeJson(text.translate(_UNSAFE))
