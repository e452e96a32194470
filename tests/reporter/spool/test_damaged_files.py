"""Flipped bits of a spool's file: every undamaged event arrives, or the file is set aside."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from pathlib import Path
from uuid import UUID

import pytest

from moengage_personalize.models.events import Event
from moengage_personalize.reporter.spool import ResilientSpool, SpoolCounts, SQLiteSpool
from moengage_personalize.reporter.spool.event_codec import to_text
from moengage_personalize.reporter.spool.sqlite.file import SQLiteFile
from moengage_personalize.reporter.spool.sqlite.salvage import salvage
from support import CONTEXT, Start

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


def left_by_a_dead_process(path: Path, python: Start) -> dict[str, bytes]:
    """Half of the events in the file, half in its log; all its files."""
    script = """
path = sys.argv[1]
spool = SQLiteSpool(path)
for number in range(40):
    spool.put(event(f"user-{number}"))
    if number == 19:
        spool.maintain()
os.kill(os.getpid(), 9)
"""
    python(script, path).wait(30)
    return contents(path.parent)


def contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_looking_at_what_a_dead_process_left_changes_nothing(python: Start, tmp_path: Path) -> None:
    """Neither file nor log; and all of it is found."""
    before = left_by_a_dead_process(tmp_path / "events.db", python)
    assert len(before["events.db-wal"]) > 32
    found = salvage(tmp_path / "events.db")
    assert (len(found.pending), found.is_damaged) == (40, False)
    assert found.counts == SpoolCounts(40, 0, 40, 0)
    assert contents(tmp_path) == before


@pytest.mark.parametrize("at", [8, 20, 60, 20_000], ids=["page", "salt", "frame", "middle"])
def test_a_damaged_log_is_said(python: Start, tmp_path: Path, at: int) -> None:
    """SQLite takes what is before the damage for all there is."""
    path = tmp_path / "events.db"
    left_by_a_dead_process(path, python)
    log = bytearray((tmp_path / "events.db-wal").read_bytes())
    log[at] ^= 255
    (tmp_path / "events.db-wal").write_bytes(log)
    assert salvage(path).is_damaged


def test_a_file_that_is_written_to_can_be_looked_at(python: Start, tmp_path: Path) -> None:
    """As it was at one moment, whatever is written into it meanwhile."""
    script = """
spool = SQLiteSpool(sys.argv[1])
for number in range(10_000):
    spool.put(event())
    if number % 5 == 0:
        spool.maintain()
    say(number)
"""
    path = tmp_path / "events.db"
    process = python(script, path)
    assert process.stdout is not None
    for _ in range(5):
        last = int(process.stdout.readline())
        found = salvage(path)
        assert len(found.pending) > last
        assert found.counts == SpoolCounts(len(found.pending), 0, len(found.pending), 0)
        assert not found.is_damaged
