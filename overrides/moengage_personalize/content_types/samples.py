"""What is known of a workspace: its listing, and samples of its experiences."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final, Self

import attrs

from moengage_personalize.models.experiences import Experience, ExperienceMetadata
from moengage_personalize.models.values import decode_json, is_array, is_object, to_python

__all__ = ["AnswerError", "Sample", "Workspace", "read_answers"]

_DEEPEST: Final = 20
"""The number of levels of a value that get types; deeper ones are left empty."""
_WIDEST: Final = 1_023
"""The most bits of a number; a larger one is not a float, and Python may refuse to write it."""


class AnswerError(ValueError):
    """A recorded answer that cannot be read."""


@attrs.frozen
class Sample:
    """One variation of an experience, as a visitor got it. It does not identify the visitor.

    Attributes:
        key: The experience key.
        values: Its values by name, in Python types.
        variation: The variation's ID; empty if the context has none.
    """

    key: str
    values: Mapping[str, Any]
    variation: str

    @classmethod
    def from_experience(cls, experience: Experience) -> Self:
        """Take a sample of a fetched experience."""
        variation = experience.context.get("moe_variation_id")
        values = {name: experience[name] for name in experience}
        return cls._cleaned(experience.key, values, variation)

    @classmethod
    def from_content(cls, key: str, content: object) -> Self:
        """Take a sample from the JSON of an answer; other JSON gives a sample without values."""
        fields = _object(content)
        values = {
            name: to_python(entry["value"], str(entry.get("data_type")))
            for name, content in _object(fields.get("payload")).items()
            if "value" in (entry := _object(content))
        }
        context = _object(fields.get("experience_context"))
        return cls._cleaned(key, values, context.get("moe_variation_id"))

    @classmethod
    def _cleaned(cls, key: str, values: Mapping[str, Any], variation: object) -> Self:
        cleaned = {_encodable(name): _clean(value) for name, value in values.items()}
        return cls(_encodable(key), cleaned, variation if isinstance(variation, str) else "")


@attrs.frozen
class Workspace:
    """What is known of a workspace.

    Attributes:
        listing: Its experiences by key; None if there is no listing.
        samples: The samples of its experiences, in the order in which they were taken.
        keys: The keys of the experiences to consider; empty for all.
    """

    listing: Mapping[str, ExperienceMetadata] | None
    samples: tuple[Sample, ...]
    keys: frozenset[str] = frozenset()

    @property
    def unmatched(self) -> tuple[ExperienceMetadata, ...]:
        """The listed experiences without a sample, by key."""
        seen = {sample.key for sample in self.samples}
        return tuple(
            entry
            for key, entry in sorted((self.listing or {}).items())
            if key not in seen and self.is_about(key)
        )

    def is_about(self, key: str) -> bool:
        """Return whether to consider an experience."""
        return not self.keys or key in self.keys

    def only(self, keys: Iterable[str]) -> Workspace:
        """Return what is known of some experiences; without keys, of all."""
        chosen = frozenset(keys)
        samples = tuple(one for one in self.samples if not chosen or one.key in chosen)
        return Workspace(self.listing, samples, chosen)


def read_answers(folder: Path) -> Workspace:
    """Read recorded JSON bodies from `*.json`, sorted by name: answers to fetches, and listings.

    Raises:
        AnswerError: The folder or a file in it cannot be read, or is not an answer.
    """
    listing: dict[str, ExperienceMetadata] = {}
    samples: list[Sample] = []
    files = sorted(folder.glob("*.json"))
    if not files:
        raise AnswerError(f"{folder}: has no *.json file")
    for file in files:
        body = _body(file)
        experiences, metadata = body.get("experiences"), body.get("metadata")
        if is_object(experiences):
            samples += [Sample.from_content(*entry) for entry in experiences.items()]
        elif is_object(metadata) and is_array(entries := metadata.get("experiences")):
            listing |= {entry.experience_key: entry for entry in map(_listed, entries) if entry}
        else:
            raise AnswerError(
                f"{file}: must be the answer to POST /experiences/fetch or GET "
                "/experiences/metadata"
            )
    return Workspace(listing or None, tuple(samples))


def _body(file: Path) -> Mapping[str, Any]:
    try:
        body, _ = decode_json(file.read_text(encoding="utf-8").strip())
    except OSError as error:
        raise AnswerError(f"{file}: {error.strerror}") from None
    except RecursionError:
        raise AnswerError(f"{file}: is nested too deeply") from None
    except ValueError:
        raise AnswerError(f"{file}: is not JSON") from None
    return _object(body)


def _object(value: object) -> Mapping[str, Any]:
    return value if is_object(value) else {}


def _listed(entry: object) -> ExperienceMetadata | None:
    names = ("experience_key", "experience_name", "status")
    texts = [entry.get(name) for name in names] if is_object(entry) else []
    return ExperienceMetadata(*map(str, texts)) if texts and isinstance(texts[0], str) else None


def _clean(value: Any, depth: int = 0) -> Any:  # noqa: ANN401  (any JSON value)
    """Convert a value to JSON that a Python module can hold."""
    if is_object(value):
        if depth == _DEEPEST:
            return {}
        return {_encodable(name): _clean(entry, depth + 1) for name, entry in value.items()}
    if is_array(value):
        return [] if depth == _DEEPEST else [_clean(entry, depth + 1) for entry in value]
    if isinstance(value, str):
        return _encodable(value)
    is_too_wide = isinstance(value, int) and value.bit_length() > _WIDEST
    return None if is_too_wide or (isinstance(value, float) and not math.isfinite(value)) else value


def _encodable(text: object) -> str:
    return str(text).encode(errors="replace").decode()
