"""Reads a Python module of typed experiences from its syntax tree; never imports it."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, Literal, Self

import attrs

from moengage_personalize.models.values import MISFIT
from moengage_personalize.typed.readers import reader_of

from .origins import Origins, is_standard, parsed, statements
from .schemas import Schema, alternatives

__all__ = ["Class", "Field", "Inner", "Module", "ModuleError", "literal"]

_HOLDS: Final[Mapping[str, frozenset[str]]] = {
    "Any": frozenset({"array", "boolean", "integer", "number", "object", "string"}),
    "bool": frozenset({"boolean"}),
    "dict": frozenset({"object"}),
    "Dict": frozenset({"object"}),
    "float": frozenset({"integer", "number"}),
    "int": frozenset({"integer"}),
    "list": frozenset({"array"}),
    "List": frozenset({"array"}),
    "str": frozenset({"string"}),
}
_KINDS: Final[Mapping[type[object], str]] = {
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
}
_WRAPPERS: Final = frozenset({"Annotated", "NotRequired", "Optional", "Required"})


class ModuleError(ValueError):
    """A module is not valid Python, or its keys cannot be read."""


@attrs.frozen
class Field:
    """One attribute of a class, and the name of its value.

    Attributes:
        owner: The class whose body has the attribute; a subclass inherits it.
    """

    attribute: str
    name: str
    node: ast.AnnAssign
    owner: str

    @classmethod
    def from_statement(cls, node: ast.stmt, owner: str, origins: Origins) -> Self | None:
        """Read a statement; return None if it is not an attribute with a type."""
        if not (isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)):
            return None
        if origins.base(node.annotation) == "ClassVar":
            return None
        name = node.target.id
        if isinstance(node.value, ast.Call) and origins.base(node.value.func) == "value":
            name = next(
                (
                    given
                    for one in node.value.keywords
                    if one.arg == "name" and isinstance(given := literal(one.value), str)
                ),
                name,
            )
        return cls(node.target.id, name, node, owner)


@attrs.frozen
class Class:
    """A class of a module.

    Attributes:
        key: The experience key; empty if it is not a class of an experience.
        fields: Its attributes by the name of their value, including those of its bases.
        is_experience: Whether it is derived from `TypedExperience`.
        is_dataclass: Whether it has the standard library's dataclass decorator.
        is_read: Whether the package can read it, as an attrs class, or perhaps can.
        is_typed_dict: Whether it is a `TypedDict`, whose attributes have no defaults.
    """

    name: str
    key: str
    fields: Mapping[str, Field]
    node: ast.ClassDef
    is_experience: bool
    is_dataclass: bool
    is_read: bool
    is_typed_dict: bool

    @property
    def bound(self) -> frozenset[str]:
        """The names that its body defines."""
        return frozenset(_bound(statements(self.node)))


@attrs.frozen
class Inner:
    """A class for the objects in a value.

    Attributes:
        made: The class.
        schema: The schema of the objects.
        lists: The number of lists around them.
    """

    made: Class
    schema: Schema
    lists: int = 0


@attrs.frozen
class Module:
    """A module's text with its classes by name."""

    text: str
    tree: ast.Module
    origins: Origins
    classes: Mapping[str, Class]

    @classmethod
    def from_text(cls, text: str, name: str = "<module>") -> Self:
        """Read a module.

        Raises:
            ModuleError: It is not valid Python, the key of a class is not literal text, or a class
                is not at the top of the module.
        """
        try:
            tree = ast.parse(text)
        except SyntaxError as error:
            raise ModuleError(f"{name}:{error.lineno}: is not Python: {error.msg}") from None
        except (ValueError, RecursionError, MemoryError):
            raise ModuleError(f"{name}: is not Python") from None
        classes: dict[str, Class] = {}
        origins = Origins.of_module(tree)
        for node in statements(tree):
            if isinstance(node, ast.ClassDef):
                classes[node.name] = _class(node, classes, origins, name)
        outside = {one.node for one in classes.values()}
        others = {one for one in ast.walk(tree) if isinstance(one, ast.ClassDef)} - outside
        for node in sorted(others, key=lambda one: one.lineno):
            if _class(node, classes, origins, name).key:
                raise ModuleError(
                    f"{name}:{node.lineno}: {node.name} must be at the top of the module and only "
                    "once, not in a function or a class"
                )
        return cls(text, tree, origins, classes)

    @property
    def bound(self) -> frozenset[str]:
        """The names that it defines."""
        return frozenset(_bound(statements(self.tree)))

    @property
    def experiences(self) -> list[Class]:
        """The classes of experiences, in their order."""
        return [one for one in self.classes.values() if one.key]

    def inner(self, annotation: ast.expr, schema: Schema) -> Inner | None:
        """Return the module's own class for the objects in a value; None if there is none."""
        for part in self._members(annotation):
            for kind, one in alternatives(schema):
                if kind == "array" and isinstance(part, ast.Subscript):
                    if self.origins.base(part.value) in {"list", "List"} and "items" in one:
                        found = self.inner(part.slice, one["items"])
                        return found and attrs.evolve(found, lists=found.lists + 1)
                elif kind == "object" and (made := self.classes.get(self.origins.of(part))):
                    return Inner(made, one)
        return None

    def is_read(self, annotation: ast.expr) -> bool:
        """Return whether the package has a reader for a type; True if that is unknown."""
        members = [one for one in self._members(annotation) if literal(one) is not None]
        if len(members) != 1:
            return False
        (one,) = members
        dotted, base, parts = self.origins.of(one), self.origins.base(one), _arguments(one)
        if dotted in self.classes:
            return self.classes[dotted].is_read
        if base in {"dict", "Dict"} and parts:
            return self.origins.base(parts[0]) == "str" and self.is_read(parts[-1])
        if base in {"list", "List"} and parts:
            return self.is_read(parts[0])
        return base in _HOLDS or base == "Literal" or not is_standard(dotted)

    def accepts(self, annotation: ast.expr, schema: Schema) -> bool:
        """Return whether the package can read a type, and it can hold what a schema describes.

        True if that is unknown. Every type accepts null, because the default replaces it.
        """
        return self.is_read(annotation) and all(
            any(self._holds(part, kind, one) for part in self._members(annotation))
            for kind, one in alternatives(schema)
            if kind != "null"
        )

    def _members(
        self, annotation: ast.expr, seen: frozenset[str] = frozenset()
    ) -> Iterator[ast.expr]:
        """Yield the alternatives of a union, or the type itself."""
        annotation = parsed(annotation)
        match annotation:
            case ast.Name(id=name) if name in self.origins.assigned and name not in seen:
                yield from self._members(self.origins.assigned[name], seen | {name})
            case ast.Call(func=made, args=[_, inner]) if self.origins.base(made) == "NewType":
                yield from self._members(inner, seen)
            case ast.BinOp(left=left, op=ast.BitOr(), right=right):
                yield from self._members(left, seen)
                yield from self._members(right, seen)
            case ast.Subscript(value=value, slice=inner) if self.origins.base(value) == "Union":
                for one in getattr(inner, "elts", [inner]):
                    yield from self._members(one, seen)
            case ast.Subscript(value=value, slice=inner) if self.origins.base(value) in _WRAPPERS:
                yield from self._members(getattr(inner, "elts", [inner])[0], seen)
            case _:
                yield annotation

    def _holds(self, annotation: ast.expr, kind: str, schema: Schema) -> bool:
        """Return whether a type without alternatives can hold one of JSON's types."""
        base = self.origins.base(annotation)
        if self.origins.of(annotation) in self.classes:
            return kind == "object"
        parts = _arguments(annotation)
        if base == "Literal":
            choices = tuple(one for one in map(literal, parts) if isinstance(one, str | int))
            read = reader_of(Literal[choices])
            seen = schema.get("enum", ())
            return kind in {_KINDS.get(type(one)) for one in choices} and not any(
                read(one, []) is MISFIT for one in seen
            )
        if base not in _HOLDS:
            # The application's own type may hold anything; None holds nothing else.
            return not (isinstance(annotation, ast.Constant) and annotation.value is None)
        inside = [schema["items"]] if "items" in schema else schema.get("properties", {}).values()
        return kind in _HOLDS[base] and (
            not parts or all(self.accepts(parts[-1], one) for one in inside)
        )


