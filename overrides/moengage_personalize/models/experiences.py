"""What a fetch gives: experiences, their values in Python types, and where each came from.

Guide: "Fetch Experience", section "Response Body".
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from enum import StrEnum
from operator import itemgetter
from typing import Any, Final, Protocol, Self, TypeVar, overload
from uuid import UUID

import attrs

from moengage_personalize import validation
from moengage_personalize.errors import InvalidArgumentError, PersonalizeError

from .offerings import Offering, read_offerings
from .values import ByName, HtmlSafeJson, data_type_of, html_safe, json_object, to_python

__all__ = [
    "REQUIRED_IN_CONTEXT",
    "Experience",
    "ExperienceMetadata",
    "Experiences",
    "HasExperience",
    "Source",
    "TypedValue",
    "UnreportableError",
    "Untyped",
    "copied",
    "reportable_context",
    "untyped",
]

REQUIRED_IN_CONTEXT: Final = (
    "cid",
    "experience",
    "moe_locale_id",
    "moe_variation_id",
    "audience_name",
    "audience_id",
)
_required: Final = itemgetter(*REQUIRED_IN_CONTEXT)


class Source(StrEnum):
    """Where an experience came from."""

    NETWORK = "network"
    """The API answered with it."""
    DEFAULT = "default"
    """The caller's own default content."""
    TOKEN = "token"  # noqa: S105  (the name of a source, no password)
    """A tracking token, which has a context and no values."""


class HasExperience(Protocol):
    """An instance of a class for one experience: a `TypedExperience`."""

    @property
    def experience_(self) -> Experience:
        """What its values came from."""
        ...

    def with_experience_(self, experience: Experience) -> Self:
        """The same values, with another `experience_`."""
        ...


T = TypeVar("T", bound=HasExperience)


def untyped(experience: Any) -> Any:  # noqa: ANN401  (checked by who uses it)
    """The experience of an instance of a class for one; all else as it is."""
    return getattr(experience, "experience_", experience)


class TypedValue(Protocol):
    """A value as it came, and the data type that the API gave it."""

    @property
    def value(self) -> Any:  # noqa: ANN401  (any JSON value)
        """The JSON value as it came."""
        ...

    @property
    def data_type(self) -> str:
        """`string`, `number`, `float`, `boolean`, `json`, or one newer than this package."""
        ...


@attrs.frozen
class Untyped:
    """A value of the caller's own."""

    value: Any
    data_type: str = ""
    came: Any = None
    """What the API gave, where a page shows something else."""
    fit: Any = None
    """The same as a value of a class's attribute."""


def copied(value: Any) -> Any:  # noqa: ANN401  (any value)
    """A deep copy; the value itself, if it has parts that cannot be copied."""
    try:
        return copy.deepcopy(value)
    except Exception:  # noqa: BLE001  (its class may be the caller's, and no page may break)
        return value


class UnreportableError(InvalidArgumentError):
    """There is nothing to report, or nobody to report it about."""


