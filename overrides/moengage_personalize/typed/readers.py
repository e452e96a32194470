"""Reads JSON values as values of Python types, without loss. No I/O.

A reader returns `MISFIT` for a value that does not fit its type. In a class, an attribute that is
missing, null or of another type gets the class's own default, and its path is noted.
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable, Hashable, Mapping
from functools import partial
from types import NoneType, UnionType
from typing import (
    Annotated,
    Any,
    Final,
    Literal,
    NewType,
    NotRequired,
    Required,
    Union,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)

import attrs

from moengage_personalize.errors import InvalidArgumentError
from moengage_personalize.models.values import (
    MISFIT,
    fitting,
    is_array,
    is_object,
    to_python,
)

if sys.version_info >= (3, 14):
    from annotationlib import Format, get_annotations

    # A type may be defined below its class: names are looked up at first use.
    annotations_of = partial(get_annotations, format=Format.FORWARDREF)
else:
    from inspect import get_annotations as annotations_of

__all__ = [
    "Reader",
    "UnfinishedError",
    "annotations_of",
    "as_json",
    "is_optional",
    "reader_of",
    "reader_of_attribute",
]

_QUALIFIERS: Final = {Annotated, Required, NotRequired}
Reader = Callable[[Any, list[str]], Any]
"""Takes a JSON value and a list, to which it adds the paths that got a class's default."""


class UnfinishedError(InvalidArgumentError):
    """A class has a type or a default that cannot be evaluated, or not yet."""


def reader_of_attribute(
    made_by: type, name: str, known: dict[Any, Reader] | None = None
) -> tuple[Any, Reader]:
    """Evaluate the type of a class's attribute; return it with its reader.

    Raises:
        UnfinishedError: The type cannot be evaluated.
        InvalidArgumentError: The type has no reader.
    """
    base = next((one for one in made_by.__mro__ if name in annotations_of(one)), None)
    try:
        # An attrs class may have an attribute without a type.
        kind = Any if base is None else _evaluated(base, lambda one: annotations_of(one)[name])
        return kind, reader_of(kind, known)
    except InvalidArgumentError as error:
        where = f"{made_by.__name__}.{name}" + (f", in {error.field}" if error.field else "")
        raise type(error)(error.problem, field=where) from error.__cause__


def reader_of(
    kind: Any,  # noqa: ANN401  (a type)
    known: dict[Any, Reader] | None = None,
) -> Reader:
    """Make the reader of a type.

    Args:
        kind: The type, with its names resolved.
        known: The readers of outer classes, because a class may refer to itself.

    Raises:
        UnfinishedError: The type, or one inside it, cannot be evaluated.
        InvalidArgumentError: The type has no reader.
    """
    known = dict(_PLAIN) if known is None else known
    while get_origin(kind) in _QUALIFIERS:
        kind = get_args(kind)[0]
    if (meant := _meant(kind)) is not kind and kind not in known:
        _add_alias(kind, meant, known)
    if issubclass(type(kind), Hashable) and kind in known:
        return known[kind]
    origin, args = get_origin(kind) or kind, get_args(kind)
    if not args and (is_typeddict(kind) or attrs.has(kind) or dataclasses.is_dataclass(kind)):
        return _class(kind, known)
    inner = [one for one in args if one is not NoneType]
    if is_optional(kind) and len(inner) == 1 and origin is not Literal:
        return _or_none(reader_of(inner[0], known))
    if origin is dict and args[:1] in {(), (str,)}:
        return _dict(reader_of(inner[1] if inner else Any, known))
    if origin is list:
        return _list(reader_of(inner[0] if inner else Any, known))
    if origin is Literal:
        return _one_of(args)
    raise InvalidArgumentError(
        f"its type is not supported ({kind if args else getattr(kind, '__name__', kind)}): use "
        "str, int, float, bool, dict[str, ...], list[...], Literal, X | None, an attrs class, "
        "a dataclass or a TypedDict"
    )


def is_optional(kind: Any) -> bool:  # noqa: ANN401  (a type)
    """Return whether None is a value of the type."""
    kind = _meant(kind)
    args = get_args(kind)
    if get_origin(kind) is Literal:
        return None in args
    return kind is Any or (get_origin(kind) in {Union, UnionType} and NoneType in args)


def _meant(kind: Any) -> Any:  # noqa: ANN401  (a type)
    """What an alias (`type Price = int | None`) or `Annotated` stands for; other types as is."""
    seen: list[Any] = []
    while kind not in seen:  # `type J = J` is valid Python
        seen.append(kind)
        if type(kind).__name__ == "TypeAliasType":  # of typing or typing_extensions
            kind = _evaluated(kind, lambda one: one.__value__, f"its type {kind.__name__}")
        elif isinstance(kind, NewType):
            kind = kind.__supertype__
        elif get_origin(kind) in _QUALIFIERS:
            kind = get_args(kind)[0]
    return kind


def _evaluated(within: Any, find: Callable[[Any], Any], what: str = "its type") -> Any:  # noqa: ANN401  (types)
    """Return a type of a class or an alias, with the names of its module, then its own."""
    module = getattr(sys.modules.get(within.__module__), "__dict__", {})
    own = dict(getattr(within, "__dict__", {}))
    try:
        # get_type_hints(within) evaluates every type, so its error names none.
        one = type(what, (), {"__annotations__": {"kind": find(within)}})
        return get_type_hints(one, own, module, include_extras=True)["kind"]
    except Exception as error:
        raise UnfinishedError(
            f"{what} cannot be evaluated ({type(error).__name__}: {error}): it must be valid "
            "Python, with names that the module defines or imports at its top level"
        ) from error


