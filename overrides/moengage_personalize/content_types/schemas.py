"""Makes the JSON Schema of an experience from all its samples. No I/O."""

# genson has no types; this is the only module that uses it.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUntypedBaseClass=false
from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, cast

from genson import SchemaBuilder
from genson.schema.strategies import Boolean, Number, SchemaStrategy, String

from .samples import Sample

__all__ = ["Schema", "alternatives", "merged", "schemas"]

Schema = Mapping[str, Any]
"""A JSON Schema."""

_SEEN: Final = "enum"


class _Enumerating(SchemaStrategy):  # type: ignore[misc]  # genson has no types
    """Collects the values of a type, to compare them with a `Literal`."""

    KEYWORDS = ("type", _SEEN)

    def __init__(self, node_class: type[Any]) -> None:
        super().__init__(node_class)
        self._seen: dict[Any, None] = {}

    def add_schema(self, schema: Schema) -> None:
        super().add_schema(schema)
        self._seen |= dict.fromkeys(schema.get(_SEEN, ()))

    def add_object(self, obj: Any) -> None:  # noqa: ANN401  (a JSON value)
        super().add_object(obj)
        self._seen[obj] = None

    def to_schema(self) -> dict[str, Any]:
        schema = cast("dict[str, Any]", super().to_schema())
        return schema | ({_SEEN: [*self._seen]} if self._seen else {})


class _Texts(_Enumerating, String): ...  # type: ignore[misc]  # genson has no types


class _Numbers(_Enumerating, Number): ...  # type: ignore[misc]  # genson has no types


class _Booleans(_Enumerating, Boolean): ...  # type: ignore[misc]  # genson has no types


class _EnumeratingBuilder(SchemaBuilder):  # type: ignore[misc]  # genson has no types
    EXTRA_STRATEGIES = (_Texts, _Numbers, _Booleans)


_DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"


def schemas(samples: Iterable[Sample], *, enumerated: bool = False) -> dict[str, Schema]:
    """Return the schema of each experience by key: an object whose properties are the value names.

    A value that some sample lacks is not `required`. A whole number in one sample and a fraction in
    another become a `number`. A value that is null in some also has the type `null`. Values of
    different kinds become several types, or `anyOf`. A blank key is left out, because no request
    can contain it. `enumerated` adds the values as `enum`; do not write these to a document.
    """
    of_builder = _EnumeratingBuilder if enumerated else SchemaBuilder
    builders: dict[str, SchemaBuilder] = {}
    for sample in samples:
        if not sample.key.strip():
            continue
        builder = builders.setdefault(sample.key, of_builder(_DRAFT))
        builder.add_object(dict(sample.values))
    return {key: cast("Schema", builder.to_schema()) for key, builder in sorted(builders.items())}


def merged(one: Schema, other: Schema) -> Schema:
    """Return a schema that accepts what either schema accepts."""
    builder = _EnumeratingBuilder(_DRAFT)
    builder.add_schema(one)
    builder.add_schema(other)
    return cast("Schema", builder.to_schema())


def alternatives(schema: Schema) -> Iterator[tuple[str, Schema]]:
    """Yield each type that a schema allows, with the schema of only that type."""
    for one in schema.get("anyOf", [schema]):
        types = one.get("type", [])
        for name in [types] if isinstance(types, str) else types:
            yield name, {**one, "type": name}
