"""What a spool in a file keeps, through crashes, forks and other processes."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import stat
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from moengage_personalize.reporter.spool import SpoolCounts, SQLiteSpool
from moengage_personalize.reporter.spool.sqlite import busy_retry
from moengage_personalize.reporter.spool.sqlite.errors import is_busy
from reporter.spool.harness import event, go_together, output, uuids
from support import Start, Stopwatch

Open = Callable[[], SQLiteSpool]
LACKING = json.dumps(event().to_dict()).replace("audience_id", "audienceXid")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "var" / "events.db"


@pytest.fixture
def opened(path: Path) -> Iterator[Open]:
    """Open the file, and close it at the end."""
    spools: list[SQLiteSpool] = []

    def open_() -> SQLiteSpool:
        spools.append(SQLiteSpool(path))
        return spools[-1]

    yield open_
    for spool in spools:
        spool.close()


def query(path: Path, statement: str, *values: object) -> Any:
    """Look into the file, or change it, behind the spool's back."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        return connection.execute(statement, values).fetchall()


def is_open(path: Path) -> bool:
    """Whether this process has a descriptor of the file."""
    found = False
    for descriptor in Path("/dev/fd").iterdir():
        with suppress(OSError):  # the descriptor of the listing itself
            found |= os.path.samestat(os.fstat(int(descriptor.name)), path.stat())
    return found


def test_the_file_is_its_owners_only(opened: Open, path: Path) -> None:
    """It names customers; so do its log and its index."""
    opened().put(event())
    for suffix in ("", "-wal", "-shm"):
        mode = Path(f"{path}{suffix}").stat().st_mode
        assert stat.S_IMODE(mode) == 0o600


def test_a_deleted_file_is_not_made_anew_for_all_to_read(opened: Open, path: Path) -> None:
    """Looking after a file that is gone fails, and leaves nothing there."""
    spool = opened()
    path.unlink()
    with pytest.raises(sqlite3.OperationalError):
        spool.maintain()
    assert not path.exists()


def test_kill_9_after_put_loses_nothing(path: Path, opened: Open, python: Start) -> None:
    """What `put` returned for is found by the next process, wherever the first was killed."""
    script = """
spool = SQLiteSpool(sys.argv[1])
while True:
    one = event()
    spool.put(one)
    say(one.uuid)
"""
    said: list[str] = []
    for lines in (1, 50, 300):
        process = python(script, path)
        assert process.stdout is not None
        said += [process.stdout.readline().strip() for _ in range(lines)]
        process.kill()
        # Cut short, the last line is no UUID: `put` had returned, but nobody was told.
        said += [line.strip() for line in process.stdout if len(line) == 37]
    spool = opened()
    found = uuids(spool)
    assert set(said) <= set(found)
    assert len(found) - len(said) <= 3
    assert spool.counts().is_balanced


def test_what_a_killed_process_was_lent_is_taken_over(
    path: Path, opened: Open, python: Start
) -> None:
    """Once its lease ran out."""
    script = """
spool = SQLiteSpool(sys.argv[1])
for _ in range(5):
    spool.put(event())
say(*[one.event.uuid for one in spool.lease("dead", events=9, users=9, seconds=0.3)])
os.kill(os.getpid(), 9)
"""
    process = python(script, path)
    said, _ = process.communicate(timeout=30)
    assert process.returncode == -signal.SIGKILL
    spool = opened()
    assert uuids(spool) == []
    time.sleep(0.35)
    assert uuids(spool) == said.split()


def test_processes_lease_different_events(path: Path, opened: Open, python: Start) -> None:
    """Four processes put and deliver at once: each event arrives once."""
    script = """
spool = SQLiteSpool(sys.argv[1])
say("ready")
sys.stdin.readline()
for round in range(100):
    spool.put(event(f"user-{round}"))
    leased = spool.lease(sys.argv[2], events=3, users=3, seconds=60)
    spool.deliver(sys.argv[2], [one.id for one in leased])
    say(*[one.event.uuid for one in leased])
"""
    workers = [python(script, path, number, stdin=subprocess.PIPE) for number in range(4)]
    go_together(workers)
    said = [worker.communicate(timeout=60)[0].split() for worker in workers]
    assert [worker.returncode for worker in workers] == [0] * 4
    delivered = [uuid for reason in said for uuid in reason]
    assert len(delivered) == len(set(delivered)) == 400
    assert opened().counts() == SpoolCounts(400, 400, 0, 0)


