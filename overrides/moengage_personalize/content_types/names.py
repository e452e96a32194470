"""Makes names of classes and attributes from keys and value names, which may be any text. No I/O.

It keeps the names that a module already has.
"""

from __future__ import annotations

import builtins
import keyword
import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from typing import Final

import attrs

from moengage_personalize.typed.experience import TypedExperience

from .module import Module
from .schemas import Schema

__all__ = ["ITEM", "Names", "Place", "attribute_names", "class_name", "is_attribute"]

Place = tuple[str, ...]
"""The path of a value: the key, its name, the names inside it; `ITEM` for entries of a list."""

ITEM: Final = ""
"""The entries of a list, in a path."""
_BUILTINS: Final = frozenset(dir(builtins))
# An attribute named `str` would hide the type `str` in the rest of its class.
_MEANT_OTHERWISE: Final = frozenset(
    {
        "Any",
        "TypedExperience",
        "attrs",
        "bool",
        "dict",
        "float",
        "int",
        "list",
        "self",
        "str",
        "value",
    }
)


@attrs.frozen
class Names:
    """The names that a module has already.

    Attributes:
        classes: The class of each experience, and of each object inside one.
        attributes: The attribute of each value.
        taken: The names that no new class or attribute may have, because they would hide something.
        bound: The names that each class defines, for example its methods.
    """

    classes: Mapping[Place, str] = attrs.field(factory=dict[Place, str])
    attributes: Mapping[Place, str] = attrs.field(factory=dict[Place, str])
    taken: frozenset[str] = frozenset()
    bound: Mapping[str, frozenset[str]] = attrs.field(factory=dict[str, frozenset[str]])

    @classmethod
    def of(cls, module: Module, described: Mapping[str, Schema]) -> Names:
        """Return the names of a module, for the schemas of its experiences."""
        classes: dict[Place, str] = {}
        attributes: dict[Place, str] = {}

        def walk(place: Place, name: str, schema: Schema) -> None:
            classes[place] = name
            for field in module.classes[name].fields.values():
                attributes[*place, field.name] = field.attribute
                value = schema.get("properties", {}).get(field.name, {})
                if inner := module.inner(field.node.annotation, value):
                    items = (ITEM,) * inner.lists
                    walk((*place, field.name, *items), inner.made.name, inner.schema)

        for one in module.experiences:
            if (one.key,) not in classes:
                walk((one.key,), one.name, described.get(one.key, {}))
        bound = {one.name: one.bound for one in module.classes.values()}
        return cls(classes, attributes, module.bound, bound)


def class_name(text: str, taken: Collection[str]) -> str:
    """Make a class name for a key or a path, in CapWords, that no other class has."""
    name = "".join(word[:1].upper() + word[1:] for word in _words(text))
    if not name.isidentifier():
        name = f"Experience{name}"
    if keyword.iskeyword(name) or name in _BUILTINS | _MEANT_OTHERWISE:
        name += "Experience"
    return _free(name, taken)


def is_attribute(name: str, taken: Collection[str] = ()) -> bool:
    """Return whether a value's name can be the attribute's name unchanged.

    A trailing underscore is for names that the library itself adds to a class. Python normalizes
    identifiers, and the API has another name then.
    """
    return (
        name.isidentifier()
        and not keyword.iskeyword(name)
        and not (name.startswith("_") or name.endswith("_"))
        and unicodedata.normalize("NFKC", name) == name
        and not hasattr(TypedExperience, name)
        and name not in _MEANT_OTHERWISE
        and name not in taken
    )


def attribute_names(values: Iterable[str], taken: Collection[str]) -> dict[str, str]:
    """Return an attribute name for each value name: the same one if possible."""
    values = list(values)
    names = {value: value for value in values if is_attribute(value, taken)}
    for value in values:
        if value in names:
            continue
        name = "_".join(_words(value)) or "value"
        if not name.isidentifier():
            name = f"value_{name}"
        if not is_attribute(name):
            name = f"{name}_value"
        names[value] = _free(name, {*taken, *names.values()}, "_")
    return names


def _words(text: str) -> list[str]:
    return [
        kept
        for word in re.split(r"[\W_]+", unicodedata.normalize("NFKC", text))
        if (kept := "".join(one for one in word if f"a{one}".isidentifier()))
    ]


def _free(name: str, taken: Collection[str], separator: str = "") -> str:
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name}{separator}{number}"
    return free
