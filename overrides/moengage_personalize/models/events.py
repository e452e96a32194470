"""Impressions and clicks: one `Event` each, checked when it is made.

Guide: "Reporting Experience Shown event" and "Reporting Experience Click event".
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final, TypedDict, Unpack
from uuid import RFC_4122, UUID, uuid4

import attrs

from moengage_personalize import validation
from moengage_personalize.errors import InvalidArgumentError

from .event_time import epoch_seconds, utc_offset
from .experiences import (
    REQUIRED_IN_CONTEXT,
    Experience,
    Experiences,
    HasExperience,
    UnreportableError,
    reportable_context,
    untyped,
)
from .values import json_object
from .visitor import Platform, Visitor, as_visitor, browser_text

__all__ = [
    "Action",
    "Clicked",
    "Event",
    "EventDetails",
    "Receipt",
    "Shown",
    "checked_events",
    "clicked_events",
    "shown_events",
]

Clicked = Experience | HasExperience | Mapping[str, Any]
"""What `clicked` accepts: an experience, or its context."""
Shown = Clicked | Experiences
"""What `shown` accepts: the same, or several experiences."""

_Shared = tuple[
    str | None, UUID | None, str | None, Platform, int, dict[str, Any] | None, int | None
]
"""The common values of a call's events: the customer, the UUID and the element if given, the
platform, the time, the user's attributes and offset."""

_log: Final = logging.getLogger("moengage_personalize")


class EventDetails(TypedDict):
    """The common arguments of impressions and clicks, without the visitor."""

    event_time: datetime | float | str | None
    user_attributes: Mapping[str, Any] | None
    event_uuid: UUID | str | None


class Action(StrEnum):
    """What a visitor did."""

    SHOWN = "MOE_PERSONALIZATION_MESSAGE_SHOWN"
    CLICKED = "MOE_PERSONALIZATION_MESSAGE_CLICKED"


