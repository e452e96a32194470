"""What an experience holds, as JSON Schema, merged from all its samples. No I/O."""

# genson says no types; this is the only module that uses it.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false
from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, cast

from genson import SchemaBuilder

from .samples import Sample

__all__ = ["Schema", "alternatives", "merged", "schemas"]

Schema = Mapping[str, Any]
"""A JSON Schema."""

_DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"


def schemas(samples: Iterable[Sample]) -> dict[str, Schema]:
    """The schema of each experience by key: an object whose properties are the value names.

    A value that some sample lacks is not `required`; one that is a whole number in one sample and
    a fraction in another is a `number`; one that is null in some is of type `null` too; values of
    different kinds become several types, or `anyOf`. No request can ask for a blank key, so it is
    left out.
    """
    builders: dict[str, SchemaBuilder] = {}
    for sample in samples:
        if not sample.key.strip():
            continue
        builder = builders.setdefault(sample.key, SchemaBuilder(_DRAFT))
        builder.add_object(dict(sample.values))
    return {key: cast("Schema", builder.to_schema()) for key, builder in sorted(builders.items())}


def merged(one: Schema, other: Schema) -> Schema:
    """The schema of what either describes."""
    builder = SchemaBuilder(_DRAFT)
    builder.add_schema(one)
    builder.add_schema(other)
    return cast("Schema", builder.to_schema())


def alternatives(schema: Schema) -> Iterator[tuple[str, Schema]]:
    """Each type that a schema allows, with the schema of that type alone."""
    for one in schema.get("anyOf", [schema]):
        types = one.get("type", [])
        for name in [types] if isinstance(types, str) else types:
            yield name, {**one, "type": name}