@pytest.mark.usefixtures("measured")
def test_processes_may_begin_one_file_at_once(python: Start, path: Path) -> None:
    """As a server's workers do at the first deploy; one that finds it busy tries again."""
    script = """
import sqlite3
from moengage_personalize.reporter.spool.sqlite.errors import is_busy

def put(file):
    while True:
        try:
            return SQLiteSpool(file).put(event())
        except sqlite3.OperationalError as error:
            if not is_busy(error):
                raise

for file in sys.argv[1:]:
    say("ready")
    sys.stdin.readline()
    put(file)
"""
    files = [path.with_name(name) for name in "abc"]
    workers = [python(script, *files, stdin=subprocess.PIPE) for _ in range(4)]
    for _ in files:
        go_together(workers)
    assert [worker.communicate(timeout=30)[0] for worker in workers] == [""] * 4
    assert [worker.returncode for worker in workers] == [0] * 4
    for file in files:
        with closing(SQLiteSpool(file)) as spool:
            assert spool.counts() == SpoolCounts(4, 0, 4, 0)


def test_threads_may_begin_one_file_at_once(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each with a spool of its own; on a busy machine one may wait for longer than pages would."""
    for name in ("_PATIENCE_SECONDS", "_LITTLE_PATIENCE_SECONDS"):
        monkeypatch.setattr(busy_retry, name, 30.0)
    monkeypatch.setattr(busy_retry.PatientConnection, "_patience", 30.0)
    errors: list[BaseException] = []
    barrier = threading.Barrier(8)

    def begin(number: int) -> None:
        try:
            for round_ in range(10):
                barrier.wait()
                with closing(SQLiteSpool(path.with_name(f"{round_}.db"))) as spool:
                    spool.put(event(f"user-{number}"))
        except BaseException as error:  # noqa: BLE001  (told by the test's own thread)
            errors.append(error)
            barrier.abort()

    threads = [threading.Thread(target=begin, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


def test_a_newer_file_is_refused_and_left_alone(path: Path) -> None:
    """An older version of the package, after a deploy was taken back."""
    SQLiteSpool(path).close()
    query(path, "PRAGMA journal_mode = DELETE")
    query(path, "PRAGMA user_version = 2")
    before = path.read_bytes()
    with pytest.raises(sqlite3.NotSupportedError, match="newer version"):
        SQLiteSpool(path)
    assert path.read_bytes() == before


def test_a_file_that_is_no_database_is_left_alone(path: Path) -> None:
    """The spool raises, and somebody else decides."""
    path.parent.mkdir()
    path.write_bytes(b"this is no database" * 1_000)
    with pytest.raises(sqlite3.DatabaseError):
        SQLiteSpool(path)
    assert path.read_bytes() == b"this is no database" * 1_000


def test_a_file_that_is_no_database_is_closed_at_once(path: Path) -> None:
    """However long somebody keeps the error."""
    path.parent.mkdir()
    path.write_bytes(b"this is no database" * 1_000)
    with pytest.raises(sqlite3.DatabaseError) as kept:
        SQLiteSpool(path)
    assert not is_open(path), kept


@pytest.mark.parametrize(
    "body",
    [
        *("{", '{"action":"x"}', "null", "[]", '"text"', "[" * 100_000, '{"from":"the future"}'),
        *("\xfc", LACKING),
    ],
    ids=["cut", "partial", "null", "list", "text", "deep", "newer", "not ASCII", "lacking"],
)
def test_an_unreadable_event_keeps_no_other_from_delivery(
    opened: Open, path: Path, body: str
) -> None:
    """A damaged disk or a newer version wrote it: it is kept, counted, and not leased for ever."""
    spool = opened()
    put = [event(), event(), event()]
    for one in put:
        spool.put(one)
    query(path, "UPDATE pending SET body = ? WHERE id = 2", body)
    assert uuids(spool) == [str(put[0].uuid), str(put[2].uuid)]
    assert spool.counts() == SpoolCounts(3, 0, 2, 1)
    assert spool.dead_letters() == []
    assert query(path, "SELECT body, reason FROM dead") == [(body, "unreadable")]
    assert spool.retry_dead() == 1
    assert uuids(spool) == []
    assert spool.counts() == SpoolCounts(3, 0, 2, 1)


def test_bytes_that_are_no_text_keep_no_event_from_delivery(opened: Open, path: Path) -> None:
    """A flipped bit makes text undecodable, which SQLite's driver fails for as a whole."""
    spool = opened()
    put = [event(), event()]
    for one in put:
        spool.put(one)
    query(path, "UPDATE pending SET body = CAST(x'7bff7d' AS TEXT) WHERE id = 1")
    assert uuids(spool) == [str(put[1].uuid)]
    assert spool.counts() == SpoolCounts(2, 0, 1, 1)


@pytest.mark.parametrize("damaged", ["CAST(body AS BLOB)", "x'00ff7b'", "42", "NULL"])
def test_a_body_that_is_no_text_keeps_no_event_from_delivery(
    opened: Open, path: Path, damaged: str
) -> None:
    """One flipped bit of a row's header makes it a number, bytes, or nothing."""
    spool = opened()
    put = [event(), event()]
    for one in put:
        spool.put(one)
    spool.close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA writable_schema = 1")
        connection.execute(
            "UPDATE sqlite_master SET sql = replace(sql, 'body TEXT NOT NULL', 'body')"
            "WHERE name = 'pending'"
        )
        connection.commit()
    query(path, f"UPDATE pending SET body = {damaged} WHERE id = 1")
    spool = opened()
    found = uuids(spool)
    assert found[-1] == str(put[1].uuid)
    whole = damaged.startswith("CAST")  # its bytes are the event's
    assert len(found) == 1 + whole
    assert spool.counts() == SpoolCounts(2, 0, 1 + whole, 1 - whole)


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM counts",
        "UPDATE counts SET rows = 'x'",
        "UPDATE counts SET accepted = -1",
        "UPDATE counts SET rows = 64",
    ],
)
def test_a_damaged_account_is_made_anew(
    opened: Open, path: Path, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Of what the file holds; and it is said."""
    spool = opened()
    for _ in range(3):
        spool.put(event())
    (leased,) = spool.lease("me", events=1, users=1, seconds=60)
    spool.dead_letter("me", leased, "no")
    spool.refuse(event(), "full")
    spool.close()
    sizes = "SELECT rows, bytes FROM counts"
    before = query(path, sizes)
    query(path, damage)
    assert opened().counts() == SpoolCounts(4, 0, 2, 1, {"full": 1})
    assert query(path, sizes) == before
    assert caplog.text.count("the counts of a spool were damaged") == 1


def test_a_clock_that_was_set_back_keeps_no_event_for_long(path: Path) -> None:
    """A lease of a dead process that ends far in the future was made before."""
    now = 1e9
    with closing(SQLiteSpool(path, clock=lambda: now)) as spool:
        spool.put(event())
        assert len(uuids(spool, "dead", seconds=30)) == 1
        assert uuids(spool, "next", seconds=30) == []
        now -= 1_800
        assert len(uuids(spool, "next", seconds=30)) == 1


def test_an_unreadable_event_is_dropped_like_any_other(tmp_path: Path) -> None:
    """The page that makes room does not fail for it."""
    from moengage_personalize.reporter.spool import Limits  # noqa: PLC0415  (this test's only)

    with closing(SQLiteSpool(tmp_path / "s.db", Limits(rows=2))) as spool:
        spool.put(event())
        kept = event()
        spool.put(kept)
        query(spool.path, "UPDATE pending SET body = '{' WHERE id = 1")
        assert spool.drop_oldest("full") == []
        assert spool.counts() == SpoolCounts(2, 0, 1, 0, {"full": 1})


def test_dead_letters_are_retried_or_purged(opened: Open) -> None:
    """By a person, once the cause is mended."""
    spool = opened()
    put = [event(), event(), event()]
    for one in put:
        spool.put(one)
    for leased in spool.lease("me", events=2, users=9, seconds=60):
        spool.dead_letter("me", leased, "no")
    assert spool.counts() == SpoolCounts(3, 0, 1, 2)
    assert spool.retry_dead() == 2
    assert spool.retry_dead() == 0
    assert spool.dead_letters() == []
    assert spool.counts() == SpoolCounts(3, 0, 3, 0)
    assert uuids(spool) == [str(one.uuid) for one in (put[2], put[0], put[1])]
    for leased in spool.lease("none", events=9, users=9, seconds=60):
        spool.dead_letter("none", leased, "no")
    spool.release("all of it", [1, 2, 3, 4, 5])
    for leased in spool.lease("me", events=9, users=9, seconds=60):
        spool.dead_letter("me", leased, "no")
    assert spool.purge_dead("purged") == 3
    assert spool.purge_dead("purged") == 0
    assert spool.counts() == SpoolCounts(3, 0, 0, 0, {"purged": 3})


def test_the_log_stays_small(opened: Open, path: Path) -> None:
    """Whatever was written since, `maintain` lets the log begin anew, under load too."""
    spool = opened()
    log = Path(f"{path}-wal")
    stop = threading.Event()

    waits: list[float] = []

    def write() -> None:
        while not stop.is_set():
            start = time.perf_counter()
            spool.put(event())
            waits.append(time.perf_counter() - start)
            leased = spool.lease("me", events=10, users=10, seconds=60)
            spool.deliver("me", [one.id for one in leased])

    writers = [threading.Thread(target=write) for _ in range(2)]
    for writer in writers:
        writer.start()
    sizes: list[int] = []

    def times_shrunk() -> int:
        return sum(later < earlier for earlier, later in pairwise(sizes))

    give_up = time.monotonic() + 20
    while len(sizes) < 6 or (times_shrunk() < 2 and time.monotonic() < give_up):
        time.sleep(0.1)
        spool.maintain()
        sizes.append(log.stat().st_size)
    stop.set()
    for writer in writers:
        writer.join()
    assert min(sizes[-5:]) < 10_000_000
    assert times_shrunk() >= 2
    assert max(waits) < 0.5


def test_the_log_is_not_waited_for_by_whoever_waits_for_the_file(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A signal's handler that closes may hold the one and want the other."""
    monkeypatch.setattr("moengage_personalize.reporter.spool.sqlite.connection._LONGEST_LOG", 0)
    spool = opened()
    spool.put(event())
    with spool._file.use():
        maintaining = threading.Thread(target=spool.maintain, daemon=True)
        maintaining.start()
        maintaining.join(10)
        assert not maintaining.is_alive()


def test_an_event_put_by_a_signals_handler_is_in_no_transaction_of_the_page(
    opened: Open,
) -> None:
    """It would be lost with the transaction: the file is as busy as if another process held it."""
    spool = opened()
    with spool._file.transaction():
        for work in (lambda: spool.put(event()), spool.counts):
            with pytest.raises(sqlite3.OperationalError, match="in use") as caught:
                work()
            assert is_busy(caught.value)
    spool.put(event())
    assert spool.counts() == SpoolCounts(1, 0, 1, 0)


def test_a_page_waits_for_a_writer_of_milliseconds(opened: Open, path: Path) -> None:
    """Another process in the middle of a transaction is no failure."""
    spool = opened()
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        timer = threading.Timer(0.03, other.execute, ["COMMIT"])
        timer.start()
        spool.put(event())
        timer.join()
    assert spool.counts() == SpoolCounts(1, 0, 1, 0)


def test_a_failure_in_a_transaction_leaves_none_open(opened: Open, path: Path) -> None:
    """The next event is accepted as if nothing had been."""
    spool = opened()
    query(path, "ALTER TABLE dropped RENAME TO gone")
    with pytest.raises(sqlite3.OperationalError):
        spool.refuse(event(), "full")
    query(path, "ALTER TABLE gone RENAME TO dropped")
    spool.put(event())
    assert spool.counts() == SpoolCounts(1, 0, 1, 0)


def test_a_closed_spool_says_so(opened: Open) -> None:
    """It does not open the file again."""
    spool = opened()
    spool.close()
    spool.close()
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        spool.put(event())


@pytest.mark.usefixtures("measured")
def test_parent_and_child_share_the_file_after_a_fork(path: Path) -> None:
    """Each with a connection of its own; both deliver, each event once."""
    script = """
spool = SQLiteSpool(sys.argv[1])
spool.put(event("before"))
children = []
for number in range(3):
    pid = os.fork()
    if pid == 0:
        spool.after_fork()
        for _ in range(50):
            spool.put(event(f"child-{number}"))
        leased = spool.lease(f"child-{number}", events=40, users=99, seconds=60)
        spool.deliver(f"child-{number}", [one.id for one in leased])
        sys.exit(0 if len(leased) == 40 else 1)
    children.append(pid)
for _ in range(50):
    spool.put(event("parent"))
say(*[os.waitpid(pid, 0)[1] for pid in children])
say(spool.counts())
"""
    codes, counts = output(script, path)
    assert codes == "0 0 0"
    assert counts == str(SpoolCounts(201, 120, 81, 0))


def test_a_fork_beside_busy_threads_hangs_no_child(path: Path) -> None:
    """A child would inherit SQLite's own locks from a thread that it has not."""
    script = """
import sqlite3, threading
spool = SQLiteSpool(sys.argv[1])
def again(call):
    while True:
        try:
            return call()
        except sqlite3.OperationalError:  # in use for long, on a busy machine
            pass
def deliver():
    spool.maintain()
    leased = spool.lease("me", events=10, users=10, seconds=60)
    spool.deliver("me", [one.id for one in leased])
def work():
    while True:
        again(deliver)
for _ in range(2):
    threading.Thread(target=work, daemon=True).start()
def put():
    again(lambda: spool.put(event()))
codes = []
for _ in range(40):
    pid = os.fork()
    if pid == 0:
        import signal
        signal.alarm(60)
        spool.after_fork()
        put()
        os._exit(0)
    put()
    codes.append(os.waitpid(pid, 0)[1])
say(set(codes))
say(again(spool.counts).accepted)
os._exit(0)
"""
    assert output(script, path) == ["{0}", "80"]


def test_a_child_keeps_its_events_though_its_parent_ended(path: Path, python: Start) -> None:
    """As a daemon's, which SQLite would let hold no lock of its own.

    Whoever else closed the file then deleted the log that the child went on writing to.
    """
    script = """
spool = SQLiteSpool(sys.argv[1])
spool.put(event())
if os.fork():
    os._exit(0)
while os.getppid() == int(sys.argv[2]):
    time.sleep(0.01)
time.sleep(0.1)
spool.after_fork()
spool.put(event())
import subprocess
subprocess.run([sys.executable, "-c", "import sys\\n"
    "from moengage_personalize.reporter.spool import SQLiteSpool\\n"
    "SQLiteSpool(sys.argv[1]).close()",
    sys.argv[1]], check=True)
one = event()
spool.put(one)
say(one.uuid)
os.kill(os.getpid(), 9)
"""
    said, _ = python(script, path, 0).communicate(timeout=30)
    with closing(SQLiteSpool(path)) as spool:
        assert uuids(spool)[2:] == [said.strip()]


def test_a_fork_in_the_middle_of_nothing_costs_little(opened: Open) -> None:
    """Closing and opening the file is what it costs."""
    spool = opened()
    spool.put(event())
    with Stopwatch() as stopwatch:
        for _ in range(20):
            pid = os.fork()
            if pid == 0:
                os.kill(os.getpid(), signal.SIGKILL)  # `os._exit` writes what coverage measured
            os.waitpid(pid, 0)
            spool.put(event())
    assert stopwatch.own_seconds / 20 < 0.2
    assert spool.counts() == SpoolCounts(21, 0, 21, 0)


def test_a_file_gives_back_what_it_took_once_it_is_empty(opened: Open, path: Path) -> None:
    """Though other processes have it open; what became of its events is still known."""
    spool, other = opened(), opened()
    other.bind("1" * 64)
    for number in range(4_000):
        spool.put(event(f"user-{number}"))
    spool.maintain()
    before = path.stat().st_size
    while leased := spool.lease("me", events=1_000, users=1_000, seconds=60):
        spool.deliver("me", [one.id for one in leased])
    for one in (other, spool):
        one.maintain()
    assert before > 1_500_000
    assert path.stat().st_size < 200_000
    other.put(event())
    assert spool.counts() == SpoolCounts(4_001, 4_000, 1, 0)
    with pytest.raises(sqlite3.NotSupportedError, match="another workspace"):
        other.bind("2" * 64)


def test_what_a_signals_handler_raises_goes_on_though_it_closed_the_file(opened: Open) -> None:
    """Else a process that was told to end would not."""
    spool = opened()

    def handler() -> None:
        with spool._file.transaction():
            spool.close()
            raise SystemExit

    with pytest.raises(SystemExit):
        handler()


def test_an_sqlite_that_is_too_old_is_said_at_once(
    opened: Open, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the version that is needed; nothing is begun."""
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 25, 3))
    with pytest.raises(sqlite3.NotSupportedError, match=r"needs SQLite 3\.26\.0 or newer"):
        opened()
    assert not path.exists()


def test_a_probe_changes_nothing(opened: Open) -> None:
    """Nobody else leases its event."""
    spool = opened()
    spool.put(event())
    spool.probe()
    assert spool.counts() == SpoolCounts(1, 0, 1, 0)
    assert len(uuids(spool)) == 1
