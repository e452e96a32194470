"""The content of an experience class: the default of each value, and how to read it. No I/O."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, Generic, TypeVar

import attrs

from moengage_personalize.errors import InvalidArgumentError
from moengage_personalize.models.experiences import Experience, Source, Untyped, copied
from moengage_personalize.models.values import MISFIT, is_array, is_object, to_python

from .readers import Reader, UnfinishedError, as_json, is_optional, reader_of_attribute

__all__ = ["NAME", "OWN", "Content", "mistake"]

T = TypeVar("T")

NAME: Final = "moengage_personalize.name"
"""The metadata key of a value's name, if the attribute has another name."""
OWN: Final = "_experience"
"""The attribute of an instance for the experience that its values came from."""


@attrs.frozen
class _Field:
    attribute: str
    read: Reader
    is_optional: bool
    default: Any


class Content(Mapping[str, Any], Generic[T]):
    """A mapping of value names to defaults, made from a class.

    Args:
        made: The class; its constructor takes values by attribute name.

    Raises:
        UnfinishedError: A type or a default cannot be evaluated, or not yet.
        InvalidArgumentError: A type is not supported, or a default is not of its type.
    """

    def __init__(self, made: type[T]) -> None:
        self._made = made
        self._fields: dict[str, _Field] = {}
        try:
            self._defaults = made()
        except Exception as error:
            raise UnfinishedError(
                f"cannot be made from its defaults: {error}", field=made.__name__
            ) from error
        for one in attrs.fields(made):  # type: ignore[arg-type]  # which class it is, is not known
            name = one.metadata.get(NAME, one.name)
            if name in self._fields:
                raise mistake(made, one.name, f"is the second attribute for the value {name!r}")
            kind, read = reader_of_attribute(made, one.name)
            default = getattr(self._defaults, one.name)
            self._fields[name] = _Field(one.name, read, is_optional(kind), default)
            if self.fit(name, as_json(default), []) is MISFIT:
                raise mistake(made, one.name, "has a default of another type")

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401  (any default)
        return self._fields[name].default

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)

    def fit(self, name: str, value: Any, lacks: list[str]) -> Any:  # noqa: ANN401  (JSON values)
        """Read a value in its type, or return `MISFIT`; list the paths that got defaults inside it.

        A missing or empty value of an optional type gets its default.
        """
        field = self._fields[name]
        if value is None or value is MISFIT:
            return copied(field.default) if field.is_optional else MISFIT
        try:
            return field.read(value, lacks)
        except Exception:  # noqa: BLE001  (an application's class may raise, but no page may)
            return MISFIT

    def entry(self, shown: Any, value: Any) -> Untyped:  # noqa: ANN401  (JSON values)
        """Make the payload entry of a value: the JSON of what is shown, and the value itself."""
        if shown is None or isinstance(shown, str | int | float):
            return Untyped(shown, came=value)
        came = to_python(value, "json")
        is_default = not (is_object(came) or is_array(came))
        return Untyped(as_json(shown) if is_default else came, came=value, fit=shown)

    def read(self, experience: Experience) -> T:
        """Make an instance from an experience that has a fitting value for each name."""
        made = self._made(**dict(self._arguments(experience)))
        vars(made)[OWN] = experience
        return made

    def _arguments(self, experience: Experience) -> Iterator[tuple[str, Any]]:
        if experience.source is not Source.DEFAULT:
            for name, one in self._fields.items():
                fit = getattr(experience.payload[name], "fit", None)
                yield one.attribute, experience[name] if fit is None else fit

    def as_json(self, instance: T | None = None) -> dict[str, Any]:
        """Return the values of an instance as JSON, by value name; without one, the defaults."""
        made = self._defaults if instance is None else instance
        return {name: as_json(getattr(made, one.attribute)) for name, one in self._fields.items()}


def mistake(made: type, attribute: str, problem: str) -> InvalidArgumentError:
    """Make the error for an attribute of a class."""
    return InvalidArgumentError(problem, field=f"{made.__name__}.{attribute}")
