"""A spool in an SQLite file: it outlives the process, and several processes may share it.

The file is in write-ahead mode. When `put` returns, the operating system has the event, so it
survives the death of the process. The log is written to disk in the background.
"""

from __future__ import annotations

import json
import math
import os
import sqlite3
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from operator import itemgetter
from pathlib import Path
from typing import Any, Final

from moengage_personalize.models.events import Event
from moengage_personalize.reporter.spool.base import (
    DEAD_LETTERS_FULL,
    ERASED,
    UNREADABLE,
    DeadLetter,
    DurableSpool,
    LeasedEvent,
    Limits,
    SpoolCounts,
    first_within,
)
from moengage_personalize.reporter.spool.event_codec import encodable, from_text, readable, to_text

from .connection import SQLiteConnection
from .errors import corrupt
from .schema import Identity, read_counts, real_path

__all__ = ["SQLiteSpool"]

_DROP: Final = """
INSERT INTO dropped VALUES (?, ?)
ON CONFLICT (reason) DO UPDATE SET events = events + excluded.events
"""
_LONGEST_LEASE: Final = 3_600.0
_LEAST_LONG_LEASE: Final = 120.0
_FREE: Final = "(coalesce(leased_until, 0) <= ? OR leased_until > ?)"
"""Not leased; a lease beyond the longest was made before the clock was set back."""
# In one row, because each row releases the GIL. A busy page would be slow to give it back to a
# transaction that all others wait for.
_FIRST_FREE: Final = f"""
SELECT json_group_array(json_array(id, hex(customer_id), size)) FROM (
    SELECT id, customer_id, coalesce(length(CAST(body AS TEXT)), 0) AS size
    FROM pending WHERE {_FREE} ORDER BY id LIMIT ?
)
"""  # noqa: S608  (a constant)
_BODIES: Final = """
SELECT json_group_array(json_array(id, CAST(body AS TEXT))) FROM pending
WHERE id IN (SELECT value FROM json_each(?))
"""
_ID_DIGITS: Final = 7
"""The hexadecimal digits of a digest that fit into a signed 32-bit number."""
_AMONG: Final = "id IN (SELECT value FROM json_each(?)) AND owner = ?"


