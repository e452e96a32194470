"""Fetching experiences.

Guide: "Fetch Experience".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from operator import itemgetter
from typing import Any, Final

from moengage_personalize import checks
from moengage_personalize.errors import (
    AuthenticationError,
    InvalidArgumentError,
    PartialFetchError,
    PersonalizeError,
)
from moengage_personalize.events import REQUIRED_IN_CONTEXT
from moengage_personalize.experiences import Experience, Experiences, Source
from moengage_personalize.request_context import RequestContext, moment
from moengage_personalize_api.api.experiences import fetch_experiences
from moengage_personalize_api.models import (
    DayOfTheWeek,
    FetchExperiencesRequest,
    FetchExperiencesResponse,
    Identifiers,
    PayloadValue,
    UserIdentifiers,
)
from moengage_personalize_api.types import UNSET, Models

from .call import Call, Operation, Outcome

__all__ = ["MAX_KEYS", "fetch_call"]

MAX_KEYS: Final = 25
"""The API silently answers the first so many keys of a request only."""

_OPERATION: Final = Operation.of(fetch_experiences)
# These raise where a field is missing, and cost a tenth of making a model to see that.
_in_value: Final = itemgetter("value", "data_type")
_in_context: Final = itemgetter(*REQUIRED_IN_CONTEXT)
_RESERVED: Final = {
    "identifiers": "customer_id= and user_identifiers=",
    "experience_key": "the keys, which come first",
    "DAY_OF_THE_WEEK": "at= or day=",
    "TIME_OF_THE_DAY": "at= or hour=",
    "USER_IP_ADDRESS": "visitor=",
    "USER_AGENT": "visitor=",
}

Fallback = Mapping[str, Mapping[str, Any]]


def fetch_call(  # noqa: PLR0913  (the fields of the API's request)
    keys: Sequence[str],
    *,
    customer_id: str | None,
    user_identifiers: Mapping[str, str] | None,
    visitor: RequestContext | None,
    at: datetime | None,
    day: str | None,
    hour: str | int | None,
    attributes: Mapping[str, str] | None,
    fallback: Fallback | None,
) -> Call[Experiences]:
    """State a fetch; 25 keys a request, or one request for every experience when there are none.

    Raises:
        InvalidArgumentError: An argument is not acceptable; the error names it.
    """
    keys = _checked_keys(keys)
    fallback = None if fallback is None else _checked_fallback(fallback)
    chunks = [keys[start : start + MAX_KEYS] for start in range(0, len(keys), MAX_KEYS)] or [()]
    identifiers = _identifiers(customer_id, user_identifiers)
    if visitor is None:
        visitor = RequestContext()
    if not isinstance(visitor, RequestContext):
        raise InvalidArgumentError(
            f"must be a RequestContext, not {type(visitor).__name__}", field="visitor"
        )
    day, hour = moment(at, day, hour)
    session = {} if attributes is None else _checked_attributes(attributes)

    def body(chunk: Sequence[str]) -> FetchExperiencesRequest:
        request = FetchExperiencesRequest(
            identifiers=identifiers or UNSET,
            experience_key=list(chunk) or UNSET,
            day_of_the_week=UNSET if day is None else DayOfTheWeek(day),
            time_of_the_day=hour or UNSET,
            user_ip_address=visitor.ip_address or UNSET,
            user_agent=visitor.user_agent or UNSET,
        )
        request.additional_properties = session
        return request

    return Call(
        _OPERATION,
        [{"body": body(chunk)} for chunk in chunks],
        partial(_experiences, chunks, fallback),
        _from_network,
    )


def _experiences(
    chunks: Sequence[Sequence[str]], fallback: Fallback | None, outcomes: Sequence[Outcome]
) -> Experiences:
    """One answer from those of all requests, with fallback content where that is given."""
    found: dict[str, Experience] = {}
    failures: dict[str, PersonalizeError] = {}
    errors: list[PersonalizeError] = []
    for chunk, outcome in zip(chunks, outcomes, strict=True):
        if not isinstance(outcome, PersonalizeError):
            found.update(outcome)
            continue
        if isinstance(outcome, AuthenticationError) or (fallback is None and len(chunks) == 1):
            raise outcome
        errors.append(outcome)
        failures.update((key, outcome) for key in chunk)
    if fallback is None and len(errors) == len(chunks):
        raise errors[0]
    requested = [key for chunk in chunks for key in chunk]
    if fallback is not None:
        if not requested:  # every experience was asked for, in one request
            failures = dict.fromkeys(fallback, errors[0]) if errors else {}
        for key in requested or fallback:
            if key not in found and key in fallback:
                found[key] = _from_fallback(key, fallback[key], failures.get(key))
    missing = tuple(key for key in requested if key not in found)
    experiences = Experiences(found, missing, tuple(errors))
    if errors and fallback is None:
        partial_error = PartialFetchError(
            f"{len(errors)} of {len(chunks)} requests failed, the first with: {errors[0]}",
            experiences=Experiences(found, tuple(key for key in missing if key not in failures)),
            failures=failures,
        )
        partial_error.attempts = max(error.attempts for error in errors)
        raise partial_error
    return experiences


def _from_network(response: FetchExperiencesResponse) -> dict[str, Experience]:
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
    context: dict[str, Any] = fields["experience_context"]
    _in_context(context)
    values = Models(payload, PayloadValue.from_dict)
    return Experience(key, values, context, Source.NETWORK, "matched this visitor")


def _from_fallback(
    key: str, values: Mapping[str, Any], error: PersonalizeError | None
) -> Experience:
    reason = (
        "no experience for this visitor" if error is None else f"{type(error).__name__}: {error}"
    )
    return Experience.from_fallback(key, values, reason=reason, error=error)


def _checked_keys(keys: Sequence[object]) -> tuple[str, ...]:
    if len(keys) == 1 and isinstance(keys[0], list | tuple | set | frozenset):
        raise InvalidArgumentError(
            "give the keys as arguments of their own, as in fetch(*keys)", field="keys"
        )
    return tuple(dict.fromkeys(checks.text("keys", key) for key in keys))


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


def _checked_attributes(attributes: Mapping[str, str]) -> dict[str, str]:
    checked = checks.text_mapping("attributes", attributes)
    for name in checked:
        if name in _RESERVED:
            raise InvalidArgumentError(
                f"{name!r} is a field of the API's own; use {_RESERVED[name]}", field="attributes"
            )
    return dict(checked)


def _identifiers(
    customer_id: str | None, user_identifiers: Mapping[str, str] | None
) -> Identifiers | None:
    named = checks.text_mapping(
        "user_identifiers", {} if user_identifiers is None else user_identifiers
    )
    if customer_id is None and not named:
        return None
    identifiers = Identifiers()
    if customer_id is not None:
        identifiers.customer_id = checks.text("customer_id", customer_id)
    if named:
        identifiers.user_identifiers = UserIdentifiers()
        identifiers.user_identifiers.additional_properties = named
    return identifiers
