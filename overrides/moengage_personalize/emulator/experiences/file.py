"""Reads experiences from a file or a mapping.

The error for a broken file names the file, the line, and what would be right.
"""

import hashlib
import json
import os
import runpy
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Final, Protocol, TypeAlias

from jsonschema_rs import Draft202012Validator

from moengage_personalize.emulator.contract.error_messages import path_of, sentence
from moengage_personalize.emulator.experiences.catalogue import (
    Audience,
    Catalogue,
    Experience,
    Variation,
)
from moengage_personalize.emulator.yaml_lines import YamlLines, YamlProblemError


class ExperienceContent(Protocol):
    """The default content of an experience class."""

    def as_json(self) -> Mapping[str, Any]:
        """Return the values by name."""
        ...


class ExperienceClass(Protocol):
    """A class derived from the package's `TypedExperience`."""

    @property
    def key_(self) -> str:
        """The experience key."""
        ...

    def content_(self) -> ExperienceContent:
        """Return the default content."""
        ...


Source: TypeAlias = (
    str | os.PathLike[str] | Mapping[str, Mapping[str, Any]] | Iterable[ExperienceClass]
)
"""A YAML file of experiences, or the values of each experience by its key, or classes whose
defaults are the values, or a Python file with such classes."""

_PACKAGE: Final = "moengage_personalize.emulator.experiences"


class ExperienceFileError(ValueError):
    """A file of experiences that cannot be used.

    Attributes:
        file: The file's name as given.
        line: The line of the problem, from 1; None if the file cannot be read at all.
        problem: What is wrong and what would be right.
    """

    def __init__(self, file: str, line: int | None, problem: str) -> None:
        super().__init__(f"{file}: {problem}" if line is None else f"{file}:{line}: {problem}")
        self.file = file
        self.line = line
        self.problem = problem


def read(source: Source | None) -> Catalogue:
    """Read experiences.

    Args:
        source: The source; None for the experiences that ship with the emulator.

    Raises:
        ExperienceFileError: The file is missing, is not YAML, or does not describe experiences.
        ValueError: The mapping does not describe experiences.
    """
    if source is None:
        shipped = resources.files(_PACKAGE).joinpath("experiences.yaml")
        return _catalogue(shipped.name, shipped)
    if isinstance(source, Mapping):
        return Catalogue([_from_values(key, values) for key, values in source.items()])
    if not isinstance(source, str | os.PathLike):
        return _of_classes(source)
    path = Path(source)
    return _of_module(path) if path.suffix == ".py" else _catalogue(os.fspath(source), path)


def _of_classes(classes: Iterable[ExperienceClass]) -> Catalogue:
    """Make an experience of each class, for every visitor; the last class with a key counts."""
    return read({one.key_: one.content_().as_json() for one in classes})


def _of_module(path: Path) -> Catalogue:
    """Run a Python file, and make the experiences of its classes."""
    try:
        names = runpy.run_path(os.fspath(path), run_name=path.stem)
    except Exception as error:
        raise ExperienceFileError(str(path), None, f"cannot be run: {error}") from error
    made = [one for one in names.values() if getattr(one, "__module__", "") == path.stem]
    classes = [one for one in made if getattr(one, "key_", "")]
    if not classes:
        raise ExperienceFileError(str(path), None, "must have classes derived from TypedExperience")
    return _of_classes(classes)


def _from_values(key: object, values: object) -> Experience:
    """Make an experience for every visitor; the data types follow from the values."""
    if not isinstance(key, str) or not key:
        raise ValueError(f"experiences must have experience keys as its keys, not {key!r}")
    if not isinstance(values, Mapping):
        raise ValueError(  # noqa: TRY004  (as what a file says wrong)
            f"experiences[{key!r}] must be a mapping of names to values"
        )
    payload: dict[str, Any] = {}
    for name, value in values.items():
        try:
            if not isinstance(name, str):
                raise TypeError("a name must be text")  # noqa: TRY301  (told as the others are)
            json.dumps({name: value}, ensure_ascii=False, allow_nan=False).encode()
        except (TypeError, ValueError) as error:
            raise ValueError(f"experiences[{key!r}][{name!r}] must be JSON: {error}") from error
        has_parts = isinstance(value, Mapping | Sequence) and not isinstance(value, str)
        payload[name] = {"value": value, "data_type": "json"} if has_parts else value
    return _experience({"key": key, "payload": payload})


