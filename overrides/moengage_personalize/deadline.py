"""How much time a call has left."""

from __future__ import annotations

import time

import attrs

__all__ = ["Deadline"]


@attrs.define(eq=False)
class Deadline:
    """The moment at which a call must be over, over all of its attempts and pauses."""

    total: float
    at: float

    @classmethod
    def after(cls, seconds: float) -> Deadline:
        """The deadline that many seconds from now."""
        return cls(seconds, time.monotonic() + seconds)

    @property
    def remaining(self) -> float:
        """Seconds left; zero or less once it has passed."""
        return self.at - time.monotonic()
