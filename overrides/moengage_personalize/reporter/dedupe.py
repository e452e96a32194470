"""Leaves out repeated impressions of one visitor."""

from __future__ import annotations

import sys
import threading
from typing import Final

import attrs

from moengage_personalize import validation
from moengage_personalize.models.events import Action, Event

__all__ = ["Dedupe", "SeenImpressions"]

_ATTRIBUTES: Final = ("cid", "experience", "moe_variation_id")

Key = tuple[object, ...]


def _positive(_: object, attribute: attrs.Attribute[float], value: float) -> None:
    validation.seconds(attribute.name, value, most=sys.float_info.max)


def _count(_: object, attribute: attrs.Attribute[int], value: int) -> None:
    validation.positive(attribute.name, value)


@attrs.frozen
class Dedupe:
    """Report repeated impressions of one customer, experience and variation only once.

    Each process remembers only its own impressions. `stats.suppressed` counts the repeats.

    Attributes:
        seconds: How long after a reported impression its repeats are left out, in seconds.
        size: The largest number of impressions to remember; the oldest are forgotten first.
    """

    seconds: float = attrs.field(default=1_800.0, validator=_positive)
    size: int = attrs.field(default=50_000, validator=_count)


class SeenImpressions:
    """The impressions that a process kept recently. Threads may share one.

    Callers pass in the time, in seconds.
    """

    def __init__(self, dedupe: Dedupe) -> None:
        self._dedupe = dedupe
        self._lock = threading.Lock()
        self._seen: dict[Key, float] = {}
        self.suppressed = 0

    def suppresses(self, event: Event, now: float) -> bool:
        """Return whether the impression is a repeat, and count it; remember it if it is not."""
        if event.action is not Action.SHOWN:
            return False
        key = _key(event)
        with self._lock:
            if self._seen.get(key, now) > now:
                self.suppressed += 1
                return True
            self._seen.pop(key, None)
            self._seen[key] = now + self._dedupe.seconds
            # They are in the order in which they end, so the first is the oldest.
            while len(self._seen) > self._dedupe.size:
                del self._seen[next(iter(self._seen))]
        return False

    def forget(self, event: Event) -> None:
        """Forget an impression that was not kept after all, so that it may be reported again."""
        with self._lock:
            self._seen.pop(_key(event), None)


def _key(event: Event) -> Key:
    return (event.customer_id, *(event.attributes.get(name) for name in _ATTRIBUTES))
