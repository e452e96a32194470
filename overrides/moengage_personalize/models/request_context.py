"""The visitor's request and the moment of the question.

Guide: "Fetch Experience", table "Request Body".
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

import attrs

from moengage_personalize import validation
from moengage_personalize.errors import InvalidArgumentError

__all__ = ["DAYS", "HOURS", "RequestContext", "moment"]

DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
HOURS: Final = tuple(f"{hour:02}" for hour in range(24))


def _optional_text(_: object, attribute: attrs.Attribute[str | None], value: object) -> None:
    if value is not None and not isinstance(value, str):
        raise InvalidArgumentError(
            f"must be a string, not {type(value).__name__}", field=attribute.name
        )
    if value is not None:
        validation.encodable(attribute.name, value)


@attrs.frozen(kw_only=True)
class RequestContext:
    """What the visitor's own request tells, for audiences by device and by place.

    Neither value shows in a repr.

    Args:
        user_agent: The visitor's `User-Agent` header (`USER_AGENT`).
        ip_address: The visitor's address (`USER_IP_ADDRESS`).

    Raises:
        InvalidArgumentError: A value is no string.
    """

    user_agent: str | None = attrs.field(default=None, repr=False, validator=_optional_text)
    ip_address: str | None = attrs.field(default=None, repr=False, validator=_optional_text)


def moment(
    at: datetime | None, day: str | None, hour: str | int | None
) -> tuple[str | None, str | None]:
    """`DAY_OF_THE_WEEK` and `TIME_OF_THE_DAY` in UTC, from a time or from their own spellings.

    Raises:
        InvalidArgumentError: The time is naive or comes beside a day or hour, or one of these is
            not accepted.
    """
    if at is not None:
        if day is not None or hour is not None:
            raise InvalidArgumentError("gives the day and the hour already", field="at")
        if not isinstance(at, datetime) or at.utcoffset() is None:
            raise InvalidArgumentError(
                "must be a datetime with a time zone, as datetime.now(UTC) gives", field="at"
            )
        try:
            utc = at.astimezone(UTC)
        except OverflowError:
            raise InvalidArgumentError("lies outside the years 1 to 9999", field="at") from None
        return DAYS[utc.weekday()], HOURS[utc.hour]
    if day is not None:
        day = validation.choice("day", day, DAYS)
    if hour is not None:
        if isinstance(hour, int) and not isinstance(hour, bool) and 0 <= hour < len(HOURS):
            hour = HOURS[hour]
        hour = validation.choice("hour", hour, HOURS)
    return day, hour
