"""Reporting events.

Guide: "Reporting Experience Shown event" and "Reporting Experience Click event".
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final, TypedDict, Unpack

from moengage_personalize.errors import (
    AuthenticationError,
    InvalidArgumentError,
    PartialReportError,
    PersonalizeError,
)
from moengage_personalize.models.events import Event, Receipt
from moengage_personalize.models.experiences import REQUIRED_IN_CONTEXT, Experience
from moengage_personalize_api.api.events import report_experience_events
from moengage_personalize_api.models import (
    EventAction,
    EventActionName,
    EventElement,
    ExperienceContext,
    Platform,
    ReportExperienceEventsRequest,
    ReportExperienceEventsResponse,
    UserAttributes,
)

from .operation import Call, Operation, Outcome

__all__ = ["MAX_USERS", "clicked_call", "report_call", "shown_call"]

MAX_USERS: Final = 100
"""The API refuses a report about more users."""

_OPERATION: Final = Operation.from_module(report_experience_events)


def report_call(events: Iterable[Event], *, skipped: int = 0) -> Call[Receipt]:
    """State a report: one element a user, 100 users a request.

    Args:
        events: The impressions and clicks; those of one user may stand apart.
        skipped: How many experiences were left out before, for the receipt.

    Raises:
        InvalidArgumentError: Something among the events is none.
    """
    by_user: dict[str, list[Event]] = {}
    for event in _checked_events(events):
        by_user.setdefault(event.customer_id, []).append(event)
    users = list(by_user.values())
    chunks = [users[start : start + MAX_USERS] for start in range(0, len(users), MAX_USERS)]
    return Call(
        _OPERATION,
        [
            {"body": ReportExperienceEventsRequest([_element(user) for user in chunk])}
            for chunk in chunks
        ],
        partial(
            _receipt,
            [tuple(event for user in chunk for event in user) for chunk in chunks],
            skipped,
        ),
    )


class EventDetails(TypedDict):
    """The arguments that `Event.shown` and `Event.clicked` have in common."""

    customer_id: str
    platform: str
    event_time: datetime | float | str | None
    user_attributes: Mapping[str, Any] | None
    user_timezone_offset: int | str | timedelta | None


def shown_call(
    experiences: Sequence[Experience | Mapping[str, Any]], **details: Unpack[EventDetails]
) -> Call[Receipt]:
    """State a report that one user saw some experiences; fallback content is left out.

    Raises:
        InvalidArgumentError: An argument is not acceptable; the error names it.
    """
    events = [
        Event.shown(experience, **details)
        for experience in experiences
        if Event.is_reportable(experience)
    ]
    if not events:
        _check(details)
    return report_call(events, skipped=len(experiences) - len(events))


def clicked_call(
    experience: Experience | Mapping[str, Any],
    *,
    element: str | None,
    **details: Unpack[EventDetails],
) -> Call[Receipt]:
    """State a report that one user clicked an experience; fallback content is left out.

    Raises:
        InvalidArgumentError: An argument is not acceptable; the error names it.
    """
    if not Event.is_reportable(experience):
        _check(details)
        return report_call([], skipped=1)
    return report_call([Event.clicked(experience, element=element, **details)])


def _check(details: EventDetails) -> None:
    """Refuse a wrong argument though there is nothing to report, before the first page that has."""
    Event.shown(dict.fromkeys(REQUIRED_IN_CONTEXT, ""), **details)


def _receipt(
    parts: Sequence[tuple[Event, ...]], skipped: int, outcomes: Sequence[Outcome]
) -> Receipt:
    accepted = 0
    request_ids: list[str] = []
    failures: list[PersonalizeError] = []
    for part, outcome in zip(parts, outcomes, strict=True):
        if isinstance(outcome, ReportExperienceEventsResponse):
            accepted += len(part)
            if outcome.req_id:
                request_ids.append(outcome.req_id)
        else:
            outcome.undelivered = part
            failures.append(outcome)
    if not failures:
        return Receipt(accepted=accepted, skipped=skipped, request_ids=tuple(request_ids))
    raise _failure(failures, accepted, tuple(request_ids), len(parts))


def _failure(
    failures: Sequence[PersonalizeError], accepted: int, request_ids: tuple[str, ...], parts: int
) -> PersonalizeError:
    """One error for all parts: theirs where they agree, or where the credentials are wrong."""
    undelivered = tuple(event for failure in failures for event in failure.undelivered)
    alike = len(failures) == parts and len({type(failure) for failure in failures}) == 1
    refused = [failure for failure in failures if isinstance(failure, AuthenticationError)]
    if refused or alike:
        error = copy.copy((refused or failures)[0])
    else:
        error = PartialReportError(
            f"{len(failures)} of {parts} requests failed, the first with: {failures[0]}",
            accepted=accepted,
            request_ids=request_ids,
            failures=tuple(failures),
        )
        error.attempts = max(failure.attempts for failure in failures)
    error.undelivered = undelivered
    return error


def _checked_events(events: Iterable[Event]) -> Iterable[Event]:
    if isinstance(events, Event) or not isinstance(events, Iterable):
        raise InvalidArgumentError(
            f"must be an iterable of Event, not {type(events).__name__}", field="events"
        )
    for position, event in enumerate(events):
        if not isinstance(event, Event):
            raise InvalidArgumentError(
                f"must be an Event, not {type(event).__name__}", field=f"events[{position}]"
            )
        yield event


def _element(events: Sequence[Event]) -> EventElement:
    """All events of one user; where they set the same attribute or offset, the last one counts."""
    element = EventElement(events[0].customer_id, [_action(event) for event in events])
    attributes: dict[str, Any] = {}
    for event in events:
        attributes.update(event.user_attributes or {})
        if event.user_timezone_offset is not None:
            element.user_timezone_offset = event.user_timezone_offset
    if attributes:
        element.user_attributes = UserAttributes.from_dict(attributes)
    return element


def _action(event: Event) -> EventAction:
    return EventAction(
        action=EventActionName(event.action.value),
        moe_event_uuid=event.uuid,
        event_time=event.event_time,
        platform=Platform(event.platform),
        attributes=ExperienceContext.from_dict(event.attributes),
    )
