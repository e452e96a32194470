"""One connection to a file for all threads of a process, closed while the process forks.

No SQLite connection may cross a fork, and none may be at work during one. In a child, SQLite would
take the locks of its parent's connections for its own and hold none: with the parent gone, another
process would delete the log that the child writes to. And a child of a process that forks while a
thread is inside SQLite inherits SQLite's own locks, and never returns. So connections are closed
before a fork, where Python is told of it. A child of a fork that Python was not told of, as that of
uWSGI, leaves SQLite alone if its parent had a file open.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import weakref
from collections.abc import Generator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Final

from .errors import busy, is_busy
from .schema import Identity, connect, open_file

__all__ = ["SQLiteConnection"]

_LONGEST_LOG: Final = 8_000_000
_MOST_UNUSED: Final = 250
"""Pages: a megabyte."""
_LONGEST_WAIT: Final = 1.0
_SHORT_WAIT: Final = 0.02


class SQLiteConnection:
    """Opens a file, and again after a fork, with the next use.

    Args:
        path: The file; it and its folder are made where they do not exist.

    Attributes:
        identity: Which file it was, should another take its place.

    Raises:
        InvalidArgumentError: The system is not POSIX.
        sqlite3.Error: The file cannot be opened or read, or is of a newer version.
        OSError: The file or its folder cannot be made.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._log = Path(f"{path}-wal")
        self._opened: sqlite3.Connection | None = None
        self._is_closed = False
        self.identity: Identity | None = None
        self._make_locks()
        _forks.check()
        _forks.add(self)
        self._open()

    def _make_locks(self) -> None:
        self._lock = threading.RLock()
        self._maintaining = threading.RLock()

    def _open(self) -> sqlite3.Connection:
        with self._lock:
            self._opened, self.identity = open_file(self._path)
            return self._opened

    @contextmanager
    def use(self, *, alone: bool = False) -> Generator[sqlite3.Connection]:
        """The connection, for one thread at a time; `alone`, not within a transaction."""
        _forks.check()
        # Bounded: a signal's handler may close the spool while its thread is in here and another
        # thread, with locks that the handler needs, waits for this one.
        if not self._lock.acquire(timeout=_LONGEST_WAIT):
            raise busy("the file is in use by another thread")
        try:
            if self._is_closed:
                raise sqlite3.ProgrammingError("the spool is closed")
            connection = self._opened or self._open()
            if alone and connection.in_transaction:  # of what a signal's handler interrupted
                raise busy("the file is in use by this thread")
            yield connection
        finally:
            self._lock.release()

    @contextmanager
    def transaction(self, kind: str = "IMMEDIATE") -> Generator[sqlite3.Connection]:
        """The connection in a transaction; whatever fails, none stays open."""
        with self.use(alone=True) as connection:
            connection.execute(f"BEGIN {kind}")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                # A signal's handler may have closed the file, and what it raises must go on.
                with suppress(sqlite3.ProgrammingError):
                    if connection.in_transaction:
                        connection.execute("ROLLBACK")
                raise

    def write_log_to_disk(self) -> None:
        """Write the log to disk, on a connection of its own, while events go on being put.

        A log that grew long starts again, for which a `put` may wait for milliseconds.
        """
        _forks.check()
        with self._maintaining, closing(connect(self._path)) as connection:
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
            self._shrink(connection)
            # While others go on writing, a log is never done with, and grows. What is left of it
            # after the above is little, so that these wait for milliseconds; nobody waits for a
            # reader that takes its time. Nor does this wait for the holder of the lock, which may
            # itself be waiting for this; there is another time.
            if self._log.stat().st_size > _LONGEST_LOG and self._lock.acquire(timeout=_SHORT_WAIT):
                try:
                    connection.execute("PRAGMA busy_timeout = 20")
                    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                finally:
                    self._lock.release()

    def _shrink(self, connection: sqlite3.Connection) -> None:
        """Give back what a file that is empty again takes on the disk; that is quick then."""
        (unused,) = connection.execute("PRAGMA freelist_count").fetchone()
        (rows,) = connection.execute("SELECT rows FROM counts").fetchone()
        if rows == 0 and unused > _MOST_UNUSED:
            try:
                connection.execute("VACUUM")
            except sqlite3.OperationalError as error:
                if not is_busy(error):  # there is another time
                    raise

    def close(self) -> None:
        """Close the file for good."""
        with self._lock:
            self._is_closed = True
            self._disconnect()

    def _disconnect(self) -> None:
        opened, self._opened = self._opened, None
        if opened is not None:
            with suppress(sqlite3.Error):
                opened.close()

    def before_fork(self) -> None:
        """Wait for what is under way, and close."""
        self._maintaining.acquire()
        self._lock.acquire()
        self._disconnect()

    def after_fork_in_parent(self) -> None:
        """Go on."""
        self._lock.release()
        self._maintaining.release()

    def after_fork(self) -> sqlite3.Connection | None:
        """Start again in a child; gives what is open, as nothing closed it before the fork."""
        self._make_locks()
        opened, self._opened = self._opened, None
        return opened


class _Forks:
    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._known: weakref.WeakSet[SQLiteConnection] = weakref.WeakSet()
        self._holding: list[SQLiteConnection] = []
        self._process = os.getpid()
        self._is_unsafe = False

    def add(self, one: SQLiteConnection) -> None:
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
        self._holding = []
        self._notice()

    def _notice(self) -> None:
        """Start again in a child; called also before each use, as a fork may run no hooks."""
        if self._process == os.getpid():
            return
        self._lock = threading.RLock()
        for one in list(self._known):
            opened = one.after_fork()
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
