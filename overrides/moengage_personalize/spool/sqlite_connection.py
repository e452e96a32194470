"""One connection to a file for all threads of a process, closed while the process forks."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Generator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Final

from .forks import hold_still_in_forks
from .sqlite_opening import Identity, connect, open_file

__all__ = ["SQLiteConnection"]

_LONGEST_LOG: Final = 8_000_000


class SQLiteConnection:
    """Opens a file, and again after a fork, with the next use.

    Args:
        path: The file; it and its folder are made where they do not exist.

    Attributes:
        identity: Which file it was, should another take its place.

    Raises:
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
    def use(self) -> Generator[sqlite3.Connection]:
        """The connection, for one thread at a time."""
        with self._lock:
            if self._is_closed:
                raise sqlite3.ProgrammingError("the spool is closed")
            yield self._opened or self._open()

    @contextmanager
    def transaction(self, kind: str = "IMMEDIATE") -> Generator[sqlite3.Connection]:
        """The connection in a transaction; whatever fails, none stays open."""
        with self.use() as connection:
            connection.execute(f"BEGIN {kind}")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    def write_log_to_disk(self) -> None:
        """Write the log to disk, on a connection of its own: nobody waits for the disk."""
        with self._maintaining, closing(connect(self._path)) as connection:
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
            # While others go on writing, a log is never done with, and grows. What is left of it
            # after the above is little, so that these wait for milliseconds; nobody waits for a
            # reader that takes its time.
            if self._log.stat().st_size > _LONGEST_LOG:
                connection.execute("PRAGMA busy_timeout = 20")
                with self._lock:
                    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Close the file, for ever."""
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
        """Begin anew in a child process, where no other thread is."""
        self._make_locks()
