"""The results of a fetch: experiences, their values in Python types, and their sources.

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
    """A tracking token, which has a context but no values."""


class HasExperience(Protocol):
    """An instance of a class for one experience: a `TypedExperience`."""

    @property
    def experience_(self) -> Experience:
        """The experience that its values came from."""
        ...

    def with_experience_(self, experience: Experience) -> Self:
        """Return the same values with another `experience_`."""
        ...


T = TypeVar("T", bound=HasExperience)


def untyped(experience: Any) -> Any:  # noqa: ANN401  (checked by who uses it)
    """Return the experience of an instance of an experience class; any other value unchanged."""
    return getattr(experience, "experience_", experience)


class TypedValue(Protocol):
    """A value as received, and the API's data type for it."""

    @property
    def value(self) -> Any:  # noqa: ANN401  (any JSON value)
        """The JSON value as received."""
        ...

    @property
    def data_type(self) -> str:
        """`string`, `number`, `float`, `boolean`, `json`, or one newer than this package."""
        ...


@attrs.frozen
class Untyped:
    """A value from the caller."""

    value: Any
    data_type: str = ""
    came: Any = None
    """The API's value, if a page shows another one."""
    fit: Any = None
    """The value in the type of a class's attribute."""


def copied(value: Any) -> Any:  # noqa: ANN401  (any value)
    """Return a deep copy; or the value itself, if it has parts that cannot be copied."""
    try:
        return copy.deepcopy(value)
    except Exception:  # noqa: BLE001  (its class may be the caller's, and no page may break)
        return value


class UnreportableError(InvalidArgumentError):
    """There is no experience to report, or no visitor to report it for."""


def reportable_context(context: Mapping[str, Any]) -> dict[str, Any]:
    """Copy a context that has the required fields of events.

    Raises:
        UnreportableError: It lacks a required field, or JSON cannot express it.
    """
    try:
        "".join(_required(context))  # takes a third of the time of a loop
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
        payload: Each value as received, with its data type; on a page, defaults replace some.
        context: The `experience_context`, unchanged and with all its fields. Events and the web and
            mobile SDKs need it. Empty for default content.
        source: Where it came from.
        reason: Why it came from there, in words.
        error: The error, if the experience or one of its values cannot be read, so that default
            content replaces it.
        event_uuid: The UUID for the click, if the experience is from a tracking token.
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
        # A copy, because a page that changes its values must not change them for later visitors.
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
        """Make a reportable experience for a test, as if it came from the API.

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

    # Two experiences with the same values are not equal, and one without values is still true.
    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)

    def __bool__(self) -> bool:
        return True

    @property
    def is_reportable(self) -> bool:
        """Whether its context has the fields of an event; if not, `shown` and `clicked` skip it."""
        try:
            reportable_context(self.context)
        except UnreportableError:
            return False
        return True

    @property
    def context_html(self) -> HtmlSafeJson:
        """The context as JSON for a page, for the web SDK.

        Use it in a `<script>` element (`trackImpression({{ banner.context_html }})`) or in a
        single-quoted attribute. `<`, `>`, `&`, `'` and all non-ASCII characters are escaped. `{}`
        if JSON cannot express it.
        """
        return html_safe(self.context)

    def offerings(self, name: str) -> tuple[Offering, ...]:
        """Return the offerings in a value, if the experience uses a decision policy.

        It reads both of the API's forms, and never raises. A value that is missing or has no
        offerings gives an empty tuple.
        """
        shown = self.payload.get(name)
        came = read_offerings(getattr(shown, "came", None))
        return came or read_offerings(getattr(shown, "value", None))


@attrs.frozen(repr=False, eq=False)
class Experiences(ByName[Experience]):
    """The answer to a fetch: experiences by key.

    Attributes:
        missing: The requested keys without an experience, in the order of the request. The key has
            no match, or is unknown, paused, scheduled or unreadable.
        errors: The errors by key. An experience or one of its values cannot be read, or its request
            failed.
        reasons: Why a key is missing, such as `USER_NOT_IN_SEGMENT`. Often empty: MoEngage does not
            document reasons. After a fetch without keys, it may have any key.
    """

    missing: tuple[str, ...] = ()
    errors: Mapping[str, PersonalizeError] = attrs.field(factory=dict[str, PersonalizeError])
    reasons: Mapping[str, str] = attrs.field(factory=dict[str, str])

    def __repr__(self) -> str:
        return f"<Experiences {list(self)}, missing {list(self.missing)}>"


@attrs.frozen
class ExperienceMetadata:
    """One experience of the workspace, from the metadata listing.

    Attributes:
        experience_key: The key to fetch it with.
        experience_name: The dashboard's name for it.
        status: `Active`, `Paused`, `Scheduled`, or one newer than this package.
    """

    experience_key: str
    experience_name: str
    status: str