def reportable_context(context: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of a context that has what events need.

    Raises:
        UnreportableError: It lacks something, or JSON cannot express it.
    """
    try:
        "".join(_required(context))  # a third of the time that a look at each of them takes
    except (KeyError, TypeError):
        name = next(one for one in REQUIRED_IN_CONTEXT if not isinstance(context.get(one), str))
        raise UnreportableError(
            f"its context lacks the text {name!r}; pass the fetched context unchanged",
            field="experience",
        ) from None
    try:
        return json_object("experience", context)
    except InvalidArgumentError as error:
        raise UnreportableError(error.problem, field="experience") from None


@attrs.frozen(repr=False, eq=False)
class Experience(Mapping[str, Any]):
    """One experience for one visitor: a mapping of value names to values in Python types.

    Attributes:
        key: The experience key.
        payload: Each value as it came, with its data type; of a page, defaults for what it lacked.
        context: The `experience_context`, unchanged, fields unknown to this package included; for
            events and for the web and mobile SDKs. Empty for default content.
        source: Where it came from.
        reason: Why it came from there, in words.
        error: What went wrong, where default content stands in for a failure, or for a value that
            cannot be read.
        event_uuid: The UUID of the click, where a tracking token carried one.
    """

    key: str
    payload: Mapping[str, TypedValue]
    context: dict[str, Any]
    source: Source
    reason: str
    error: PersonalizeError | None = None
    event_uuid: UUID | None = None

    @classmethod
    def from_default(
        cls,
        key: str,
        values: Mapping[str, Any],
        *,
        reason: str,
        error: PersonalizeError | None = None,
    ) -> Experience:
        """Make an experience of default content."""
        # A copy, as a page that changes what it got must not change it for every later visitor.
        payload = {name: Untyped(copied(value)) for name, value in values.items()}
        return cls(key, payload, {}, Source.DEFAULT, reason, error)

    @overload
    @classmethod
    def fake(cls, key: str, values: Mapping[str, Any] | None = None) -> Experience: ...
    @overload
    @classmethod
    def fake(cls, key: T, values: None = None) -> T: ...
    @classmethod
    def fake(cls, key: str | T, values: Mapping[str, Any] | None = None) -> Experience | T:
        """Make an experience for a test, as if the API had given it; it is reportable.

        Args:
            key: The experience key, or an instance of a `TypedExperience`.
            values: Values by name, for a key.
        """
        if not isinstance(key, str) and isinstance(own := untyped(key), Experience):
            return key.with_experience_(attrs.evolve(cls.fake(own.key), payload=own.payload))
        checked = json_object("values", {} if values is None else values)
        payload = {name: Untyped(value, data_type_of(value)) for name, value in checked.items()}
        key = validation.text("key", key)
        context = dict.fromkeys(REQUIRED_IN_CONTEXT, "fake") | {"cid": f"fake_{key}"}
        return cls(key, payload, context | {"experience": key}, Source.NETWORK, "a fake")

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401  (any JSON value)
        typed = self.payload[name]
        return to_python(typed.value, typed.data_type)

    def __iter__(self) -> Iterator[str]:
        return iter(self.payload)

    def __len__(self) -> int:
        return len(self.payload)

    def __repr__(self) -> str:
        return (
            f"<Experience {self.key!r} from {self.source.value} ({self.reason}): "
            f"{', '.join(self.payload) or 'no values'}>"
        )

    # Two experiences with the same values are still two, and one without values is still one.
    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)

    def __bool__(self) -> bool:
        return True

    @property
    def is_reportable(self) -> bool:
        """Whether its context has what events need; `shown` and `clicked` skip what is not."""
        try:
            reportable_context(self.context)
        except UnreportableError:
            return False
        return True

    @property
    def context_html(self) -> HtmlSafeJson:
        """The context as JSON for a page, to hand to the web SDK.

        For a `<script>` element (`trackImpression({{ banner.context_html }})`) or a single-quoted
        attribute; `<`, `>`, `&`, `'` and all that is not ASCII are escaped. `{}` where JSON cannot
        express it.
        """
        return html_safe(self.context)

    def offerings(self, name: str) -> tuple[Offering, ...]:
        """The offerings in a value, where the experience uses a decision policy.

        It reads both forms that the API has, whatever the kind of the page's default. A value that
        is missing or holds none has no offerings; none raises.
        """
        shown = self.payload.get(name)
        came = read_offerings(getattr(shown, "came", None))
        return came or read_offerings(getattr(shown, "value", None))


@attrs.frozen(repr=False, eq=False)
class Experiences(ByName[Experience]):
    """The answer to a fetch: experiences by key.

    Attributes:
        missing: The requested keys without an experience, in the order they were asked for: no
            match, unknown, paused, scheduled, or unreadable.
        errors: What is amiss, by key: an experience or one of its values that cannot be read, or a
            request that failed.
        reasons: Why a key is missing, in the API's own word such as `USER_NOT_IN_SEGMENT`, should
            the API give one; it is not documented to. Of a fetch without keys, for any key.
    """

    missing: tuple[str, ...] = ()
    errors: Mapping[str, PersonalizeError] = attrs.field(factory=dict[str, PersonalizeError])
    reasons: Mapping[str, str] = attrs.field(factory=dict[str, str])

    def __repr__(self) -> str:
        return f"<Experiences {list(self)}, missing {list(self.missing)}>"


@attrs.frozen
class ExperienceMetadata:
    """One experience of the workspace, as the metadata listing tells it.

    Attributes:
        experience_key: The key to fetch it by.
        experience_name: The dashboard's name for it.
        status: `Active`, `Paused`, `Scheduled`, or one newer than this package.
    """

    experience_key: str
    experience_name: str
    status: str
