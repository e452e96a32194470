"""How a spool writes an event down: JSON text, ASCII only, so that characters are bytes."""

from __future__ import annotations

import json
from typing import Final

from moengage_personalize.events import Event

__all__ = ["encodable", "from_text", "to_text"]

# `json.dumps` with separators would make an encoder for each event.
_ENCODER: Final = json.JSONEncoder(separators=(",", ":"))


def to_text(event: Event) -> str:
    """The event as text."""
    return _ENCODER.encode(event.to_dict())


def from_text(text: str | bytes) -> Event | None:
    """The event that was written down; `None` where it is unreadable.

    A damaged disk or a newer version of the package makes it so, and one such event must not keep
    the others from delivery.
    """
    if not text.isascii():
        return None
    try:
        return Event.from_dict(json.loads(text))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def encodable(text: str) -> str:
    """Text without lone surrogates, which no store takes; for what is not sent to the API."""
    return text.encode(errors="backslashreplace").decode()