def _add_alias(kind: Any, meant: Any, known: dict[Any, Reader]) -> None:  # noqa: ANN401  (types)
    def read(value: Any, lacks: list[str]) -> Any:  # noqa: ANN401  (a JSON value)
        return read_meant(value, lacks)

    known[kind] = read  # it may refer to itself
    known[kind] = read_meant = reader_of(meant, known)


def as_json(value: object) -> Any:  # noqa: ANN401  (any JSON value)
    """Return the JSON value of a value that a reader returned."""
    made_by = type(value)
    if attrs.has(made_by) or dataclasses.is_dataclass(made_by):
        return {name: as_json(getattr(value, name)) for name in _needed(made_by)}
    if is_object(value):
        return {name: as_json(entry) for name, entry in value.items()}
    return [as_json(entry) for entry in value] if is_array(value) else value


def _any(value: Any, _: list[str]) -> Any:  # noqa: ANN401  (a JSON value)
    return value


def _int(value: Any, _: list[str]) -> Any:  # noqa: ANN401  (a JSON value)
    fit = value if type(value) is int else fitting(value, 0)
    return fit if type(fit) is int else MISFIT


def _like(example: object) -> Reader:
    kind = type(example)
    return lambda value, _: value if type(value) is kind else fitting(value, example)


_PLAIN: Final[Mapping[Any, Reader]] = {
    Any: _any,
    int: _int,
    str: _like(""),
    float: _like(0.0),
    bool: _like(False),  # noqa: FBT003  (an example)
}


def _or_none(read: Reader) -> Reader:
    return lambda value, lacks: None if value is None else read(value, lacks)


def _one_of(choices: tuple[Any, ...]) -> Reader:
    accepted = {(_name_of(one), one) for one in choices}
    examples = {_name_of(one): one for one in choices}.values()

    def read(value: Any, _: list[str]) -> Any:  # noqa: ANN401  (a JSON value)
        for fit in (value, *(fitting(value, example) for example in examples)):
            if isinstance(fit, str | int) and (_name_of(fit), fit) in accepted:
                return fit
        return MISFIT

    return read


def _name_of(value: object) -> str:
    """Return the type's name, because True equals 1."""
    return type(value).__name__


def _list(entry: Reader) -> Reader:
    def read(value: Any, lacks: list[str]) -> Any:  # noqa: ANN401  (a JSON value)
        value = to_python(value, "json")
        if not is_array(value):
            return MISFIT
        made = [entry(one, lacks) for one in value]
        return MISFIT if MISFIT in made else made

    return read


def _dict(entry: Reader) -> Reader:
    def read(value: Any, lacks: list[str]) -> Any:  # noqa: ANN401  (a JSON value)
        value = to_python(value, "json")
        if not is_object(value):
            return MISFIT
        made = {name: entry(one, lacks) for name, one in value.items()}
        return MISFIT if MISFIT in made.values() else made

    return read


@attrs.frozen
class _Attribute:
    name: str
    argument: str
    read: Reader
    may_be_none: bool
    is_needed: bool

    def of(self, values: Mapping[str, Any], lacks: list[str]) -> Any:  # noqa: ANN401  (JSON values)
        found, before = values.get(self.name, MISFIT), len(lacks)
        if found is None and self.may_be_none:
            return None
        fit = MISFIT if found is MISFIT or found is None else self.read(found, lacks)
        if len(lacks) > before:
            lacks[before:] = [f"{self.name}.{path}" for path in lacks[before:]]
        if fit is MISFIT and not (self.is_needed or (found is MISFIT and self.may_be_none)):
            lacks.append(self.name)
        return fit


def _class(made_by: Any, known: dict[Any, Reader]) -> Reader:  # noqa: ANN401  (a class)
    attributes: list[_Attribute] = []

    def read(value: Any, lacks: list[str]) -> Any:  # noqa: ANN401  (a JSON value)
        values = to_python(value, "json")
        if not is_object(values):
            return MISFIT
        arguments: dict[str, Any] = {}
        for one in attributes:
            fit = one.of(values, lacks)
            if fit is not MISFIT:
                arguments[one.argument] = fit
            elif one.is_needed:
                return MISFIT
        return made_by(**arguments)

    known[made_by] = read
    for name, (argument, is_needed) in _needed(made_by).items():
        kind, reader = reader_of_attribute(made_by, name, known)
        said = get_origin(kind)
        needed = said is Required or (is_needed and said is not NotRequired)
        attributes.append(_Attribute(name, argument, reader, is_optional(kind), needed))
    return read


def _needed(made_by: Any) -> dict[str, tuple[str, bool]]:  # noqa: ANN401  (a class)
    """Return for each attribute the constructor's argument, and whether it is required."""
    if is_typeddict(made_by):
        return {name: (name, name in made_by.__required_keys__) for name in made_by.__annotations__}
    if attrs.has(made_by):
        fields = [one for one in attrs.fields(made_by) if one.init]
        return {one.name: (one.alias or one.name, one.default is attrs.NOTHING) for one in fields}
    return {
        one.name: (one.name, one.default is one.default_factory is dataclasses.MISSING)
        for one in dataclasses.fields(made_by)
        if one.init
    }
