"""Finds the differences between a module and its workspace. No I/O."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import Final, Literal

import attrs

from .module import Class, Module
from .names import is_attribute
from .samples import Workspace
from .schemas import Schema, schemas
from .writer import type_of

__all__ = ["Difference", "differences"]

Problem = Literal[
    "key gone", "paused", "scheduled", "value gone", "other type", "not supported", "new value"
]

_UNSEEN: Final[Mapping[str, Problem]] = {"Paused": "paused", "Scheduled": "scheduled"}
"""Statuses in which no visitor sees an experience."""


@attrs.frozen
class Difference:
    """One difference between a module and a workspace.

    Attributes:
        key: The experience key.
        value: The value's name, followed by the names inside it, with slashes between them; empty
            for the experience itself.
        problem: The kind of difference.
        in_module: The type in the module, or the class.
        in_workspace: The type in the workspace, or the status.
        inherited_from: The base class that has the attribute; empty if it is not inherited.
    """

    key: str
    value: str
    problem: Problem
    in_module: str = ""
    in_workspace: str = ""
    inherited_from: str = ""


def differences(module: Module, workspace: Workspace) -> list[Difference]:
    """Compare the experiences that a module has with those of a workspace.

    An experience without a class is not a difference. Values are compared if there is a sample.
    """
    described = schemas(workspace.samples, enumerated=True)
    found: list[Difference] = []
    for one in module.experiences:
        if workspace.is_about(one.key):
            found += _of_status(one, workspace)
            if one.key in described:
                found += _in_class(one.key, module, one, described[one.key])
    return found


def _in_class(
    key: str, module: Module, made: Class, schema: Schema, outer: tuple[str, ...] = ()
) -> Iterator[Difference]:
    """Compare a class, and the classes inside its values, with the values of the workspace."""
    properties: Mapping[str, Schema] = schema.get("properties", {})
    for name, field in made.fields.items():
        where = " / ".join((*outer, name))
        annotation = field.node.annotation
        of = type_of(properties[name]) if name in properties else ""
        base = field.owner if field.owner != made.name else ""
        if name not in properties:
            yield Difference(key, where, "value gone", ast.unparse(annotation), of, base)
        elif not module.is_read(annotation):
            yield Difference(key, where, "not supported", ast.unparse(annotation), of, base)
        elif not module.accepts(annotation, properties[name]):
            yield Difference(key, where, "other type", ast.unparse(annotation), of, base)
        elif inner := module.inner(annotation, properties[name]):
            yield from _in_class(key, module, inner.made, inner.schema, (*outer, name))
    for name in [each for each in properties if each not in made.fields]:
        can_be = is_attribute(name, module.bound) if outer else name and not name.isspace()
        if can_be:
            where = " / ".join((*outer, name))
            yield Difference(key, where, "new value", "", type_of(properties[name]))


def _of_status(made: Class, workspace: Workspace) -> Iterator[Difference]:
    if workspace.listing is None:
        return
    entry = workspace.listing.get(made.key)
    if entry is None:
        yield Difference(made.key, "", "key gone", made.name)
    elif problem := _UNSEEN.get(entry.status):
        yield Difference(made.key, "", problem, made.name, entry.status)
