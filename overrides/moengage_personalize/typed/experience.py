"""Experiences as classes: the key, the values with their types, and the default content.

::

    class HomepageBanner(TypedExperience, key="homepage-banner"):
        Title: str = "Welcome"
        Discount: int = 0
        Layout: dict[str, Any] = value(default_factory=dict[str, Any], name="Hero layout")

    banner = client.experience(HomepageBanner, visitor)
    banner.Title
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, ClassVar, Final, Self, TypeVar, cast, dataclass_transform, overload

import attrs

from moengage_personalize import validation
from moengage_personalize.errors import InvalidArgumentError
from moengage_personalize.models.experiences import Experience, copied

from .content import NAME, OWN, Content, mistake
from .readers import UnfinishedError, annotations_of

__all__ = ["TypedExperience", "value"]

T = TypeVar("T")
_MADE: Final = (
    "made by the application; with_experience_(...) takes over another instance's experience"
)


@overload
def value(*, default: T, name: str | None = None) -> T: ...
@overload
def value(*, default_factory: Callable[[], T], name: str | None = None) -> T: ...
def value(
    *,
    default: Any = attrs.NOTHING,
    default_factory: Callable[[], Any] | None = None,
    name: str | None = None,
) -> Any:
    """Describe a value of a `TypedExperience` that needs another name or a mutable default.

    Args:
        default: The value to show if the API sends none that fits the type.
        default_factory: A function that makes the default, instead of `default`.
        name: The value's name in the dashboard, if it is not a Python identifier. Default: the
            attribute's name.

    Raises:
        InvalidArgumentError: There is not exactly one of `default` and `default_factory`, or the
            name is empty.
    """
    if (default is attrs.NOTHING) == (default_factory is None):
        raise InvalidArgumentError(
            "give exactly one, as in value(default=0)", field="default, default_factory"
        )
    return attrs.field(
        default=attrs.Factory(default_factory) if default_factory else default,
        metadata={} if name is None else {NAME: validation.text("name", name)},
    )


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(value,))
class TypedExperience:
    """Base class of experiences: the key, the values with their types, and the default content.

    Each attribute with a type is one value of the experience, and needs a default. Types are `str`,
    `int`, `float`, `bool`, `dict`, `list`, `Literal`, `X | None`, and for `json` values attrs
    classes, dataclasses and `TypedDict`. Instances are frozen, and equal if their values are equal.

    `client.experience(HomepageBanner, visitor)` returns an instance. If a value is missing, null
    or of another type in the API's response, the instance has the default, and one WARNING is
    logged. A missing or null value of type `X | None` gives no WARNING. Text becomes a number, a
    boolean or JSON, and a whole number a float, if nothing is lost.

    Args:
        key: The experience key.

    Raises:
        InvalidArgumentError: The key is not text, or an attribute has no type or one that is
            not supported, no default or one of another type, or a name that is not allowed. If a
            type or a default cannot be evaluated, for example in a circular import, each use of
            the class tries again, and raises if it still cannot.
    """

    key_: ClassVar[str] = ""
    """The experience key."""
    _content: ClassVar[Content[Any]]

    def __init_subclass__(cls, *, key: str) -> None:
        super().__init_subclass__()
        cls.key_ = validation.text("key", key)
        types = annotations_of(cls)
        for name, given in vars(cls).items():
            if name in types and types[name] is given:
                raise mistake(
                    cls,
                    name,
                    "has the name of its type: add this at the top of the module: "
                    "from __future__ import annotations",
                )
            if name not in types and _is_value(cls, name, given):
                raise mistake(
                    cls,
                    name,
                    f"has no type: write {name}: str = ..., with its type, or "
                    f"{name}: ClassVar[str] = ... if it is no value of the experience",
                )
        # Without slots, because they would need a second class.
        attrs.define(
            cls,
            slots=False,
            frozen=True,
            kw_only=True,
            auto_attribs=True,
            field_transformer=_checked,
        )
        with suppress(UnfinishedError):  # each use tries again
            cls.content_()

    @property
    def experience_(self) -> Experience:
        """The experience of the values, with `source`, `reason`, `error` and `context`.

        For an instance that the application made itself, even with `attrs.evolve`, it is default
        content, which is not reported. To report it, give it the experience of a fetched one:
        `HomepageBanner(Title="Hi").with_experience_(banner.experience_)`.
        """
        if OWN not in vars(self):
            values = self.content_().as_json(self)
            made = Experience.from_default(self.key_, values, reason=_MADE)
            vars(self)[OWN] = made
        return cast("Experience", vars(self)[OWN])

    def with_experience_(self, experience: Experience) -> Self:
        """Return the same values with another `experience_`."""
        made: Self = attrs.evolve(cast("Any", self))
        vars(made)[OWN] = experience
        return made

    @classmethod
    def content_(cls) -> Content[Self]:
        """Return the default content and the readers of values, for the client and the emulator.

        Raises:
            InvalidArgumentError: A type or a default cannot be evaluated, a type is not supported,
                or a default is not of its type.
        """
        if "_content" not in vars(cls):
            cls._content = Content(cls)
        return cls._content


def _is_value(cls: type[Any], name: str, given: object) -> bool:
    """Return whether an attribute without a type looks like a value, and is no class variable."""
    if name.startswith("_") or callable(given) or hasattr(given, "__get__"):
        return False
    typed = [base for base in cls.__mro__[1:] if name in annotations_of(base)]
    return not typed or any(attrs.has(base) and name in attrs.fields_dict(base) for base in typed)


def _checked(cls: type[Any], fields: list[attrs.Attribute[Any]]) -> list[attrs.Attribute[Any]]:
    """Check the attributes; copy defaults for each instance, because a page may change them."""
    bases: tuple[type[Any], ...] = cls.__mro__[1:-1]
    for base in bases:
        if not (issubclass(base, TypedExperience) or attrs.has(base)):
            for name, kind in annotations_of(base).items():
                if not name.startswith("_") and "ClassVar" not in str(kind):
                    raise mistake(
                        cls,
                        name,
                        f"is of {base.__name__}, which is not an attrs class: make it one",
                    )
    for one in fields:
        if one.name.startswith("_") or one.name == "self" or hasattr(TypedExperience, one.name):
            raise mistake(
                cls,
                one.name,
                "begins with _ or is a name of TypedExperience: choose another, and give "
                f"value(name={one.name!r}, ...)",
            )
        if not one.init or one.alias not in {None, one.name}:
            raise mistake(cls, one.name, "has init=False or an alias: use value(...) instead")
        if one.default is attrs.NOTHING:
            raise mistake(cls, one.name, f"needs a default, as in {one.name}: str = ''")
    return [
        one
        if isinstance(one.default, attrs.Factory | str | int | float | None)
        else one.evolve(default=attrs.Factory(partial(copied, one.default)))
        for one in fields
    ]