@attrs.frozen(kw_only=True, eq=False)
class Event:
    """One impression or click of one visitor. Its repr shows no customer and no attributes.

    Make one with `Event.shown` or `Event.clicked`, which check it. It keeps its UUID when it is
    reported again, so the server drops repeats. Two events with the same UUID are equal.

    Attributes:
        action: What happened.
        customer_id: The customer, or an anonymous visitor's session ID. MoEngage makes a profile
            for an ID that it does not know.
        platform: `web`, `android`, `ios` or `tv`.
        event_time: When, in whole seconds since 1970-01-01 UTC.
        uuid: The event's own UUID, version 4.
        attributes: The experience context, with `b_id` for a click with a named element.
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
    def shown(
        cls,
        experience: Clicked,
        *,
        visitor: Visitor | str,
        event_time: datetime | float | str | None = None,
        user_attributes: Mapping[str, Any] | None = None,
        event_uuid: UUID | str | None = None,
    ) -> Event:
        """Make an impression.

        Args:
            experience: The experience, or its bare context.
            visitor: Who saw it: a customer ID, or a visitor with a customer or a session ID.
            event_time: A datetime with a time zone, an epoch in seconds, or ISO 8601 text with an
                offset. Default: now.
            user_attributes: Attributes to set on the user's profile.
            event_uuid: A UUID version 4, if the event already has one. Default: a new one.

        Raises:
            InvalidArgumentError: An argument is not acceptable, the experience cannot be reported,
                or the visitor has no customer ID and no session ID; the error names it.
        """
        shared = _checked(visitor, None, event_time, user_attributes, event_uuid)
        return _event(Action.SHOWN, experience, shared)

    @classmethod
    def clicked(  # noqa: PLR0913  (the fields of the API's event)
        cls,
        experience: Clicked,
        *,
        visitor: Visitor | str,
        element: str | None = None,
        event_time: datetime | float | str | None = None,
        user_attributes: Mapping[str, Any] | None = None,
        event_uuid: UUID | str | None = None,
    ) -> Event:
        """Make a click; `element` (`b_id`) names the clicked element, as in `"Add to Cart"`.

        If the experience is from a tracking token, the token's UUID is the default. The other
        arguments and the errors are those of `shown`.
        """
        shared = _checked(visitor, element, event_time, user_attributes, event_uuid)
        return _event(Action.CLICKED, experience, shared)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Event) and self.uuid == other.uuid

    def __hash__(self) -> int:
        return hash(self.uuid)

    def to_dict(self) -> dict[str, Any]:
        """Return the event as plain JSON values, for storage; `from_dict` reads them."""
        return {
            "action": str(self.action),
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
        """Read what `to_dict` returned, in this version of the package or an older one.

        It also reads a line of `moengage-personalize spool export`, which has two more fields.
        """
        fields = {name: value for name, value in kept.items() if name not in {"state", "reason"}}
        fields["action"], fields["uuid"] = Action(kept["action"]), UUID(kept["uuid"])
        return cls(**fields)


@attrs.frozen(kw_only=True)
class Receipt:
    """The result of a report.

    Attributes:
        accepted: The number of events that the API accepted, including repeats, which it drops.
        skipped: The number of experiences that were not reported: default content, a context that
            lacks required fields, or a visitor without a customer ID and a session ID.
        request_ids: The request IDs that the API returned, for MoEngage's support.
    """

    accepted: int
    skipped: int = 0
    request_ids: tuple[str, ...] = ()


def shown_events(
    experiences: Iterable[Shown], visitor: Visitor | str | None, **details: Unpack[EventDetails]
) -> tuple[list[Event], int]:
    """Return the impressions, and the number of experiences that cannot be reported.

    Raises:
        InvalidArgumentError: An argument is not acceptable; the error names it.
    """
    each: list[Clicked] = []
    for one in experiences:
        each += one.values() if isinstance(one, Experiences) else (one,)
    return _events(Action.SHOWN, each, visitor, None, details)


def clicked_events(
    experience: Clicked,
    visitor: Visitor | str | None,
    element: str | None,
    **details: Unpack[EventDetails],
) -> tuple[list[Event], int]:
    """Like `shown_events`, for one click."""
    return _events(Action.CLICKED, [experience], visitor, element, details)


def checked_events(events: Iterable[Event]) -> Iterator[Event]:
    """Check the events one by one.

    Raises:
        InvalidArgumentError: One of them is not an `Event`, or cannot be sent.
    """
    if isinstance(events, Event) or not isinstance(events, Iterable):
        raise InvalidArgumentError(
            f"must be an iterable of Event, not {type(events).__name__}", field="events"
        )
    for position, event in enumerate(events):
        if not isinstance(event, Event):
            raise InvalidArgumentError(
                f"must be an Event, not {type(event).__name__}", field=f"events[{position}]"
            )
        validation.text(f"events[{position}].customer_id", event.customer_id)
        json_object(f"events[{position}].attributes", event.attributes)
        if event.user_attributes is not None:
            json_object(f"events[{position}].user_attributes", event.user_attributes)
        yield event


def _events(
    action: Action,
    experiences: list[Clicked],
    visitor: Visitor | str | None,
    element: str | None,
    details: EventDetails,
) -> tuple[list[Event], int]:
    shared = _checked(visitor, element, **details)
    if details["event_uuid"] is not None and len(experiences) > 1:
        raise InvalidArgumentError("is for one event: give one experience", field="event_uuid")
    events: list[Event] = []
    for experience in experiences:
        try:
            events.append(_event(action, experience, shared))
        except UnreportableError as error:
            _log.debug("an experience is not reported: %s", error)
    return events, len(experiences) - len(events)


def _checked(
    visitor: Visitor | str | None,
    element: str | None,
    event_time: datetime | float | str | None,
    user_attributes: Mapping[str, Any] | None,
    event_uuid: UUID | str | None,
) -> _Shared:
    who = as_visitor(visitor)
    when = int(time.time()) if event_time is None else epoch_seconds(event_time)
    return (
        who.reported_id,
        None if event_uuid is None else _uuid4(event_uuid),
        None if element is None else browser_text("element", element),
        who.platform,
        when,
        None if user_attributes is None else json_object("user_attributes", user_attributes),
        None
        if who.timezone is None
        else utc_offset(who.timezone, at=datetime.fromtimestamp(when, UTC)),
    )


def _event(action: Action, experience: Clicked, shared: _Shared) -> Event:
    content = untyped(experience)
    attributes = _context_of(content)
    customer_id, uuid, element, platform, event_time, user_attributes, offset = shared
    if element is not None:
        attributes["b_id"] = element
    if uuid is None and action is Action.CLICKED and isinstance(content, Experience):
        uuid = content.event_uuid
    if customer_id is None:
        raise UnreportableError("has no customer_id and no session_id", field="visitor")
    return Event(
        action=action,
        customer_id=customer_id,
        attributes=attributes,
        uuid=uuid or uuid4(),
        platform=platform,
        event_time=event_time,
        user_attributes=user_attributes,
        user_timezone_offset=offset,
    )


def _context_of(experience: Experience | Mapping[str, Any]) -> dict[str, Any]:
    if (kind := type(experience)) is not dict and isinstance(experience, Experience):
        return reportable_context(experience.context)
    try:
        if kind is dict or isinstance(experience, Mapping):
            return reportable_context(experience)
    except UnreportableError:
        if not experience or any(name in experience for name in REQUIRED_IN_CONTEXT):
            raise
    raise InvalidArgumentError(
        f"must be a fetched experience or its context, not {kind.__name__}",
        field="experience",
    )


def _uuid4(value: object) -> UUID:
    try:
        uuid = value if isinstance(value, UUID) else UUID(str(value))
    except ValueError:
        uuid = None
    if uuid is None or uuid.version != 4 or uuid.variant != RFC_4122:  # noqa: PLR2004  (version 4)
        raise InvalidArgumentError("must be a UUID version 4", field="event_uuid")
    return uuid
