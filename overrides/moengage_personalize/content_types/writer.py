"""Writes the classes of experiences and of the objects inside them. No I/O.

No text of the workspace becomes code: names are made valid in Python, and texts are written as
literals, or in comments with unprintable characters escaped.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final, Literal

import attrs

from moengage_personalize.models.values import is_array, is_object

from .names import ITEM, Names, Place, attribute_names, class_name, is_attribute
from .samples import Workspace
from .schemas import Schema, alternatives, merged

__all__ = ["COMMENTS", "FACTS", "LACKING", "Defaults", "Writer", "printable", "type_of"]

Defaults = Literal["sample", "none"]
"""The source of defaults: the first sample, or `none`, which makes all None."""

FACTS: Final = "# Workspace: "
"""The start of the comment that says what a class was made from."""

LACKING: Final = "# Some samples lack it."
_NULL: Final = "# Null in every sample."
_MIXED: Final = "# Of several types in the samples."
_LONG: Final = "# Too long in the sample for a default."
COMMENTS: Final = frozenset({LACKING, _NULL, _MIXED, _LONG})
"""The comments that an attribute may have above it."""

_LARGEST: Final = 100
"""The most names in an object that becomes a class; one with more is a mapping."""
_LONGEST: Final = 500
"""The most characters of a list or a dict that becomes a default."""
_TYPES: Final = {"boolean": "bool", "integer": "int", "number": "float", "string": "str"}
_NEUTRAL: Final = {"bool": "False", "int": "0", "float": "0.0", "str": '""'}


@attrs.frozen
class _Default:
    """A default as Python text; for a mutable value, the text of its factory."""

    text: str
    is_factory: bool = False
    is_cut: bool = False


_NONE: Final = _Default("None")


class Writer:
    """Writes classes one by one, inner classes before the classes that use them.

    Attributes:
        blocks: The classes, as text that is not formatted.
        schemas: The schema of each class, by its name.
    """

    def __init__(self, workspace: Workspace, names: Names, defaults: Defaults) -> None:
        self.blocks: list[str] = []
        self.schemas: dict[str, Schema] = {}
        self._workspace = workspace
        self._names = names
        self._is_none = defaults == "none"
        self._classes = dict(names.classes)
        self._taken = {*names.taken, *names.classes.values()}
        self._written: set[str] = set()

    def plan(self, place: Place, schema: Schema) -> None:
        """Name the class of each object before any is written, so that no attribute hides one."""
        name = self._classes.get(place)
        if name is None:
            end = len(place) - 1
            while end and place[:end] not in self._classes:
                end -= 1
            outer = [self._classes[place[:end]]] if end else []
            words = [*outer, *(part or "item" for part in place[end:])]
            name = self._classes[place] = class_name(" ".join(words), self._taken)
            self._taken.add(name)
        # A class that a person uses in two places must hold the values of both.
        known = self.schemas.get(name)
        self.schemas[name] = schema if known is None else merged(known, schema)
        for value, inner in schema.get("properties", {}).items():
            self._plan_inside((*place, value), inner)

    def _plan_inside(self, place: Place, schema: Schema) -> None:
        kind, one, _ = _only(schema)
        if kind == "array":
            self._plan_inside((*place, ITEM), one.get("items", {}))
        elif kind == "object" and self._is_class(place, one):
            self.plan(place, one)

    def write(self, key: str) -> None:
        """Write the class of an experience, after the classes inside its values."""
        samples = [sample for sample in self._workspace.samples if sample.key == key]
        example: dict[str, Any] = {}
        for sample in samples:
            for name, value in sample.values.items():
                if example.get(name) is None:
                    example[name] = value
        entry = (self._workspace.listing or {}).get(key)
        title = entry.experience_name if entry else key
        status = entry.status if entry else "status unknown"
        variations = len({sample.variation for sample in samples})
        lines = self._attributes((key,), example)
        self.blocks.append(
            _block(
                f"class {self._classes[key,]}(TypedExperience, key={key!r}):",
                f"Experience {_quoted(title)}.",
                f"{printable(status)}; {_count(len(samples), 'sample')} of "
                f"{_count(variations, 'variation')}.",
                lines,
            )
        )

    def annotation(self, place: Place, schema: Schema) -> str:
        """Return the type of a value, as text."""
        kind, one, may_be_null = _only(schema)
        if kind == "array":
            made = f"list[{self.annotation((*place, ITEM), one.get('items', {}))}]"
        elif kind == "object":
            made = self._class_of(place, one) or "dict[str, Any]"
        else:
            made = _TYPES.get(kind, "Any")
        return f"{made} | None" if may_be_null and made != "Any" else made

    def _class_of(self, place: Place, schema: Schema) -> str | None:
        return self._classes.get(place) if self._is_class(place, schema) else None

    def _is_class(self, place: Place, schema: Schema) -> bool:
        names = schema.get("properties", {})
        is_structure = len(names) <= _LARGEST and any(map(is_attribute, names))
        return place in self._names.classes or is_structure

    def _attributes(self, place: Place, example: Mapping[str, Any]) -> list[str]:
        """Return the lines of a class's attributes, after writing the classes inside them."""
        schema = self.schemas[self._classes[place]]
        lines: list[str] = []
        for name, attribute in self._attribute_names(place).items():
            inner, value, at = schema["properties"][name], example.get(name), (*place, name)
            self._write_inside(at, inner, value)
            kind, _, may_be_null = _only(inner)
            annotation, default = self.annotation(at, inner), _NONE
            is_lacking = name not in schema.get("required", ())
            if is_lacking:
                lines.append(LACKING)
            elif kind == "null":
                lines.append(_NULL)
            if kind == "mixed":
                lines.append(_MIXED)
            if annotation != "Any":
                if is_lacking or may_be_null or self._is_none:
                    annotation = annotation.removesuffix(" | None") + " | None"
                else:
                    default = self._default(at, inner, value)
                    lines += [_LONG] if default.is_cut else []
            lines.append(_attribute(attribute, annotation, default, name, is_inner=len(place) > 1))
        return lines

    def _attribute_names(self, place: Place) -> dict[str, str]:
        """Return the attribute of each value that can have one, in the order of the values."""
        made = self._classes[place]
        values = self.schemas[made].get("properties", {})
        known = self._names.attributes
        given = {value: known[*place, value] for value in values if (*place, value) in known}
        taken = self._taken | (self._names.bound.get(made, frozenset()) - {*given.values()})
        others = [value for value in values if value not in given]
        if len(place) > 1:  # the objects inside a value are read by the names of the attributes
            names = given | {name: name for name in others if is_attribute(name, taken)}
        else:
            others = [value for value in others if value and not value.isspace()]
            names = given | attribute_names(others, {*taken, *given.values()})
        return {value: names[value] for value in values if value in names}

    def _write_inside(self, place: Place, schema: Schema, value: object) -> None:
        kind, one, _ = _only(schema)
        if kind == "array":
            # If one entry of a list lacks a name, the value of another entry is not its default.
            self._write_inside((*place, ITEM), one.get("items", {}), None)
        elif kind == "object" and (name := self._class_of(place, one)):
            if name in self._written:
                return
            self._written.add(name)
            names = self._attribute_names(place)
            values = self.schemas[name].get("properties", {})
            without = [value for value in values if value not in names]
            lines = self._attributes(place, value if is_object(value) else {})
            left_out = (
                f"without an attribute: {printable(', '.join(without))}; read them in "
                f"experience_[{_quoted(place[1])}]."
            )
            where = " / ".join(part or "each" for part in place[1:])
            self.blocks.append(
                _block(
                    f"@attrs.frozen\nclass {name}:",
                    f"Value {_quoted(where)} of {_quoted(place[0])}.",
                    left_out if without else "",
                    lines,
                )
            )

    def _default(self, place: Place, schema: Schema, value: object) -> _Default:
        kind, one, _ = _only(schema)
        annotation = self.annotation(place, schema)
        if kind == "object" and self._class_of(place, one):
            return _Default(annotation, is_factory=True)
        if kind in {"array", "object"}:
            is_long = len(json.dumps(value)) > _LONGEST
            if is_long or not value:
                return _Default(annotation, is_factory=True, is_cut=is_long)
            return _Default(f"lambda: {self._literal(place, schema, value)}", is_factory=True)
        return _Default(_NEUTRAL[annotation] if value is None else _scalar(annotation, value))

    def _literal(self, place: Place, schema: Schema, value: Any) -> str:  # noqa: ANN401  (JSON)
        """Return a value inside a list or a dict as Python text."""
        kind, one, _ = _only(schema)
        if is_array(value):
            entries = (self._literal((*place, ITEM), one.get("items", {}), each) for each in value)
            return f"[{', '.join(entries)}]"
        if is_object(value):
            inner, name = one.get("properties", {}), self._class_of(place, one)
            texts = {
                each: self._literal((*place, each), inner.get(each, {}), entry)
                for each, entry in value.items()
            }
            if kind != "object" or name is None:
                return f"{{{', '.join(f'{each!r}: {text}' for each, text in texts.items())}}}"
            names = self._attribute_names(place)
            given = [f"{names[each]}={text}" for each, text in texts.items() if each in names]
            return f"{name}({', '.join(given)})"
        return _scalar(_TYPES.get(kind, ""), value)


