"""The public Python face, read from the sources by griffe without importing them.

It is kept as plain data, one record for each public name, so that the face of a release can lie in
the repository as JSON that people can read in a diff.
"""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import griffe

from api_changes.failures import BaseError

Record: TypeAlias = dict[str, Any]
Face: TypeAlias = dict[str, Record]

# What people import from the hand-written package: what these modules list in `__all__`.
HAND_WRITTEN = "moengage_personalize"
MODULES = (
    HAND_WRITTEN,
    f"{HAND_WRITTEN}.emulator",
    f"{HAND_WRITTEN}.pytest_plugin",
)
GENERATED = "moengage_personalize_api"


def read_face(root: Path) -> Face:
    """The public face of the packages in a checkout.

    Args:
        root: The checkout's top, which holds `generated/` and `overrides/`.

    Raises:
        BaseError: The packages are not there.
    """
    loader = griffe.GriffeLoader(
        search_paths=[root / "generated", root / "overrides"], allow_inspection=False
    )
    try:
        hand_written, generated = loader.load(HAND_WRITTEN), loader.load(GENERATED)
    except ImportError as error:
        raise BaseError(f"{root} does not hold the packages: {error}") from error
    loader.resolve_aliases(implicit=False, external=False)
    face: Face = {}
    for path in MODULES:
        inner = path.removeprefix(HAND_WRITTEN).strip(".")
        module: Any = hand_written[inner] if inner else hand_written
        face[path] = {"kind": "module"}
        for name in module.exports or _own_names(module):
            _add(face, f"{path}.{name}", module[str(name)])
    _add(face, GENERATED, generated)
    return dict(sorted(face.items()))


def to_json(face: Face) -> str:
    """The face as text, a line for each public name."""
    rows = [f"{json.dumps(path)}: {json.dumps(record)}" for path, record in sorted(face.items())]
    return "{\n" + ",\n".join(rows) + "\n}\n"


def to_griffe(face: Face) -> griffe.Module:
    """The face as griffe's own objects, for griffe to compare."""
    top = griffe.Module("face")
    objects: dict[str, griffe.Object] = {}
    for path, record in sorted(face.items()):
        parent, _, name = path.rpartition(".")
        made = _MAKERS[record["kind"]](name, record)
        objects[path] = made
        # griffe's classes and modules take members by methods that it leaves untyped.
        holder: Any = objects.get(parent, top)
        holder.set_member(name, made)
    return top


def _own_names(module: Any) -> list[str]:  # noqa: ANN401 - griffe's alias or object
    return [
        name
        for name, member in module.members.items()
        if not name.startswith("_") and not member.is_alias and member.is_function
    ]


def _add(face: Face, path: str, stated: Any) -> None:  # noqa: ANN401 - griffe's alias or object
    try:
        found: Any = stated.final_target if stated.is_alias else stated
    except griffe.AliasResolutionError:
        return  # of another project
    if found.is_function:
        face[path] = {
            "kind": "function",
            "parameters": [_parameter(parameter) for parameter in found.parameters],
            "returns": _text(found.returns),
        }
    elif found.is_attribute:
        face[path] = {"kind": "attribute", "annotation": _text(found.annotation)}
        if "property" not in found.labels and _is_required(_text(found.value)):
            face[path]["required"] = True
    else:
        face[path] = {"kind": "class" if found.is_class else "module"}
        if found.is_class:
            face[path]["bases"] = [_text(base) for base in found.bases]
            face[path]["is_record"] = any(
                _text(decorator.value).startswith("attrs.") for decorator in found.decorators
            )
        for name, member in _public(found):
            _add(face, f"{path}.{name}", member)


def _is_required(value: str) -> bool:
    """Whether a field of an attrs class, with that value in the class, has no default."""
    has_default = re.search(r"\b(default|factory)=", value) is not None
    return not value or (value.startswith("attrs.field(") and not has_default)


def _public(found: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - as `_add`
    members = found.all_members if found.is_class else found.members
    for name, member in members.items():
        is_imported = not found.is_class and member.is_alias and name not in (found.exports or ())
        if not is_imported and (name == "__init__" or not name.startswith("_")):
            yield name, member


def _parameter(parameter: griffe.Parameter) -> Record:
    kind = parameter.kind or griffe.ParameterKind.positional_or_keyword
    record: Record = {"name": parameter.name, "kind": kind.value}
    if parameter.annotation is not None:
        record["annotation"] = _text(parameter.annotation)
    if parameter.default is not None:
        record["default"] = _text(parameter.default)
    return record


def _text(expression: Any) -> str:  # noqa: ANN401 - griffe's expression or text
    return "" if expression is None else str(expression)


def _function(name: str, record: Record) -> griffe.Function:
    parameters = [
        griffe.Parameter(
            stated["name"],
            annotation=stated.get("annotation"),
            kind=griffe.ParameterKind(stated["kind"]),
            default=stated.get("default"),
        )
        for stated in record["parameters"]
    ]
    return griffe.Function(
        name, parameters=griffe.Parameters(*parameters), returns=record["returns"] or None
    )


def _class(name: str, record: Record) -> griffe.Class:
    return griffe.Class(name, bases=record["bases"])


def _attribute(name: str, record: Record) -> griffe.Attribute:
    return griffe.Attribute(name, annotation=record["annotation"])


def _module(name: str, _: Record) -> griffe.Module:
    return griffe.Module(name)


_MAKERS: dict[str, Callable[[str, Record], griffe.Object]] = {
    "attribute": _attribute,
    "class": _class,
    "function": _function,
    "module": _module,
}
