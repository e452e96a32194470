"""Reads JSON values as values of Python types, without loss. No I/O.

A reader gives `MISFIT` for what is no value of its type. In a class, an attribute that is missing,
null or of another type gets the class's own default, and its path is noted.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from types import NoneType, UnionType
from typing import (
    Any,
    Final,
    Literal,
    NotRequired,
    Required,
    Union,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)

import attrs

from moengage_personalize.models.values import (
    MISFIT,
    fitting,
    is_array,
    is_object,
    to_python,
)

__all__ = ["Reader", "UnsupportedTypeError", "as_json", "is_optional", "reader_of"]

Reader = Callable[[Any, list[str]], Any]
"""Takes a JSON value and a list, to which it adds the paths of what a class lacked."""


class UnsupportedTypeError(TypeError):
    """A type that no reader can be made for; the text says why."""


def reader_of(
    kind: Any,  # noqa: ANN401  (a type)
    known: dict[Any, Reader] | None = None,
) -> Reader:
    """Make the reader of a type.

    Args:
        kind: The type, its names resolved.
        known: The classes met on the way, which may refer to themselves.

    Raises:
        UnsupportedTypeError: There is none for it.
    """
    known = dict(_PLAIN) if known is None else known
    if kind in known:
        return known[kind]
    origin, args = get_origin(kind) or kind, get_args(kind)
    if is_typeddict(origin) or attrs.has(origin) or dataclasses.is_dataclass(origin):
        return _class(origin, known)
    inner = [one for one in args if one is not NoneType]
    if is_optional(kind) and len(inner) == 1:
        return _or_none(reader_of(inner[0], known))
    if origin is dict and args[:1] in {(), (str,)}:
        return _dict(reader_of(inner[1] if inner else Any, known))
    if origin is list:
        return _list(reader_of(inner[0] if inner else Any, known))
    if origin is Literal:
        return _one_of(args)
    raise UnsupportedTypeError(
        f"is not supported ({getattr(kind, '__name__', kind)}): take str, int, float, bool, "
        "dict[str, ...], list[...], Literal, X | None, an attrs class, a dataclass or a TypedDict"
    )


def is_optional(kind: Any) -> bool:  # noqa: ANN401  (a type)
    """Whether None is a value of the type."""
    return kind is Any or (get_origin(kind) in {Union, UnionType} and NoneType in get_args(kind))


def as_json(value: object) -> Any:  # noqa: ANN401  (any JSON value)
    """The JSON value of one that a reader gave."""
    made_by = type(value)
    if attrs.has(made_by) or dataclasses.is_dataclass(made_by):
        return {name: as_json(getattr(value, name)) for name in _needed(made_by)}
    if is_object(value):
        return {name: as_json(entry) for name, entry in value.items()}
    return [as_json(entry) for entry in value] if is_array(value) else value


def _any(value: Any, _: list[str]) -> Any:  # noqa: ANN401  (a JSON value)
    return value


def _int(value: Any, _: list[str]) -> Any:  # noqa: ANN401  (a JSON value)
    fit = fitting(value, 0)
    return fit if type(fit) is int else MISFIT


def _like(example: object) -> Reader:
    return lambda value, _: fitting(value, example)


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
    """Its type, as True is 1 otherwise."""
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


def _class(made_by: Any, known: dict[Any, Reader]) -> Reader:  # noqa: ANN401  (a class)
    fields: list[tuple[str, Reader, bool, bool]] = []

    def read(value: Any, lacks: list[str]) -> Any:  # noqa: ANN401  (a JSON value)
        value = to_python(value, "json")
        if not is_object(value):
            return MISFIT
        arguments: dict[str, Any] = {}
        for name, entry, may_be_none, is_needed in fields:
            found = value.get(name, MISFIT)
            if found is None and not may_be_none:
                found = MISFIT
            inner: list[str] = []
            fit = found if found is MISFIT else entry(found, inner)
            lacks += [f"{name}.{path}" for path in inner]
            if fit is not MISFIT:
                arguments[name] = fit
            elif is_needed:
                return MISFIT
            elif not may_be_none:
                lacks.append(name)
        return made_by(**arguments)

    known[made_by] = read
    is_needed = _needed(made_by)
    hints = get_type_hints(made_by, include_extras=True)
    for name in is_needed:
        kind = hints[name]
        if get_origin(kind) in {Required, NotRequired}:
            is_needed[name], (kind,) = get_origin(kind) is Required, get_args(kind)
        fields.append((name, reader_of(kind, known), is_optional(kind), is_needed[name]))
    return read


def _needed(made_by: Any) -> dict[str, bool]:  # noqa: ANN401  (a class)
    """The attributes that its constructor takes, and whether it needs them."""
    if is_typeddict(made_by):
        return {name: name in made_by.__required_keys__ for name in made_by.__annotations__}
    if attrs.has(made_by):
        return {one.name: one.default is attrs.NOTHING for one in attrs.fields(made_by) if one.init}
    return {
        one.name: one.default is one.default_factory is dataclasses.MISSING
        for one in dataclasses.fields(made_by)
        if one.init
    }
