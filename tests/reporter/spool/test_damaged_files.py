"""Flipped bits of a spool's file: every undamaged event arrives, or the file is set aside."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from pathlib import Path
from uuid import UUID

import pytest

from moengage_personalize.models.events import Event
from moengage_personalize.reporter.spool import ResilientSpool, SQLiteSpool
from moengage_personalize.reporter.spool.event_codec import to_text
from moengage_personalize.reporter.spool.sqlite.file import SQLiteFile
from support import CONTEXT

EVENTS = 40
MOST_ROUNDS = 10


def event(number: int) -> Event:
    """Always the same, so that a seed always means the same damage."""
    return Event.shown(
        CONTEXT,
        visitor=f"user-{number}",
        event_time=1_700_000_000,
        event_uuid=UUID(int=number, version=4),
    )


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A file with events, and nothing in its log."""
    path = tmp_path_factory.mktemp("whole") / "events.db"
    with closing(SQLiteSpool(path)) as spool:
        for number in range(EVENTS):
            spool.put(event(number))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path.read_bytes()


def undamaged(path: Path) -> set[UUID]:
    """The events that SQLite itself still finds as they were."""
    wanted = {to_text(event(number)).encode(): event(number).uuid for number in range(EVENTS)}
    with closing(sqlite3.connect(f"file:{path}?immutable=1", uri=True)) as connection:
        connection.text_factory = bytes
        try:
            rows = connection.execute("SELECT body FROM pending").fetchall()
        except sqlite3.Error:
            return set()  # whatever else it may still find, the file is corrupt
    return {wanted[body] for (body,) in rows if body in wanted}


@pytest.mark.parametrize("seed", range(40))
def test_flipped_bits_cost_no_undamaged_event(seed: int, whole: bytes, tmp_path: Path) -> None:
    """Nothing raises, nothing goes on for ever, and new events are kept."""
    rng = random.Random(seed)
    damaged = bytearray(whole)
    for _ in range(rng.choice([1, 1, 2, 5])):
        damaged[rng.randrange(100, len(damaged))] ^= 1 << rng.randrange(8)
    path = tmp_path / "events.db"
    path.write_bytes(damaged)
    expected = undamaged(path)
    delivered: set[UUID] = set()
    with closing(ResilientSpool(SQLiteFile(path), retry_seconds=0.001)) as spool:
        for number in range(EVENTS, EVENTS + 3):
            spool.put(event(number))
        expected |= {event(number).uuid for number in range(EVENTS, EVENTS + 3)}
        for _ in range(MOST_ROUNDS):
            spool.maintain()
            leased = spool.lease("me", events=1_000, users=1_000, seconds=60)
            spool.deliver("me", [one.id for one in leased])
            delivered |= {one.event.uuid for one in leased}
        counts = spool.counts()
    assert counts.is_balanced
    assert counts.pending == 0
    assert expected <= delivered or list(tmp_path.glob("*.corrupt-*"))
