"""Impressions that are reported once in a while, however often a page is shown."""

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
    """Report an impression of one customer, experience and variation once within a time.

    Each process remembers its own. What is left out is counted in `stats.suppressed`.

    Attributes:
        seconds: For so long after one that was kept.
        size: So many impressions are remembered; the oldest are forgotten first.
    """

    seconds: float = attrs.field(default=1_800.0, validator=_positive)
    size: int = attrs.field(default=50_000, validator=_count)


class SeenImpressions:
    """The impressions that a process has kept lately. Threads may share one.

    Time is a number of seconds that callers pass in.
    """

    def __init__(self, dedupe: Dedupe) -> None:
        self._dedupe = dedupe
        self._lock = threading.Lock()
        self._seen: dict[Key, float] = {}
        self.suppressed = 0

    def suppresses(self, event: Event, now: float) -> bool:
        """Whether it is an impression that was kept lately, which it counts; notes it otherwise."""
        if event.action is not Action.SHOWN:
            return False
        key = _key(event)
        with self._lock:
            if self._seen.get(key, now) > now:
                self.suppressed += 1
                return True
            self._seen.pop(key, None)
            self._seen[key] = now + self._dedupe.seconds
            # In the order of their ends, so the first is the oldest.
            while len(self._seen) > self._dedupe.size:
                del self._seen[next(iter(self._seen))]
        return False

    def forget(self, event: Event) -> None:
        """Take an impression back that was not kept after all: it may be reported again."""
        with self._lock:
            self._seen.pop(_key(event), None)


def _key(event: Event) -> Key:
    return (event.customer_id, *(event.attributes.get(name) for name in _ATTRIBUTES))
