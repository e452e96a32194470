"""Reporting events.

Guide: "Reporting Experience Shown event" and "Reporting Experience Click event".
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any, Final

from moengage_personalize.errors import AuthenticationError, PartialReportError, PersonalizeError
from moengage_personalize.models.events import Event, Receipt, checked_events
from moengage_personalize_api.api.events import report_experience_events
from moengage_personalize_api.models import (
    EventAction,
    EventActionName,
    EventElement,
    ExperienceContext,
    Platform,
    ReportExperienceEventsAnswer,
    ReportExperienceEventsRequest,
    UserAttributes,
)

from .operation import Call, Outcome

__all__ = ["MAX_USERS", "report_call"]

MAX_USERS: Final = 100
"""The largest number of users in a report; the API refuses more."""

_DROPPED: Final = None


def report_call(events: Iterable[Event], skipped: int = 0) -> Call[Receipt]:
    """Make a report with one element for each user, and 100 users in each request.

    Args:
        events: The impressions and clicks, in any order.
        skipped: The number of experiences that were left out before, for the receipt.

    Raises:
        InvalidArgumentError: One of them is not an `Event`.
    """
    by_user: dict[str, list[Event]] = {}
    for event in checked_events(events):
        by_user.setdefault(event.customer_id, []).append(event)
    users = list(by_user.values())
    chunks = [users[start : start + MAX_USERS] for start in range(0, len(users), MAX_USERS)]
    requests = [ReportExperienceEventsRequest([*map(_element, chunk)]) for chunk in chunks]
    parts = [tuple(event for user in chunk for event in user) for chunk in chunks]
    return Call(
        report_experience_events,
        [{"body": request} for request in requests],
        partial(_receipt, parts, skipped),
        _request_id,
        nothing=_DROPPED,
        bare="",
    )


def _request_id(answer: ReportExperienceEventsAnswer) -> str:
    return answer.req_id or ""


def _receipt(
    parts: Sequence[tuple[Event, ...]], skipped: int, outcomes: Sequence[Outcome]
) -> Receipt:
    accepted = 0
    request_ids: list[str] = []
    failures: list[PersonalizeError] = []
    for part, outcome in zip(parts, outcomes, strict=True):
        if outcome is _DROPPED:
            skipped += len(part)
        elif isinstance(outcome, PersonalizeError):
            outcome.undelivered = part
            failures.append(outcome)
        else:
            accepted += len(part)
            request_ids += filter(None, [outcome])
    if not failures:
        return Receipt(accepted=accepted, skipped=skipped, request_ids=tuple(request_ids))
    raise _failure(failures, accepted, tuple(request_ids), len(parts))


def _failure(
    failures: Sequence[PersonalizeError], accepted: int, request_ids: tuple[str, ...], parts: int
) -> PersonalizeError:
    """Return one error for all parts: their own if they agree, or if the credentials are wrong."""
    undelivered = tuple(event for failure in failures for event in failure.undelivered)
    alike = len(failures) == parts and len({type(failure) for failure in failures}) == 1
    refused = [failure for failure in failures if isinstance(failure, AuthenticationError)]
    if refused or alike:
        error = copy.copy((refused or failures)[0])
    else:
        error = PartialReportError(
            f"{len(failures)} of {parts} requests failed; the first error: {failures[0]}"
        )
        error.accepted, error.request_ids, error.failures = accepted, request_ids, tuple(failures)
        error.attempts = max(failure.attempts for failure in failures)
    error.undelivered = undelivered
    return error


def _element(events: Sequence[Event]) -> EventElement:
    """Combine the events of one user; for an attribute or offset set twice, the last one counts."""
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
