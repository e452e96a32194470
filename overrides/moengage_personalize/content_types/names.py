"""Names of classes and attributes for keys and value names, which may be any text. No I/O."""

from __future__ import annotations

import builtins
import keyword
import re
import unicodedata
from collections.abc import Collection, Iterable
from typing import Final

from moengage_personalize.typed.experience import TypedExperience

__all__ = ["attribute_names", "class_name", "is_attribute"]

_BUILTINS: Final = frozenset(dir(builtins))
# An attribute called `str` would be what `str` means in the rest of its class.
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


def class_name(text: str, taken: Collection[str]) -> str:
    """A class name for a key or a path, in CapWords, that no other class has."""
    name = "".join(word[:1].upper() + word[1:] for word in _words(text))
    if not name.isidentifier():
        name = f"Experience{name}"
    if keyword.iskeyword(name) or name in _BUILTINS | _MEANT_OTHERWISE:
        name += "Experience"
    return _free(name, taken)


def is_attribute(name: str, taken: Collection[str] = ()) -> bool:
    """Whether a value's name may be an attribute's as it is.

    A trailing underscore marks what the library itself adds to a class. Python takes an identifier
    in its normal form, which is another name for the API.
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
    """An attribute name for each value name: the same wherever that is possible."""
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