class SQLiteSpool(DurableSpool):
    """Keeps events in an SQLite file that only its owner can read.

    Args:
        path: The file; it and its folder are created if they do not exist. (If a reporter gets a
            path instead of this class, the folder must exist.)
        limits: How much it may hold, over all processes that share it. Each process may exceed it
            by 1 %, because it does not read the file before every event.
        clock: The time in seconds since 1970, the same for all processes.

    Attributes:
        path: The file.

    Raises:
        InvalidArgumentError: The system is not POSIX.
        sqlite3.Error: The file cannot be opened or read, or was written by a newer version.
        OSError: The file or its folder cannot be created.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        limits: Limits | None = None,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.path: Path = real_path(path)
        self._limits = limits or Limits()
        self._clock = clock
        self._sure_rows = self._sure_bytes = 0
        self._longest_lease = _LONGEST_LEASE
        self._file = SQLiteConnection(self.path)

    @property
    def identity(self) -> Identity | None:
        """The identity of the file, to notice when another takes its place."""
        return self._file.identity

    def bind(self, workspace: str) -> None:
        # In the file's header, which has a field for the owner of a file.
        own = int(workspace[:_ID_DIGITS], 16) or 1
        with self._file.transaction() as connection:
            (bound,) = connection.execute("PRAGMA application_id").fetchone()
            if bound == 0:
                connection.execute(f"PRAGMA application_id = {own}")
            elif bound != own:
                raise sqlite3.NotSupportedError(
                    "it has the events of another workspace; give each workspace its own file"
                )

    def put(self, event: Event) -> None:
        row = (encodable(event.customer_id), to_text(event))
        with self._file.use(alone=True) as connection:
            connection.execute("INSERT INTO pending (customer_id, body) VALUES (?, ?)", row)
            self._sure_rows -= 1
            self._sure_bytes -= len(row[1])

    def refuse(self, event: Event, reason: str) -> None:  # noqa: ARG002  (the protocol's)
        with self._file.transaction() as connection:
            connection.execute("UPDATE counts SET accepted = accepted + 1")
            connection.execute(_DROP, (reason, 1))

    def is_full(self) -> bool:
        if self._sure_rows > 0 and self._sure_bytes > 0:
            return False
        with self._file.use() as connection:
            rows, size = connection.execute("SELECT rows, bytes FROM counts").fetchone()
            free_rows, free_bytes = self._limits.rows - rows, self._limits.bytes - size
            self._sure_rows, self._sure_bytes = free_rows // 100, free_bytes // 100
        return bool(free_rows <= 0 or free_bytes <= 0)

    def drop_oldest(self, reason: str) -> Sequence[Event]:
        dropped: list[str] = []
        with self._file.transaction() as connection:
            while self.is_full():
                row = connection.execute(
                    f"SELECT id, body FROM pending WHERE {_FREE} ORDER BY id LIMIT 1",  # noqa: S608  (a constant)
                    (self._clock(), self._clock() + self._longest_lease),
                ).fetchone()
                if row is None:
                    break
                connection.execute("DELETE FROM pending WHERE id = ?", row[:1])
                dropped.append(row[1])
            connection.execute(_DROP, (reason, len(dropped)))
        return readable(dropped)

    def lease(
        self, owner: str, *, events: int, users: int, seconds: float, size: int = sys.maxsize
    ) -> Sequence[LeasedEvent]:
        with self._file.transaction() as connection:
            now = self._clock()
            # A lease far longer than this reporter's was made before the clock was set back.
            self._longest_lease = min(max(2 * seconds, _LEAST_LONG_LEASE), _LONGEST_LEASE)
            rows, bytes_ = connection.execute("SELECT rows, bytes FROM counts").fetchone()
            about = min(events, 2 * size * rows // max(1, bytes_) + 1)  # so that few are read
            which = (now, now + self._longest_lease, about)
            ((free,),) = connection.execute(_FIRST_FREE, which).fetchall()
            ids = _ids(first_within(json.loads(free), events=events, users=users, size=size))
            ((found,),) = connection.execute(_BODIES, (ids,)).fetchall()
            leased: list[tuple[int, str | None]] = sorted(json.loads(found), key=itemgetter(0))
            updated = connection.execute(
                "UPDATE pending SET owner = ?, leased_until = ? "
                "WHERE id IN (SELECT value FROM json_each(?))",
                (owner, now + seconds, ids),
            )
            if not updated.rowcount == len(leased) == len(json.loads(ids)):
                raise corrupt("some events of the file cannot be found by their IDs")
        return list(self._readable(owner, leased))

    def renew(self, owner: str, ids: Iterable[Any], *, seconds: float) -> None:
        with self._file.use() as connection:
            connection.execute(
                f"UPDATE pending SET leased_until = ? WHERE {_AMONG}",  # noqa: S608  (a constant)
                (self._clock() + seconds, _ids(ids), owner),
            )

    def deliver(self, owner: str, ids: Iterable[Any]) -> None:
        with self._file.transaction() as connection:
            removed = connection.execute(
                f"DELETE FROM pending WHERE {_AMONG}",  # noqa: S608  (a constant)
                (_ids(ids), owner),
            )
            connection.execute("UPDATE counts SET delivered = delivered + ?", (removed.rowcount,))

    def dead_letter(self, owner: str, letter: LeasedEvent, reason: str) -> Sequence[Event] | None:
        with self._file.transaction() as connection:
            if not self._dead_letter(owner, letter.id, reason):
                return None
            dropped = connection.execute(
                "SELECT id, body FROM dead ORDER BY id LIMIT "
                "(SELECT max(0, count(*) - ?) FROM dead)",
                (self._limits.dead,),
            ).fetchall()
            connection.execute(
                "DELETE FROM dead WHERE id IN (SELECT value FROM json_each(?))",
                (_ids(id_ for id_, _ in dropped),),
            )
            connection.execute(_DROP, (DEAD_LETTERS_FULL, len(dropped)))
        return readable(body for _, body in dropped)

    def _dead_letter(self, owner: str, id_: int, reason: str) -> bool:
        with self._file.use() as connection:
            updated = connection.execute(
                f"INSERT OR REPLACE INTO dead SELECT id, body, ? FROM pending WHERE {_AMONG}",  # noqa: S608  (a constant)
                (encodable(reason), _ids([id_]), owner),
            )
            connection.execute(
                f"DELETE FROM pending WHERE {_AMONG}",  # noqa: S608  (a constant)
                (_ids([id_]), owner),
            )
        return updated.rowcount > 0

    def release(self, owner: str, ids: Iterable[Any]) -> None:
        with self._file.use() as connection:
            connection.execute(
                f"UPDATE pending SET owner = NULL, leased_until = 0 WHERE {_AMONG}",  # noqa: S608  (a constant)
                (_ids(ids), owner),
            )

    def dead_letters(self) -> Sequence[DeadLetter]:
        """Return the dead letters, oldest first; unreadable ones stay in the file, and count."""
        with self._file.use() as connection:
            rows = connection.execute("SELECT id, body, reason FROM dead ORDER BY id").fetchall()
        return [
            DeadLetter(id_, event, reason)
            for id_, body, reason in rows
            if (event := from_text(body)) is not None
        ]

    def retry_dead(self) -> int:
        """Make every dead letter pending again, and return how many there were."""
        with self._file.transaction() as connection:
            moved = connection.execute(
                "INSERT INTO pending (customer_id, body) "
                "SELECT coalesce(CASE WHEN json_valid(body) THEN json_extract(body, ?) END, ''), "
                "body FROM dead ORDER BY id",
                ("$.customer_id",),
            ).rowcount
            connection.execute("UPDATE counts SET accepted = accepted - ?", (moved,))
            connection.execute("DELETE FROM dead")
        return moved

    def purge_dead(self, reason: str, *, before: float = math.inf) -> int:
        with self._file.transaction() as connection:
            purged = connection.execute(
                "DELETE FROM dead WHERE ? OR CASE WHEN json_valid(body) THEN "
                "json_extract(body, '$.event_time') END < ?",
                (before == math.inf, before),
            ).rowcount
            connection.execute(_DROP, (reason, purged))
        return purged

    def drop(self, owner: str, ids: Iterable[Any], reason: str) -> None:
        with self._file.transaction() as connection:
            removed = connection.execute(
                f"DELETE FROM pending WHERE {_AMONG}",  # noqa: S608  (a constant)
                (_ids(ids), owner),
            )
            connection.execute(_DROP, (reason, removed.rowcount))

    def erase(self, customer_id: str) -> int:
        """Drop every event of a customer, even leased and dead ones; return how many there were."""
        with self._file.use(alone=True) as connection:
            connection.execute("PRAGMA secure_delete = ON")
            with self._file.transaction():
                erased = connection.execute(
                    "DELETE FROM pending WHERE customer_id = ?", (encodable(customer_id),)
                ).rowcount
                erased += connection.execute(
                    "DELETE FROM dead WHERE CASE WHEN json_valid(body) THEN "
                    "json_extract(body, '$.customer_id') END = ?",
                    (customer_id,),
                ).rowcount
                connection.execute(_DROP, (ERASED, erased))
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return erased

    def restore(self, event: Event, reason: str | None) -> None:
        """Accept an event as pending, or as a dead letter if it has a reason."""
        if reason is None:
            self.put(event)
            return
        row = (encodable(event.customer_id), to_text(event), "restored")
        with self._file.transaction() as connection:
            added = connection.execute(
                "INSERT INTO pending (customer_id, body, owner) VALUES (?, ?, ?)", row
            )
            self._dead_letter("restored", added.lastrowid or 0, reason)

    def counts(self) -> SpoolCounts:
        with self._file.transaction("DEFERRED") as connection:
            return read_counts(connection)

    def probe(self) -> None:
        with self._file.transaction() as connection:
            connection.execute("SAVEPOINT probe")
            connection.execute("INSERT INTO pending (customer_id, body) VALUES ('', '')")
            connection.execute(_FIRST_FREE, (0, math.inf, 1)).fetchall()
            connection.execute("INSERT INTO dead SELECT id, body, '' FROM pending LIMIT 1")
            connection.execute("DELETE FROM pending WHERE body = ''")
            connection.execute("ROLLBACK TO probe")
            # A full disk can be read, so only a write shows that there is room again.
            connection.execute("UPDATE counts SET delivered = delivered")

    def maintain(self) -> None:
        """Write the log to disk, while `put` accepts more events."""
        self._file.write_log_to_disk()

    def leave(self) -> Sequence[Event]:
        """Return all events that are not leased, and close: the file is no longer at its place."""
        with self._file.use():
            most = sys.maxsize
            leased = self.lease("", events=most, users=most, seconds=_LONGEST_LEASE)
            self.close()
        return [one.event for one in leased]

    def close(self) -> None:
        self._file.close()

    def _readable(
        self, owner: str, leased: Iterable[tuple[int, str | None]]
    ) -> Iterable[LeasedEvent]:
        """Return the readable events; make the others dead letters, not to lease them again."""
        for id_, body in leased:
            event = from_text(body)
            if event is None:
                with self._file.transaction() as connection:
                    # A value that is not text any more would fail the triggers that count.
                    connection.execute(
                        "UPDATE pending SET body = coalesce(CAST(body AS TEXT), '') WHERE id = ?",
                        (id_,),
                    )
                    self._dead_letter(owner, id_, UNREADABLE)
            else:
                yield LeasedEvent(id_, event, len(body or ""))


def _ids(ids: Iterable[Any]) -> str:
    return json.dumps(list(ids))