def printable(text: str) -> str:
    """Write a text in one line that cannot end a comment: escape what does not print."""
    return "".join(
        one if one.isprintable() else one.encode("unicode_escape").decode("ascii") for one in text
    )


def type_of(schema: Schema) -> str:
    """Return the type of a value, for people."""
    return Writer(Workspace(None, ()), Names(), "none").annotation((), schema)


def _only(schema: Schema) -> tuple[str, Schema, bool]:
    """Return the only type of a schema, the schema of that type, and whether null is allowed too.

    The type is `null` if only null is allowed, `mixed` for several types, and `""` for any value.
    """
    found = dict(alternatives(schema))
    may_be_null = found.pop("null", None) is not None
    if len(found) == 1:
        ((kind, one),) = found.items()
        return kind, one, may_be_null
    return "mixed" if found else "null" if may_be_null else "", {}, may_be_null


def _scalar(annotation: str, value: Any) -> str:  # noqa: ANN401  (any JSON value)
    return repr(float(value) if annotation == "float" and value is not None else value)


def _attribute(
    attribute: str, annotation: str, default: _Default, name: str, *, is_inner: bool
) -> str:
    if is_inner:
        text = f"attrs.field(factory={default.text})" if default.is_factory else default.text
    elif default.is_factory or attribute != name:
        given = f"default{'_factory' if default.is_factory else ''}={default.text}"
        text = f"value({given}{'' if attribute == name else f', name={name!r}'})"
    else:
        text = default.text
    return f"{attribute}: {annotation} = {text}"


def _block(head: str, docstring: str, facts: str, lines: list[str]) -> str:
    escaped = docstring.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    body = [f'"""{escaped}"""', "", *([f"{FACTS}{facts}"] if facts else []), *lines]
    return "\n".join([head, *(f"    {line}" for line in body)])


def _quoted(text: str) -> str:
    return f'"{printable(text)}"'


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
