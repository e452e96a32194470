"""Reads all that can be read of a spool's file, even a damaged one, and changes nothing.

It reads a copy, because SQLite would change the file: it would write the log of a dead process into
it, and delete the log.
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, Final

from moengage_personalize.models.events import Event
from moengage_personalize.reporter.spool.base import Contents, SpoolCounts
from moengage_personalize.reporter.spool.event_codec import from_text

from .schema import connect, read_counts, real_path

__all__ = ["salvage"]

_PENDING: Final = "SELECT id, body, NULL FROM pending ORDER BY id"
_DEAD: Final = "SELECT id, body, reason FROM dead ORDER BY id"
_TRIES: Final = 20
_HEADER, _FRAME_HEADER = 32, 24


def salvage(path: Path) -> Contents:
    """Read a copy of a file row by row.

    Do not call it in a process that has the file open: copying would end that process's locks.

    Raises:
        sqlite3.Error: It is not a spool, or none of it can be read.
        OSError: It cannot be copied.
    """
    with tempfile.TemporaryDirectory(prefix="moengage-spool-") as folder:
        copy = Path(folder, "copy.db")
        _copy(real_path(path), copy)
        with closing(connect(copy)) as connection:
            tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
            if not tables & {"pending", "dead"}:
                raise sqlite3.NotSupportedError("the file is a database of another program")
            pending, dead = _Rows(connection, _PENDING), _Rows(connection, _DEAD)
            counts = _counts(connection)
            is_log_whole = _is_log_whole(connection, Path(f"{copy}-wal"))
    return Contents(
        [event for event, _ in pending.readable()],
        list(dead.readable()),
        counts,
        pending.unreadable + dead.unreadable,
        pending.is_whole and dead.is_whole and is_log_whole,
    )


def _copy(path: Path, copy: Path) -> None:
    """Copy a file and its log; start again if another process wrote the log into the file."""
    log = Path(f"{path}-wal")
    for _ in range(_TRIES):
        before = _moment(path, log)
        shutil.copyfile(path, copy)
        with suppress(FileNotFoundError):
            shutil.copyfile(log, f"{copy}-wal")
        if _moment(path, log) == before:
            return
        Path(f"{copy}-wal").unlink(missing_ok=True)
    raise sqlite3.OperationalError("other processes keep writing to the file; try again")


def _moment(path: Path, log: Path) -> tuple[int, bytes]:
    """Return a value that changes when the log is written into the file, or starts again."""
    header = b""
    with suppress(FileNotFoundError), log.open("rb") as file:
        header = file.read(_HEADER)
    return path.stat().st_mtime_ns, header


def _counts(connection: sqlite3.Connection) -> SpoolCounts | None:
    try:
        return read_counts(connection)
    except (sqlite3.DatabaseError, TypeError):
        return None


def _is_log_whole(connection: sqlite3.Connection, log: Path) -> bool:
    """Return whether SQLite read the log to its end; it stops at a damaged page without error."""
    content = log.read_bytes() if log.exists() else b""
    if len(content) <= _HEADER:
        return True
    try:
        ((page,),) = connection.execute("PRAGMA page_size").fetchall()
        ((_, read, _),) = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
    except sqlite3.DatabaseError:
        return False
    frame = page + _FRAME_HEADER
    # A log that starts again has the next number in its header, followed by the old pages.
    number, first = (int.from_bytes(content[at : at + 4], "big") for at in (16, _HEADER + 8))
    start = 16 if first == (number - 1) % 2**32 else _HEADER + 8
    salts = {content[16:24], content[start : start + 8]}
    # A page from the same start of the log that ends a transaction: the transaction was complete.
    return not any(
        content[at + 8 : at + 16] in salts and any(content[at + 4 : at + 8])
        for at in range(_HEADER + max(0, read) * frame, len(content) - frame + 1, frame)
    )


class _Rows:
    """The rows of a table, read from both ends up to a damaged part."""

    def __init__(self, connection: sqlite3.Connection, query: str) -> None:
        self.is_whole = True
        rows = list(self._until_damaged(connection, query))
        if not self.is_whole:
            known = {row[0] for row in rows}
            behind = self._until_damaged(connection, f"{query} DESC")
            rows += reversed([row for row in behind if row[0] not in known])
        self._events = [(from_text(body), str(reason)) for _, body, reason in rows]
        self.unreadable = sum(event is None for event, _ in self._events)

    def readable(self) -> Iterator[tuple[Event, str]]:
        for event, reason in self._events:
            if event is not None:
                yield event, reason

    def _until_damaged(self, connection: sqlite3.Connection, query: str) -> Iterator[Any]:
        try:
            yield from connection.execute(query)
        except sqlite3.DatabaseError:
            self.is_whole = False
