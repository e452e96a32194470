"""Writes events as JSON text and reads them. ASCII only, so that each character is a byte."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Final

from moengage_personalize.models.events import Event
from moengage_personalize.models.experiences import REQUIRED_IN_CONTEXT

__all__ = [
    "MOST_BYTES",
    "TooLargeError",
    "encodable",
    "from_json",
    "from_text",
    "readable",
    "to_text",
]

MOST_BYTES: Final = 250_000
"""The largest size of one event. A usual context and a user's attributes take a few hundred."""
# `json.dumps` with separators would make an encoder for each event.
_ENCODER: Final = json.JSONEncoder(separators=(",", ":"))


class TooLargeError(ValueError):
    """An event is larger than a spool keeps."""


def to_text(event: Event) -> str:
    """Return the event as text.

    Raises:
        TooLargeError: It is larger than `MOST_BYTES`.
    """
    text = _ENCODER.encode(event.to_dict())
    if len(text) > MOST_BYTES:
        raise TooLargeError
    return text


def from_text(text: object) -> Event | None:
    """Read an event from its text; `None` if it is unreadable or could not be sent.

    The cause is a damaged disk or a newer version of the package. One such event must not stop the
    delivery of the others.
    """
    if not isinstance(text, str | bytes) or not text.isascii():
        return None
    try:
        return from_json(json.loads(text))
    except (ValueError, RecursionError):
        return None


def from_json(kept: Any) -> Event | None:  # noqa: ANN401  (any JSON value)
    """Read an event from its JSON value; `None` as in `from_text`."""
    try:
        event = Event.from_dict(kept)
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
    return event if _is_whole(event) else None


def readable(texts: Iterable[object]) -> list[Event]:
    """Return the events that can be read."""
    return [event for text in texts if (event := from_text(text)) is not None]


def _is_whole(event: Event) -> bool:
    """Check the types of all that a request needs, because a damaged disk may change them."""
    attributes: object = event.attributes
    of_user: object = event.user_attributes
    kinds = (
        (event.customer_id, str),
        (event.platform, str),
        (event.event_time, int),
        (event.user_timezone_offset, int | None),
    )
    return (
        all(isinstance(value, kind) for value, kind in kinds)
        and (of_user is None or isinstance(of_user, dict))
        and isinstance(attributes, dict)
        and all(isinstance(event.attributes.get(name), str) for name in REQUIRED_IN_CONTEXT)
    )


def encodable(text: str) -> str:
    """Replace lone surrogates, which no store accepts, in text that is not sent to the API."""
    return text.encode(errors="backslashreplace").decode()
