"""Converts times and offsets to whole seconds, as the API needs them.

Guide: "Reporting Experience Shown event", rows `event_time` and `user_timezone_offset`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from moengage_personalize.errors import InvalidArgumentError

__all__ = ["MAX_OFFSET", "epoch_seconds", "utc_offset"]

MAX_OFFSET: Final = 54_000
"""The largest offset from UTC in either direction, in seconds."""

_LAST_PLAUSIBLE_EPOCH: Final = 100_000_000_000
"""The year 5138 in seconds, and 1973 in milliseconds."""


def epoch_seconds(when: object) -> int:
    """Convert a time to whole seconds since 1970-01-01 UTC.

    Args:
        when: A datetime with a time zone, an epoch in seconds, or ISO 8601 text with an offset.

    Raises:
        InvalidArgumentError: It is none of these. A time without a time zone and an epoch in
            milliseconds are refused, because they would be silently wrong.
    """
    if isinstance(when, str):
        try:
            when = datetime.fromisoformat(when.strip())
        except ValueError:
            raise InvalidArgumentError(
                "is not ISO 8601 text, as in '2026-01-31T12:00:00Z'", field="event_time"
            ) from None
    if isinstance(when, datetime):
        if when.utcoffset() is None:
            raise InvalidArgumentError(
                "has no time zone; give one, as in datetime.now(UTC) or '2026-01-31T12:00:00Z'",
                field="event_time",
            )
        when = when.timestamp()
    if isinstance(when, bool) or not isinstance(when, int | float):
        raise InvalidArgumentError(
            "must be a datetime with a time zone, an epoch in seconds, or ISO 8601 text, "
            f"not {type(when).__name__}",
            field="event_time",
        )
    if not when >= 0:  # not a number either
        raise InvalidArgumentError("must not be before 1970", field="event_time")
    if when >= _LAST_PLAUSIBLE_EPOCH:
        raise InvalidArgumentError(
            "must be in seconds, and looks like milliseconds; divide it by 1000",
            field="event_time",
        )
    return int(when)


def utc_offset(offset: object, *, at: datetime) -> int:
    """Return a user's offset from UTC in whole seconds, positive to the east.

    Args:
        offset: Seconds, or the name of a time zone, as in `"Asia/Kolkata"`.
        at: The time for which to look up a named zone's offset (daylight saving time).

    Raises:
        InvalidArgumentError: It is none of these, or outside -54000 to 54000.
    """
    if isinstance(offset, str):
        try:
            zone = ZoneInfo(offset)
        except (OSError, ValueError, KeyError):  # a folder's name, an unsafe path, an unknown name
            raise InvalidArgumentError(
                f"{offset!r} is not a time zone; give a name such as 'Asia/Kolkata', or seconds",
                field="timezone",
            ) from None
        local = at.astimezone(zone).utcoffset()
        offset = int(local.total_seconds()) if local is not None else 0
    if isinstance(offset, bool) or not isinstance(offset, int):
        raise InvalidArgumentError(
            f"must be whole seconds from UTC, or a time zone's name, not {type(offset).__name__}",
            field="timezone",
        )
    if not -MAX_OFFSET <= offset <= MAX_OFFSET:
        raise InvalidArgumentError(
            f"must be between -{MAX_OFFSET} and {MAX_OFFSET} seconds (India is 19800)",
            field="timezone",
        )
    return offset
