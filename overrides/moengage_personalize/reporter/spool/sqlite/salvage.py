"""Reads what can be read of a spool's file, however damaged it is."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import attrs

from moengage_personalize.models.events import Event
from moengage_personalize.reporter.spool.event_codec import from_text

from .schema import connect

__all__ = ["Salvage", "salvage"]

_PENDING: Final = "SELECT id, body, NULL FROM pending ORDER BY id"
_DEAD: Final = "SELECT id, body, reason FROM dead ORDER BY id"


@attrs.frozen
class Salvage:
    """What was found in a file.

    Attributes:
        pending: The pending events, oldest first.
        dead: The dead letters with the API's reason, oldest first.
        unreadable: Events that were found, and cannot be read.
        is_whole: Whether all of the file could be read. Else there may have been more events.
    """

    pending: Sequence[Event]
    dead: Sequence[tuple[Event, str]]
    unreadable: int
    is_whole: bool


def salvage(path: Path) -> Salvage:
    """Read a file row by row, and leave it as it is.

    Raises:
        sqlite3.Error: It is no spool, or nothing of it can be read.
    """
    with closing(connect(path)) as connection:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchall()
        pending, dead = _Rows(connection, _PENDING), _Rows(connection, _DEAD)
    return Salvage(
        [event for event, _ in pending.readable()],
        list(dead.readable()),
        pending.unreadable + dead.unreadable,
        pending.is_whole and dead.is_whole,
    )


class _Rows:
    """The rows of a table: up to what is damaged from both ends."""

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