def _catalogue(name: str, source: Path | Traversable) -> Catalogue:
    try:
        content = YamlLines(source.read_bytes())
    except OSError as error:
        raise ExperienceFileError(name, None, f"cannot be read: {error.strerror}") from error
    except YamlProblemError as error:
        raise ExperienceFileError(name, error.line, error.problem) from error
    problems = list(_schema_problems(content.value)) or list(_other_problems(content.value))
    if problems:
        path, problem = min(problems, key=lambda found: content.line(found[0]))
        raise ExperienceFileError(name, content.line(path), problem)
    return Catalogue([_experience(described) for described in content.value["experiences"]])


@cache
def _schema() -> tuple[Mapping[str, Any], Draft202012Validator]:
    text = resources.files(_PACKAGE).joinpath("experiences.schema.json").read_text("utf-8")
    schema = json.loads(text)
    return schema, Draft202012Validator(schema)


def _schema_problems(content: object) -> Iterator[tuple[tuple[str | int, ...], str]]:
    schema, validator = _schema()
    for error in validator.iter_errors(content):
        yield path_of(error), sentence(error, schema, whole="the file", show_undeclared=True)


def _other_problems(content: Mapping[str, Any]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    described: Sequence[Mapping[str, Any]] = content["experiences"]
    for at in _repeated([one["key"] for one in described]):
        yield (
            ("experiences", at, "key"),
            f"experiences[{at}].key must differ from the other keys",
        )
    for at, one in enumerate(described):
        if ("payload" in one) == ("variations" in one):
            yield (
                ("experiences", at),
                f"experiences[{at}] must have either a payload or variations",
            )
        for which in _repeated([variation["id"] for variation in one.get("variations", ())]):
            yield (
                ("experiences", at, "variations", which, "id"),
                f"experiences[{at}].variations[{which}].id must differ from the other ids",
            )


def _repeated(values: Sequence[str]) -> list[int]:
    seen: Counter[str] = Counter()
    repeated = []
    for at, value in enumerate(values):
        seen[value] += 1
        if seen[value] > 1:
            repeated.append(at)
    return repeated


def _experience(described: Mapping[str, Any]) -> Experience:
    audience = _audience(described["audience"]) if "audience" in described else Audience()
    variations = described.get("variations", [{"id": "1", "payload": described.get("payload")}])
    return Experience(
        key=described["key"],
        name=described.get("name", described["key"]),
        status=described.get("status", "Active"),
        audience=audience,
        variations=[_variation(described, audience, variation) for variation in variations],
    )


def _audience(described: Mapping[str, Any]) -> Audience:
    return Audience(
        name=described["name"],
        audience_id=described.get("id", _hexadecimal(described["name"], 3).upper()),
        customers=frozenset(described.get("customers", ())),
        identifiers=_sets(described.get("identifiers", {})),
        attributes=_sets(described.get("attributes", {})),
        days=frozenset(described.get("days", ())),
        hours=frozenset(described.get("hours", ())),
        device_types=frozenset(described.get("device_types", ())),
    )


def _sets(lists: Mapping[str, Sequence[str]]) -> Mapping[str, frozenset[str]]:
    return {name: frozenset(values) for name, values in lists.items()}


def _variation(
    described: Mapping[str, Any], audience: Audience, variation: Mapping[str, Any]
) -> Variation:
    variation_id = variation["id"]
    campaign = _hexadecimal(described["key"], 24)
    context = {
        "cid": f"{campaign}_F_T_WP_AB_{variation_id}_P_0_AU_{audience.audience_id}",
        "experience": described.get("name", described["key"]),
        "moe_locale_id": "0",
        "moe_variation_id": variation_id,
        "audience_name": audience.name,
        "audience_id": audience.audience_id,
        "type": "Web Personalization",
        "experience_type": "API based Experience",
        **described.get("context", {}),
        **variation.get("context", {}),
    }
    payload = {name: _payload_value(value) for name, value in variation["payload"].items()}
    return Variation(
        variation_id=variation_id,
        weight=variation.get("weight", 1),
        content={"payload": payload, "experience_context": context},
    )


def _payload_value(described: object) -> Mapping[str, Any]:
    match described:
        case {"value": value, "data_type": data_type}:
            return {"value": value, "data_type": data_type}
        case bool():
            data_type = "boolean"
        case int():
            data_type = "number"
        case float():
            data_type = "float"
        case _:
            data_type = "string"
    return {"value": described, "data_type": data_type}


def _hexadecimal(text: str, length: int) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:length]
