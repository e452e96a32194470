"""One connection to a file for all threads of a process, closed while the process forks.

No SQLite connection may cross a fork, and none may be in use during one. In a child, SQLite would
believe that it holds the locks of its parent. Once the parent ends, another process would delete
the log that the child writes to. And if a process forks while a thread is inside SQLite, the child
inherits SQLite's internal locks, and never returns. So connections are closed before a fork that
runs Python's hooks. After a fork without hooks, as under uWSGI, a child does not use SQLite if its
parent had a file open.
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
"""In pages: a megabyte."""
_LONGEST_WAIT: Final = 1.0
_SHORT_WAIT: Final = 0.02


class SQLiteConnection:
    """Opens a file, and opens it again with the first use after a fork.

    Args:
        path: The file; it and its folder are created if they do not exist.

    Attributes:
        identity: The identity of the open file, to notice when another file takes its place.

    Raises:
        InvalidArgumentError: The system is not POSIX.
        sqlite3.Error: The file cannot be opened or read, or was written by a newer version.
        OSError: The file or its folder cannot be created.
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
        """Lend the connection to one thread at a time; with `alone`, outside of transactions."""
        _forks.check()
        # With a time limit: a signal handler may close the spool while its own thread is in here,
        # and another thread that has locks which the handler needs waits for this one.
        if not self._lock.acquire(timeout=_LONGEST_WAIT):
            raise busy("the file is in use by another thread")
        try:
            if self._is_closed:
                raise sqlite3.ProgrammingError("the spool is closed")
            connection = self._opened or self._open()
            if alone and connection.in_transaction:  # of code that a signal handler interrupted
                raise busy("the file is in use by this thread")
            yield connection
        finally:
            self._lock.release()

    @contextmanager
    def transaction(self, kind: str = "IMMEDIATE") -> Generator[sqlite3.Connection]:
        """Lend the connection in a transaction, which never stays open after a failure."""
        with self.use(alone=True) as connection:
            connection.execute(f"BEGIN {kind}")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                # A signal handler may have closed the file; its exception must be raised.
                with suppress(sqlite3.ProgrammingError):
                    if connection.in_transaction:
                        connection.execute("ROLLBACK")
                raise

    def write_log_to_disk(self) -> None:
        """Write the log to disk on a separate connection, while `put` accepts more events.

        A long log is started again; a `put` may wait for this for milliseconds.
        """
        _forks.check()
        with self._maintaining, closing(connect(self._path)) as connection:
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
            self._shrink(connection)
            # While others write, the log never becomes empty, and grows. Little is left of it after
            # the above, so writers wait only for milliseconds, and no one waits for a slow reader.
            # This does not wait for the holder of the lock, which may itself wait for this: the
            # next call tries again.
            if self._log.stat().st_size > _LONGEST_LOG and self._lock.acquire(timeout=_SHORT_WAIT):
                try:
                    connection.execute("PRAGMA busy_timeout = 20")
                    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                finally:
                    self._lock.release()

    def _shrink(self, connection: sqlite3.Connection) -> None:
        """Free the disk space of a file that is empty again, which is quick then."""
        (unused,) = connection.execute("PRAGMA freelist_count").fetchone()
        (rows,) = connection.execute("SELECT rows FROM counts").fetchone()
        if rows == 0 and unused > _MOST_UNUSED:
            try:
                connection.execute("VACUUM")
            except sqlite3.OperationalError as error:
                if not is_busy(error):  # the next call tries again
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
        """Wait until the connection is not in use, and close it."""
        self._maintaining.acquire()
        self._lock.acquire()
        self._disconnect()

    def after_fork_in_parent(self) -> None:
        """Let the parent use the file again."""
        self._lock.release()
        self._maintaining.release()

    def after_fork(self) -> sqlite3.Connection | None:
        """Start again in a child; return a connection that nothing closed before the fork."""
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
        """Start again in a child; also called before each use, because a fork may run no hooks."""
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
    """Keep a connection open, because closing it may wait for a lock that is never released."""
    import ctypes  # noqa: PLC0415  (rarely needed, and not everywhere)

    ctypes.pythonapi.Py_IncRef(ctypes.py_object(connection))


_forks: Final = _Forks()
if hasattr(os, "register_at_fork"):  # not on Windows
    os.register_at_fork(
        before=_forks.before,
        after_in_parent=_forks.after_in_parent,
        after_in_child=_forks.after_in_child,
    )
