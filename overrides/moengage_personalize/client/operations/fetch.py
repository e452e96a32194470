"""Fetching experiences.

Guide: "Fetch Experience".
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from operator import itemgetter
from typing import Any, Final, Literal, cast

from moengage_personalize import validation
from moengage_personalize.errors import (
    AuthenticationError,
    InvalidArgumentError,
    PartialFetchError,
    PersonalizeError,
)
from moengage_personalize.models.experiences import Experience, Experiences, Source
from moengage_personalize.models.visitor import Visitor, as_visitor
from moengage_personalize_api.api.experiences import fetch_experiences
from moengage_personalize_api.models import (
    DayOfTheWeek,
    FetchExperiencesAnswer,
    FetchExperiencesRequest,
    Identifiers,
    PayloadValue,
    UserIdentifiers,
)
from moengage_personalize_api.types import UNSET, Models, Unset

from .operation import Call, Operation, Outcome

__all__ = ["MAX_KEYS", "Moment", "fetch_call"]

MAX_KEYS: Final = 25
"""The API silently answers the first so many keys of a request only."""

_OPERATION: Final = Operation.from_module(fetch_experiences)
# Raises where a field is missing, and costs a tenth of making a model to see that.
_in_value: Final = itemgetter("value", "data_type")
_DAYS: Final = tuple(
    map(
        DayOfTheWeek,
        ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    )
)
_HOURS: Final = tuple(f"{hour:02}" for hour in range(24))

Moment = datetime | Literal["now"] | None
"""When experiences that are targeted by day or hour are to match; None: not at all."""

Fallback = Mapping[str, Mapping[str, Any]]


def fetch_call(
    keys: Sequence[str],
    visitor: Visitor | str | None,
    at: Moment,
    fallback: Fallback | None,
) -> Call[Experiences]:
    """State a fetch; 25 keys a request, or one request for every experience when there are none.

    Raises:
        InvalidArgumentError: An argument is not acceptable; the error names it.
    """
    keys = _checked_keys(keys)
    fallback = None if fallback is None else _checked_fallback(fallback)
    fields: dict[str, Any] = {}  # those that are given, as most are not
    attributes: Mapping[str, str] = {}
    if visitor is not None:
        visitor = as_visitor(visitor)
        attributes = visitor.attributes
        fields["identifiers"] = _identifiers(visitor)
        fields["user_ip_address"] = visitor.ip_address or UNSET
        fields["user_agent"] = visitor.user_agent or UNSET
    if at is not None:
        fields["day_of_the_week"], fields["time_of_the_day"] = _day_and_hour(at)
    chunks = [keys[start : start + MAX_KEYS] for start in range(0, len(keys), MAX_KEYS)] or [()]
    parts: list[dict[str, Any]] = []
    for chunk in chunks:
        body = FetchExperiencesRequest(experience_key=list(chunk) or UNSET, **fields)
        body.additional_properties = dict(attributes)
        parts.append({"body": body})
    return Call(_OPERATION, parts, partial(_experiences, chunks, fallback), _from_network)


def _experiences(
    chunks: Sequence[Sequence[str]], fallback: Fallback | None, outcomes: Sequence[Outcome]
) -> Experiences:
    """One answer from those of all requests, with fallback content where that is given."""
    found: dict[str, Experience] = {}
    failures: dict[str, PersonalizeError] = {}
    errors: list[PersonalizeError] = []
    for chunk, outcome in zip(chunks, outcomes, strict=True):
        if isinstance(outcome, PersonalizeError):
            errors.append(outcome)
            failures.update(dict.fromkeys(chunk, outcome))
        else:
            found.update(outcome)
    for error in errors:
        if isinstance(error, AuthenticationError):
            raise error
    requested = [key for chunk in chunks for key in chunk]
    if fallback is not None:
        if errors and not requested:  # every experience was asked for, in one request
            failures = dict.fromkeys(fallback, errors[0])
        _fill_up(found, requested or fallback, fallback, failures)
    missing = tuple([key for key in requested if key not in found])
    experiences = Experiences(found, missing, tuple(errors))
    if errors and fallback is None:
        raise _failure(experiences, errors, failures, len(chunks))
    return experiences


def _fill_up(
    found: dict[str, Experience],
    keys: Iterable[str],
    fallback: Fallback,
    failures: Mapping[str, PersonalizeError],
) -> None:
    for key in keys:
        if key not in found and key in fallback:
            found[key] = _from_fallback(key, fallback[key], failures.get(key))


def _failure(
    experiences: Experiences,
    errors: Sequence[PersonalizeError],
    failures: dict[str, PersonalizeError],
    requests: int,
) -> PersonalizeError:
    """The first error, if no request succeeded, or one with what the others found."""
    if len(errors) == requests:
        return errors[0]
    unmatched = tuple(key for key in experiences.missing if key not in failures)
    error = PartialFetchError(
        f"{len(errors)} of {requests} requests failed, the first with: {errors[0]}",
        experiences=Experiences(dict(experiences), unmatched),
        failures=failures,
    )
    error.attempts = max(one.attempts for one in errors)
    return error


def _from_network(response: FetchExperiencesAnswer) -> dict[str, Experience]:
    """The experiences of an answer, looked through; their values become models with their use.

    Raises:
        KeyError, AttributeError, TypeError: A field is missing or of another type.
    """
    by_key: Any = response.experiences.additional_properties
    return {key: _experience(key, fields) for key, fields in by_key.objects.items()}


def _experience(key: str, fields: Mapping[str, Any]) -> Experience:
    payload: dict[str, dict[str, Any]] = fields["payload"]
    for value in payload.values():
        _in_value(value)
    context = fields.get("experience_context")
    if type(context) is not dict:
        context = {}  # what is amiss in it hides no payload
    values = Models(payload, PayloadValue.from_dict)
    return Experience(
        key, values, cast("dict[str, Any]", context), Source.NETWORK, "matched this visitor"
    )


def _from_fallback(
    key: str, values: Mapping[str, Any], error: PersonalizeError | None
) -> Experience:
    reason = (
        "no experience for this visitor" if error is None else f"{type(error).__name__}: {error}"
    )
    return Experience.from_default(key, values, reason=reason, error=error)


def _checked_keys(keys: Sequence[str]) -> tuple[str, ...]:
    if len(keys) == 1 and isinstance(keys[0], list | tuple | set | frozenset):
        raise InvalidArgumentError(
            "give the keys as arguments of their own, as in fetch(*keys)", field="keys"
        )
    for key in keys:
        validation.text("keys", key)
    return tuple(dict.fromkeys(keys))


def _checked_fallback(fallback: Fallback) -> Fallback:
    if not isinstance(fallback, Mapping):
        raise InvalidArgumentError(
            f"must be a mapping of keys to contents, not {type(fallback).__name__}",
            field="fallback",
        )
    for key, values in fallback.items():
        if not isinstance(values, Mapping):
            raise InvalidArgumentError(
                f"must be a mapping of names to values, not {type(values).__name__}",
                field=f"fallback[{key!r}]",
            )
    return fallback


def _identifiers(visitor: Visitor) -> Identifiers | Unset:
    """The session ID is none: the API would look for a customer of that name."""
    identifiers = Identifiers(visitor.customer_id or UNSET)
    if visitor.identifiers:
        identifiers.user_identifiers = UserIdentifiers()
        identifiers.user_identifiers.additional_properties = dict(visitor.identifiers)
    return identifiers if visitor.customer_id or visitor.identifiers else UNSET


def _day_and_hour(at: Moment) -> tuple[DayOfTheWeek, str]:
    """`DAY_OF_THE_WEEK` and `TIME_OF_THE_DAY`, which are in UTC."""
    if at == "now":
        now = time.gmtime()
        return _DAYS[now.tm_wday], _HOURS[now.tm_hour]
    if not isinstance(at, datetime) or at.utcoffset() is None:
        raise InvalidArgumentError(
            'must be "now", None, or a datetime with a time zone, as datetime.now(UTC) gives',
            field="at",
        )
    try:
        utc = at.astimezone(UTC)
    except OverflowError:
        raise InvalidArgumentError("lies outside the years 1 to 9999", field="at") from None
    return _DAYS[utc.weekday()], _HOURS[utc.hour]
