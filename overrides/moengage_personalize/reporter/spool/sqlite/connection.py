"""One connection to a file for all threads of a process, closed while the process forks."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Generator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Final

from .errors import busy, is_busy
from .fork_safety import check_forks, hold_still_in_forks
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
        check_forks()
        hold_still_in_forks(self)
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
        check_forks()
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
        check_forks()
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

    def after_fork(self) -> None:
        """Start again in a child process, where no other thread is."""
        self._make_locks()

    def abandon(self) -> sqlite3.Connection | None:
        """Start again in a child whose parent did not close; gives what is open."""
        self._make_locks()
        opened, self._opened = self._opened, None
        return opened
