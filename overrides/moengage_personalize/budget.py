"""The wall-clock budget of the call that is being made.

It travels in a context variable, because the generated functions between the client, which knows
it, and the transport, which keeps to it, have no argument for it. A context variable belongs to
one thread or task, so calls cannot spend each other's time.
"""

from __future__ import annotations

import time
from contextvars import ContextVar
from typing import Final

import attrs

__all__ = ["Budget", "current", "spend"]


@attrs.define(eq=False)
class Budget:
    """So many seconds, of which some are left."""

    total: float
    deadline: float

    @classmethod
    def of(cls, seconds: float) -> Budget:
        """A budget that begins now."""
        return cls(seconds, time.monotonic() + seconds)

    @property
    def remaining(self) -> float:
        """Seconds left; zero or less when it is spent."""
        return self.deadline - time.monotonic()


_current: Final[ContextVar[Budget | None]] = ContextVar("moengage_personalize_budget", default=None)


def current() -> Budget | None:
    """The budget of the call that is being made, if it has one yet."""
    return _current.get()


class spend:  # noqa: N801  (reads as the verb it is; a generator would cost a call 2 µs more)
    """Make a budget the current one for the enclosed block."""

    __slots__ = ("_budget", "_token")

    def __init__(self, budget: Budget) -> None:
        self._budget = budget

    def __enter__(self) -> Budget:
        self._token = _current.set(self._budget)
        return self._budget

    def __exit__(self, *_: object) -> None:
        _current.reset(self._token)
