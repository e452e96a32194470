"""Impressions and clicks: one `Event` each, checked when it is made.

Guide: "Reporting Experience Shown event" and "Reporting Experience Click event".
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import RFC_4122, UUID, uuid4

import attrs

from moengage_personalize import validation
from moengage_personalize.errors import InvalidArgumentError

from .event_time import epoch_seconds, utc_offset
from .experiences import REQUIRED_IN_CONTEXT, Experience, Source

__all__ = ["PLATFORMS", "Action", "Event", "Receipt"]

PLATFORMS: Final = ("web", "android", "ios", "tv")


class Action(StrEnum):
    """What a user did."""

    SHOWN = "MOE_PERSONALIZATION_MESSAGE_SHOWN"
    CLICKED = "MOE_PERSONALIZATION_MESSAGE_CLICKED"


@attrs.frozen(kw_only=True, eq=False)
class Event:
    """One impression or click of one user. Customer and attributes show in no repr.

    Make one with `Event.shown` or `Event.clicked`, which check it. It keeps its UUID however often
    it is reported, and the server drops repeats by it; two events of one UUID are equal.

    Attributes:
        action: What happened.
        customer_id: Who did it; MoEngage makes a profile for one it does not know.
        platform: `web`, `android`, `ios` or `tv`.
        event_time: When, in whole seconds since 1970-01-01 UTC.
        uuid: The event's own UUID, version 4.
        attributes: The experience context; on a click with `b_id` where an element was named.
        user_attributes: Attributes to set on the user's profile.
        user_timezone_offset: The user's offset from UTC in seconds, -54000 to 54000.
    """

    action: Action
    customer_id: str = attrs.field(repr=False)
    platform: str
    event_time: int
    uuid: UUID
    attributes: Mapping[str, Any] = attrs.field(repr=False)
    user_attributes: Mapping[str, Any] | None = attrs.field(default=None, repr=False)
    user_timezone_offset: int | None = None

    @classmethod
    def shown(  # noqa: PLR0913  (the fields of the API's event)
        cls,
        experience: Experience | Mapping[str, Any],
        *,
        customer_id: str,
        platform: str,
        event_time: datetime | float | str | None = None,
        user_attributes: Mapping[str, Any] | None = None,
        user_timezone_offset: int | str | timedelta | None = None,
        event_uuid: UUID | str | None = None,
    ) -> Event:
        """An impression.

        Args:
            experience: The experience, or its bare context.
            customer_id: Who saw it.
            platform: `web`, `android`, `ios` or `tv`, in any case.
            event_time: A datetime with a time zone, an epoch in seconds, or ISO 8601 text with an
                offset. Default: now.
            user_attributes: Attributes to set on the user's profile.
            user_timezone_offset: Seconds from UTC (-54000 to 54000), a timedelta, or a time zone's
                name, as in `"Asia/Kolkata"`.
            event_uuid: A UUID version 4, where the caller has one already. Default: a fresh one.

        Raises:
            InvalidArgumentError: One of them is not acceptable; the error names it.
        """
        return cls._make(
            Action.SHOWN,
            _context_of(experience),
            customer_id=customer_id,
            platform=platform,
            event_time=event_time,
            user_attributes=user_attributes,
            user_timezone_offset=user_timezone_offset,
            event_uuid=event_uuid,
        )

    @classmethod
    def clicked(  # noqa: PLR0913  (the fields of the API's event)
        cls,
        experience: Experience | Mapping[str, Any],
        *,
        customer_id: str,
        platform: str,
        element: str | None = None,
        event_time: datetime | float | str | None = None,
        user_attributes: Mapping[str, Any] | None = None,
        user_timezone_offset: int | str | timedelta | None = None,
        event_uuid: UUID | str | None = None,
    ) -> Event:
        """A click; `element` (`b_id`) names what was clicked, as in `"Add to Cart"`.

        The other arguments and the errors are those of `shown`.
        """
        attributes = _context_of(experience)
        if element is not None:
            attributes["b_id"] = validation.text("element", element)
        return cls._make(
            Action.CLICKED,
            attributes,
            customer_id=customer_id,
            platform=platform,
            event_time=event_time,
            user_attributes=user_attributes,
            user_timezone_offset=user_timezone_offset,
            event_uuid=event_uuid,
        )

    @classmethod
    def _make(  # noqa: PLR0913  (the fields of the API's event)
        cls,
        action: Action,
        attributes: Mapping[str, Any],
        *,
        customer_id: str,
        platform: str,
        event_time: datetime | float | str | None,
        user_attributes: Mapping[str, Any] | None,
        user_timezone_offset: int | str | timedelta | None,
        event_uuid: UUID | str | None,
    ) -> Event:
        when = int(time.time()) if event_time is None else epoch_seconds(event_time)
        return cls(
            action=action,
            customer_id=validation.text("customer_id", customer_id),
            platform=_platform(platform),
            event_time=when,
            uuid=uuid4() if event_uuid is None else _uuid4(event_uuid),
            attributes=attributes,
            user_attributes=None
            if user_attributes is None
            else _json_object("user_attributes", user_attributes),
            user_timezone_offset=None
            if user_timezone_offset is None
            else utc_offset(user_timezone_offset, at=datetime.fromtimestamp(when, UTC)),
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Event) and self.uuid == other.uuid

    def __hash__(self) -> int:
        return hash(self.uuid)

    @staticmethod
    def is_reportable(experience: object) -> bool:
        """Whether there is anything to report: fallback content has no context."""
        return not (isinstance(experience, Experience) and experience.source is Source.FALLBACK)

    def to_dict(self) -> dict[str, Any]:
        """The event as plain JSON values, to be kept; `from_dict` reads it back."""
        return {
            "action": self.action.value,
            "customer_id": self.customer_id,
            "platform": self.platform,
            "event_time": self.event_time,
            "uuid": str(self.uuid),
            "attributes": self.attributes,
            "user_attributes": self.user_attributes,
            "user_timezone_offset": self.user_timezone_offset,
        }

    @classmethod
    def from_dict(cls, kept: Mapping[str, Any]) -> Event:
        """Read back what `to_dict` gave, of this version of the package or an older one."""
        fields: dict[str, Any] = {**kept}
        fields["action"], fields["uuid"] = Action(kept["action"]), UUID(kept["uuid"])
        return cls(**fields)


@attrs.frozen(kw_only=True)
class Receipt:
    """What a report achieved.

    Attributes:
        accepted: How many events the API accepted (repeats, which it drops, included).
        skipped: How many experiences were fallback content, which has no context to report.
        request_ids: One for each request, where the API gave one; what MoEngage support asks for.
    """

    accepted: int
    skipped: int = 0
    request_ids: tuple[str, ...] = ()


def _platform(value: object) -> str:
    if isinstance(value, str) and value.lower() in PLATFORMS:
        return value.lower()
    return validation.choice("platform", value, PLATFORMS)


def _context_of(experience: Experience | Mapping[str, Any]) -> dict[str, Any]:
    if isinstance(experience, Experience):
        if not Event.is_reportable(experience):
            raise InvalidArgumentError(
                "is fallback content, which has no context to report", field="experience"
            )
        context: Mapping[str, Any] = experience.context
    elif isinstance(experience, Mapping):
        context = experience
    else:
        raise InvalidArgumentError(
            "must be an experience that a fetch gave, or its context, "
            f"not {type(experience).__name__}",
            field="experience",
        )
    for name in REQUIRED_IN_CONTEXT:
        if not isinstance(context.get(name), str):
            raise InvalidArgumentError(
                f"its context lacks the text {name!r}; pass the fetched context unchanged",
                field="experience",
            )
    return _json_object("experience", context)


def _json_object(field: str, value: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of a JSON object, so that what the caller does later changes no event."""
    if not isinstance(value, Mapping):
        raise InvalidArgumentError(f"must be a mapping, not {type(value).__name__}", field=field)
    if not all(isinstance(name, str) for name in value):
        raise InvalidArgumentError("must have strings as names", field=field)
    try:
        if all(type(entry) is str for entry in value.values()):
            "".join((*value, *value.values())).encode()
            return dict(value)  # a context, nearly always, and a fifth of the time
        text = json.dumps(dict(value), allow_nan=False, ensure_ascii=False)
        copy: dict[str, Any] = json.loads(text.encode())
    except (TypeError, ValueError, RecursionError):
        raise InvalidArgumentError("holds a value that JSON cannot express", field=field) from None
    return copy


def _uuid4(value: object) -> UUID:
    try:
        uuid = value if isinstance(value, UUID) else UUID(str(value))
    except ValueError:
        uuid = None
    if uuid is None or uuid.version != 4 or uuid.variant != RFC_4122:  # noqa: PLR2004  (version 4)
        raise InvalidArgumentError("must be a UUID version 4", field="event_uuid")
    return uuid
