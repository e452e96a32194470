"""No SQLite connection may cross a fork, and none may be at work during one.

In a child, SQLite would take the locks of its parent's connections for its own and hold none: with
the parent gone, another process would delete the log that the child writes to. And a child of a
process that forks while a thread is inside SQLite inherits SQLite's own locks, and never returns.
So connections are closed before a fork, where Python is told of it. A child of a fork that Python
was not told of, as uWSGI's, leaves SQLite alone if its parent had a file open.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import weakref
from typing import Final, Protocol

__all__ = ["HoldsStill", "check_forks", "hold_still_in_forks"]


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

    def abandon(self) -> sqlite3.Connection | None:
        """Start again in a child whose parent did not close; gives what is open."""
        ...


class _Forks:
    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._known: weakref.WeakSet[HoldsStill] = weakref.WeakSet()
        self._holding: list[HoldsStill] = []
        self._process = os.getpid()
        self._is_unsafe = False

    def add(self, one: HoldsStill) -> None:
        with self._lock:
            self._known.add(one)

    def before(self) -> None:
        self._notice()
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
        self._process = os.getpid()
        self._lock = threading.RLock()
        for one in self._holding:
            one.after_fork()
        self._holding = []

    def _notice(self) -> None:
        """Notice a fork that ran no hooks."""
        if self._process == os.getpid():
            return
        self._lock = threading.RLock()
        for one in list(self._known):
            opened = one.abandon()
            if opened is not None:
                self._is_unsafe = True
                _never_close(opened)
        self._process = os.getpid()

    def check(self) -> None:
        self._notice()
        if self._is_unsafe:
            raise sqlite3.OperationalError(
                "this process was forked without Python's fork hooks while the file was open: "
                "report no event before the fork, or under uWSGI set py-call-uwsgi-fork-hooks "
                "or lazy-apps"
            )


def _never_close(connection: sqlite3.Connection) -> None:
    """Keep it beyond the interpreter's end, as closing it may wait for a lock that stays held."""
    import ctypes  # noqa: PLC0415  (rarely needed, and not everywhere)

    ctypes.pythonapi.Py_IncRef(ctypes.py_object(connection))


_forks: Final = _Forks()
if hasattr(os, "register_at_fork"):  # not on Windows
    os.register_at_fork(
        before=_forks.before,
        after_in_parent=_forks.after_in_parent,
        after_in_child=_forks.after_in_child,
    )


def hold_still_in_forks(one: HoldsStill) -> None:
    """Have it told of every fork, as long as it lives."""
    _forks.add(one)


def check_forks() -> None:
    """Raise `sqlite3.OperationalError` where SQLite is not safe to use in this process."""
    _forks.check()
