"""The wall-clock budget of the call that is being made.

It travels in a context variable, because the generated functions between the client, which knows
it, and the transport, which keeps to it, have no argument for it. A context variable belongs to
one thread or task, so calls cannot spend each other's time.
"""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

import attrs

__all__ = ["Budget", "current", "spend"]


@attrs.frozen
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


@contextmanager
def spend(budget: Budget) -> Generator[Budget]:
    """Make a budget the current one for the enclosed block."""
    token = _current.set(budget)
    try:
        yield budget
    finally:
        _current.reset(token)
