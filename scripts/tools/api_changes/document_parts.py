"""What oasdiff is silent about: wording, hosts, how parameters travel, closed objects. No I/O here.

Every part of both documents is compared by its place. What a check of oasdiff covers is left to it;
what neither side knows is taken for breaking, because a change that nobody understands is no
reason for trust.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api_changes.change import EVERYBODY, NOBODY, OTHER_LANGUAGES, Audience, Change, Step
from generator.document import Pointer, is_list, is_mapping

_WORDING = frozenset(
    {"description", "summary", "example", "examples", "externalDocs", "contact"}
) | {"license", "termsOfService"}
_TRAVEL = frozenset({"style", "explode", "allowReserved", "encoding"})
# What oasdiff has checks for: keywords, and the collections whose members it compares.
_COVERED = frozenset(
    {
        *("type", "format", "nullable", "enum", "default", "required", "pattern", "deprecated"),
        *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
        *("minLength", "maxLength", "minItems", "maxItems", "uniqueItems"),
        *("minProperties", "maxProperties", "readOnly", "writeOnly", "discriminator"),
        *("allOf", "anyOf", "oneOf", "not", "items", "properties", "$ref", "schema"),
        *("operationId", "security", "scheme", "name", "in", "bearerFormat", "flows"),
        *("paths", "parameters", "requestBody", "responses", "content", "headers"),
        *("securitySchemes", "schemas", "openIdConnectUrl", "tags"),
    }
)
# Below these stand names that people chose, which may be those of keywords.
_NAMED = frozenset(
    {"properties", "schemas", "parameters", "responses", "headers", "securitySchemes", "paths"}
)
# Lists whose order means nothing.
_SETS = frozenset({"enum", "required"})
# Parts that no generated code is named after; where one is used, its content counts.
_UNNAMED = frozenset(
    {"responses", "parameters", "headers", "examples", "requestBodies", "links", "callbacks"}
)
_VERSION: Pointer = ("info", "version")
_MISSING = object()


@dataclass(frozen=True, slots=True)
class Difference:
    """A place at which two documents differ.

    Attributes:
        pointer: The place.
        old: What the base has there; None where it has nothing.
        new: What the revision has there; None where it has nothing.
    """

    pointer: Pointer
    old: Any
    new: Any

    @property
    def where(self) -> str:
        """The place, as people read it."""
        return "/".join(map(str, self.pointer))


def changes(
    base: Mapping[str, Any], revision: Mapping[str, Any], told: Sequence[Change]
) -> list[Change]:
    """The changes that oasdiff does not tell of.

    Args:
        base: The released document.
        revision: The next one.
        told: What oasdiff tells of.
    """
    found: list[Change] = []
    for difference in differences(base, revision):
        change = _judged(difference)
        if change is None and not told and difference.pointer != _VERSION:
            change = _unknown(difference)
        if change is not None and change not in found:
            found.append(change)
    return found


def differences(old: object, new: object, pointer: Pointer = ()) -> Iterator[Difference]:
    """Every place at which two parts differ; the order of keys is no difference."""
    if is_mapping(old) and is_mapping(new):
        for key in [*old, *(key for key in new if key not in old)]:
            yield from differences(
                old.get(key, _MISSING), new.get(key, _MISSING), (*pointer, str(key))
            )
    elif is_list(old) and is_list(new) and _are_objects(old, new):
        yield from differences(_keyed(old), _keyed(new), pointer)
    elif is_list(old) and is_list(new) and pointer[-1:] and pointer[-1] in _SETS:
        if set(map(str, old)) != set(map(str, new)):
            yield Difference(pointer, old, new)
    elif old != new or type(old) is not type(new):
        yield Difference(
            pointer, None if old is _MISSING else old, None if new is _MISSING else new
        )


def _are_objects(*lists: list[Any]) -> bool:
    return all(is_mapping(item) for items in lists for item in items)


def _keyed(items: list[Any]) -> dict[str, Any]:
    """A list of objects by their names, or by position where names do not tell them apart."""
    by_name = {str(item.get("name", position)): item for position, item in enumerate(items)}
    if len(by_name) == len(items):
        return by_name
    return {str(position): item for position, item in enumerate(items)}


def _judged(found: Difference) -> Change | None:
    """What a difference means; None where it is left to oasdiff."""
    if found.pointer == _VERSION:
        return None
    for rule in _RULES:
        change = rule(found)
        if change is not None:
            return change
    return None if _is_covered(found) else _unknown(found)


def _is_covered(found: Difference) -> bool:
    if {str(step) for step in found.pointer[-2:]} & _COVERED:
        return True
    return found.pointer[0] == "paths" and len(found.pointer) <= len(("paths", "path", "method"))


def _is_wording(pointer: Pointer) -> bool:
    """Whether the place holds words or samples."""
    return (
        any(
            step in _WORDING and (position == 0 or pointer[position - 1] not in _NAMED)
            for position, step in enumerate(pointer)
        )
        or pointer[:1] == ("tags",)
        or pointer == ("info", "title")
    )


def _dialect(found: Difference) -> Change | None:
    if found.pointer != ("openapi",):
        return None
    return _change(found, "openapi", Step.MAJOR, EVERYBODY, why="generators must cope with it")


def _server(found: Difference) -> Change | None:
    if found.pointer[0] != "servers":
        return None
    if found.pointer[-1] == "description":
        return _change(found, "wording", Step.PATCH, NOBODY)
    if found.pointer[-1] != "enum" or not (is_list(found.old) and is_list(found.new)):
        return _change(found, "server", Step.MAJOR, EVERYBODY, why="calls go somewhere else")
    gone = [f"`{value}`" for value in found.old if value not in found.new]
    if gone:
        what = f"removed {', '.join(gone)} from the data centers"
        return _change(found, "server-value-removed", Step.MAJOR, EVERYBODY, what=what)
    come = [f"`{value}`" for value in found.new if value not in found.old]
    what = f"added {', '.join(come)} to the data centers"
    why = "Python names data centers by hand, in data_centers.py; base_url= reaches it today"
    return _change(found, "server-value-added", Step.MINOR, OTHER_LANGUAGES, why=why, what=what)


def _component(found: Difference) -> Change | None:
    match found.pointer:
        case ("components", "schemas", name) if found.old is None:
            what = f"added the schema `{name}`"
            return _change(found, "schema-added", Step.MINOR, EVERYBODY, what=what)
        case ("components", kind, _) if kind in _UNNAMED:
            return _change(found, "component", Step.PATCH, NOBODY)
        case _:
            return None


def _wording(found: Difference) -> Change | None:
    if not _is_wording(found.pointer):
        return None
    return _change(found, "wording", Step.PATCH, NOBODY, what="other words or samples")


def _group(found: Difference) -> Change | None:
    if found.pointer[0] != "paths" or found.pointer[-1] != "tags":
        return None
    first = [tags[:1] if is_list(tags) else [] for tags in (found.old, found.new)]
    if first[0] == first[1]:
        return None
    why = "the generated module is named after the first tag"
    return _change(found, "first-tag", Step.MAJOR, EVERYBODY, why=why)


def _name_of_model(found: Difference) -> Change | None:
    if found.pointer[-1] != "title":
        return None
    why = "generators may name the model after it"
    return _change(found, "model-title", Step.MAJOR, EVERYBODY, why=why)


def _deprecation(found: Difference) -> Change | None:
    # oasdiff tells of operations; of fields it does not.
    if found.pointer[-1] != "deprecated" or "properties" not in found.pointer:
        return None
    return _change(found, "field-deprecated", Step.MINOR, EVERYBODY, why="it still works")


def _travel(found: Difference) -> Change | None:
    if found.pointer[-1] not in _TRAVEL:
        return None
    why = "the value travels in another form"
    return _change(found, "travel", Step.MAJOR, EVERYBODY, why=why)


def _openness(found: Difference) -> Change | None:
    if "additionalProperties" not in found.pointer:
        return None
    if _is_open(found.new) and _is_open(found.old):
        return _change(found, "open-as-before", Step.PATCH, NOBODY)
    if _is_open(found.new) and (found.old is None or found.old is False):
        return _change(found, "opened", Step.MINOR, EVERYBODY)
    why = "fields that were kept, or their type, are not any more"
    return _change(found, "closed", Step.MAJOR, EVERYBODY, why=why)


def _is_open(additional_properties: object) -> bool:
    """Whether it allows any further field: `true` and `{}` mean the same."""
    return additional_properties is True or additional_properties == {}


# The first that knows a difference judges it.
_RULES: tuple[Callable[[Difference], Change | None], ...] = (
    _dialect,
    _server,
    _component,
    _wording,
    _group,
    _name_of_model,
    _deprecation,
    _travel,
    _openness,
)


def _unknown(found: Difference) -> Change:
    return _change(found, "unknown", Step.MAJOR, EVERYBODY, why="no rule knows what this means")


def _change(  # noqa: PLR0913 - the fields of a change
    found: Difference,
    rule: str,
    step: Step,
    affects: frozenset[Audience],
    *,
    why: str = "",
    what: str = "",
) -> Change:
    names = tuple(str(part) for part in reversed(found.pointer) if isinstance(part, str))
    return Change(what or _in_words(found), found.where, step, affects, rule, why, names)


def _in_words(found: Difference) -> str:
    keyword = found.pointer[-1]
    if found.old is None:
        return f"added `{keyword}`"
    if found.new is None:
        return f"removed `{keyword}`"
    if isinstance(found.old, str | int | float) and isinstance(found.new, str | int | float):
        return f"changed `{keyword}` from `{found.old}` to `{found.new}`"
    return f"changed `{keyword}`"
