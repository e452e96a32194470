"""Fetching experiences.

Guide: "Fetch Experience".
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from operator import itemgetter
from typing import Any, Final, Literal

import attrs

from moengage_personalize import validation
from moengage_personalize.errors import (
    AuthenticationError,
    InvalidArgumentError,
    PersonalizeError,
    UnreadableAnswerError,
)
from moengage_personalize.models.experiences import Experience, Experiences, Source
from moengage_personalize.models.values import is_array, is_object
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

from .operation import Call, Outcome

__all__ = ["MAX_KEYS", "Found", "Moment", "checked_keys", "fetch_call"]

MAX_KEYS: Final = 25
"""The largest number of keys in a request; the API silently ignores the others."""

# Raises if a field is missing, in a tenth of the time that making a model takes.
_in_value: Final = itemgetter("value", "data_type")
_is_reason: Final = re.compile("[A-Z][A-Z0-9_]+").fullmatch
_DAYS: Final = tuple(
    map(
        DayOfTheWeek,
        ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    )
)
_HOURS: Final = tuple(f"{hour:02}" for hour in range(24))

Moment = datetime | Literal["now"] | None
"""The time for experiences that are targeted by day or hour; None for no time."""


@attrs.define
class Found:
    """The results of the requests of a fetch.

    Attributes:
        experiences: The experiences in the answers, by key.
        missing: The requested keys without an experience.
        errors: The errors, by key.
        failed: The error of each request that failed.
        reasons: The API's reasons for missing keys.
    """

    experiences: dict[str, Experience] = attrs.field(factory=dict[str, Experience])
    missing: list[str] = attrs.field(factory=list[str])
    errors: dict[str, PersonalizeError] = attrs.field(factory=dict[str, PersonalizeError])
    failed: list[PersonalizeError] = attrs.field(factory=list[PersonalizeError])
    reasons: dict[str, str] = attrs.field(factory=dict[str, str])

    def to_experiences(self) -> Experiences:
        """Return the result of `fetch`.

        Raises:
            PersonalizeError: A request failed.
        """
        missing = self.missing
        if self.failed:
            missing = [key for key in missing if self.errors.get(key) not in self.failed]
        found = Experiences(self.experiences, tuple(missing), self.errors, self.reasons)
        if not self.failed:
            return found
        refused = [error for error in self.failed if isinstance(error, AuthenticationError)]
        failure = (refused or self.failed)[0]
        if found or missing:  # some requests succeeded
            failure.experiences = found
        raise failure


def fetch_call(
    keys: Sequence[str],
    visitor: Visitor | str | None,
    at: Moment,
    answer: Callable[[Found], Experiences] = Found.to_experiences,
) -> Call[Experiences]:
    """Make a fetch with 25 keys in each request; without keys, one request for every experience.

    `answer` makes the caller's result from the answers.

    Raises:
        InvalidArgumentError: An argument is not acceptable; the error names it.
    """
    keys = checked_keys(keys)
    fields: dict[str, Any] = {}  # only those that are given, because most are not
    attributes: Mapping[str, str] = {}
    if visitor is not None:
        visitor = as_visitor(visitor)
        attributes = visitor.attributes
        fields["identifiers"] = _identifiers(visitor)
        fields["user_ip_address"] = visitor.ip_address or UNSET
        fields["user_agent"] = visitor.user_agent or UNSET
    if at == "now":
        now = time.gmtime()
        fields["day_of_the_week"] = _DAYS[now.tm_wday]
        fields["time_of_the_day"] = _HOURS[now.tm_hour]
    elif at is not None:
        utc = _utc(at)
        fields["day_of_the_week"] = _DAYS[utc.weekday()]
        fields["time_of_the_day"] = _HOURS[utc.hour]
    chunks = [keys[start : start + MAX_KEYS] for start in range(0, len(keys), MAX_KEYS)] or [()]
    parts: list[dict[str, Any]] = []
    for chunk in chunks:
        body = FetchExperiencesRequest(experience_key=list(chunk) or UNSET, **fields)
        body.additional_properties = dict(attributes)
        parts.append({"body": body})
    merge = partial(_answer, chunks, answer)
    return Call(fetch_experiences, parts, merge, _from_network, nothing=Found())


def _answer(
    chunks: Sequence[Sequence[str]],
    answer: Callable[[Found], Experiences],
    outcomes: Sequence[Outcome],
) -> Experiences:
    """Combine the answers of all requests."""
    parts: list[Found] = [
        outcome if type(outcome) is Found else _failed(chunk, outcome)
        for chunk, outcome in zip(chunks, outcomes, strict=True)
    ]
    whole = parts[0]
    for part in parts[1:]:
        whole.experiences.update(part.experiences)
        whole.errors.update(part.errors)
        whole.failed += part.failed
        whole.reasons = part.reasons | whole.reasons
    whole.missing = [key for chunk in chunks for key in chunk if key not in whole.experiences]
    if whole.reasons and any(chunks):  # for a fetch without keys, all are kept
        whole.reasons = {key: whole.reasons[key] for key in whole.missing if key in whole.reasons}
    return answer(whole)


def _failed(keys: Sequence[str], error: PersonalizeError) -> Found:
    return Found(errors=dict.fromkeys(keys, error), failed=[error])


def _from_network(response: FetchExperiencesAnswer) -> Found:
    """Check the experiences of an answer; their values become models when they are used.

    A bad experience becomes an error, and hides no other.

    Raises:
        AttributeError: The answer has no object of experiences.
    """
    by_key: Any = response.experiences.additional_properties
    found = Found()
    for key, fields in by_key.objects.items():
        experience = _experience(key, fields)
        if isinstance(experience, PersonalizeError):
            found.errors[key] = experience
            continue
        found.experiences[key] = experience
        if experience.error is not None:
            found.errors[key] = experience.error
    if response.additional_properties:
        told = reversed([*_reasons(response.additional_properties.values())])
        # The first reason for a key counts.
        found.reasons = {key: reason for key, reason in told if key not in by_key.objects}
    return found


def _reasons(further: Iterable[Any]) -> Iterator[tuple[str, str]]:
    """Read reasons for keys from undocumented fields: a word, or an object's `reason`.

    The vendor's SDKs know such reasons, but the API's answer is not documented to have them. So
    this reads both forms of its lists: by key, and as rows with an `experience_key`.
    """
    for field in further:
        rows: Iterable[tuple[Any, Any]] = field.items() if is_object(field) else ()
        if is_array(field):
            rows = ((row.get("experience_key"), row) for row in field if is_object(row))
        for key, told in rows:
            reason = told.get("reason") if is_object(told) else told
            if isinstance(key, str) and isinstance(reason, str) and _is_reason(reason):
                yield key, reason


def _experience(key: str, fields: Any) -> Experience | UnreadableAnswerError:  # noqa: ANN401  (any JSON value)
    try:
        payload: dict[str, Any] = fields["payload"]
        values = payload.values()
    except (KeyError, TypeError, AttributeError):
        return _incomplete(f"the experience {key!r} has no object 'payload'", "payload")
    error = None
    try:
        for value in values:
            _in_value(value)
    except (KeyError, TypeError) as trouble:
        whole = {name: value for name, value in payload.items() if _is_value(value)}
        name = next(name for name in payload if name not in whole)
        field = str(trouble.args[0]) if isinstance(trouble, KeyError) else "value"
        error = _incomplete(f"the value {name!r} of {key!r} lacks the field {field!r}", field)
        payload = whole
    context: dict[str, Any] = {}  # a bad context must not hide the payload
    if "experience_context" in fields and type(fields["experience_context"]) is dict:
        context = fields["experience_context"]
    models = Models(payload, PayloadValue.from_dict)
    return Experience(key, models, context, Source.NETWORK, "matched this visitor", error)


def _is_value(value: Any) -> bool:  # noqa: ANN401  (any JSON value)
    return is_object(value) and value.keys() >= {"value", "data_type"}


def _incomplete(problem: str, field: str) -> UnreadableAnswerError:
    return UnreadableAnswerError(f"the API's answer is incomplete: {problem}", field=field)


def checked_keys(keys: Sequence[str]) -> tuple[str, ...]:
    """Return the keys, each once.

    Raises:
        InvalidArgumentError: A key is blank or not text, or the keys are in a list.
    """
    if len(keys) == 1 and type(keys[0]) is not str and isinstance(keys[0], Iterable):
        raise InvalidArgumentError(
            "pass each key as its own argument, as in fetch(*keys)", field="keys"
        )
    for key in keys:
        validation.text("keys", key)
    return tuple(dict.fromkeys(keys))


def _identifiers(visitor: Visitor) -> Identifiers | Unset:
    """Leave out the session ID, because the API would look for a customer with that ID."""
    identifiers = Identifiers(visitor.customer_id or UNSET)
    if visitor.identifiers:
        identifiers.user_identifiers = UserIdentifiers()
        identifiers.user_identifiers.additional_properties = dict(visitor.identifiers)
    return identifiers if visitor.customer_id or visitor.identifiers else UNSET


def _utc(at: object) -> datetime:
    if not isinstance(at, datetime) or at.utcoffset() is None:
        raise InvalidArgumentError(
            'must be "now", None, or a datetime with a time zone, as datetime.now(UTC) gives',
            field="at",
        )
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise InvalidArgumentError("is outside the years 1 to 9999", field="at") from None