def _arguments(annotation: ast.expr) -> list[ast.expr]:
    """Return the arguments in a type's brackets."""
    if not isinstance(annotation, ast.Subscript):
        return []
    return getattr(annotation.slice, "elts", [annotation.slice])


def literal(node: ast.expr) -> object:
    """Return the value of a literal; `...` for any other expression."""
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, RecursionError):
        return ...


def _bound(body: Iterable[ast.stmt]) -> Iterator[str]:
    for node in body:
        match node:
            case ast.ClassDef() | ast.FunctionDef() | ast.AsyncFunctionDef():
                yield node.name
            case ast.Import() | ast.ImportFrom():
                yield from (one.asname or one.name.partition(".")[0] for one in node.names)
            case ast.Assign() | ast.AnnAssign():
                for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                    yield from (one.id for one in ast.walk(target) if isinstance(one, ast.Name))
            case _:
                pass


def _class(node: ast.ClassDef, known: Mapping[str, Class], origins: Origins, module: str) -> Class:
    fields: dict[str, Field] = {}
    bases = [known[origins.of(one)] for one in node.bases if origins.of(one) in known]
    for base in bases:
        fields |= base.fields
    for statement in node.body:
        if field := Field.from_statement(statement, node.name, origins):
            fields[field.name] = field
    names = {origins.base(one) for one in node.bases}
    is_experience = "TypedExperience" in names or any(one.is_experience for one in bases)
    key = ""
    for given in node.keywords if is_experience else ():
        if given.arg == "key":
            text = literal(given.value)
            if not isinstance(text, str):
                raise ModuleError(
                    f"{module}:{node.lineno}: {node.name} must have its key written as text, as in "
                    'key="homepage-banner"'
                )
            key = text
    decorators = {
        origins.of(one.func if isinstance(one, ast.Call) else one) for one in node.decorator_list
    }
    is_dataclass = any(one.endswith("dataclass") for one in decorators)
    others = decorators | {origins.of(one) for one in node.bases} - known.keys()
    return Class(
        node.name,
        key,
        fields,
        node,
        is_experience=is_experience,
        is_dataclass=is_dataclass,
        is_read=is_dataclass
        or "TypedDict" in names
        or any(one.is_read for one in bases)
        or not all(map(is_standard, others)),
        is_typed_dict="TypedDict" in names,
    )
