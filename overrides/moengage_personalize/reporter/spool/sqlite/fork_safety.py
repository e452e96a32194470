"""No SQLite connection may cross a fork, and none may be at work during one.

In a child, SQLite would take the locks of its parent's connections for its own and hold none: with
the parent gone, another process would delete the log that the child writes to. And a child of a
process that forks while a thread is inside SQLite inherits SQLite's own locks, and never returns.
"""

from __future__ import annotations

import threading
import weakref
from typing import Final, Protocol

from moengage_personalize.forks import register_at_fork

__all__ = ["HoldsStill", "hold_still_in_forks"]


class HoldsStill(Protocol):
    """What closes its connections before a fork."""

    def before_fork(self) -> None:
        """Wait for what is under way, close, and begin nothing."""
        ...

    def after_fork_in_parent(self) -> None:
        """Go on."""
        ...

    def after_fork(self) -> None:
        """Start again in the child."""
        ...


class _Forks:
    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._known: weakref.WeakSet[HoldsStill] = weakref.WeakSet()
        self._holding: list[HoldsStill] = []

    def add(self, one: HoldsStill) -> None:
        with self._lock:
            self._known.add(one)

    def before(self) -> None:
        self._lock.acquire()
        self._holding = list(self._known)
        for one in self._holding:
            one.before_fork()

    def after_in_parent(self) -> None:
        for one in self._holding:
            one.after_fork_in_parent()
        self._holding = []
        self._lock.release()

    def after_in_child(self) -> None:
        self._lock = threading.RLock()
        for one in self._holding:
            one.after_fork()
        self._holding = []


_forks: Final = _Forks()
register_at_fork(
    before=_forks.before,
    after_in_parent=_forks.after_in_parent,
    after_in_child=_forks.after_in_child,
)


def hold_still_in_forks(one: HoldsStill) -> None:
    """Have it told of every fork, as long as it lives."""
    _forks.add(one)
