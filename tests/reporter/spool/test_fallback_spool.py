"""Whatever becomes of the disk: no page breaks, nothing is lost, and it is said once."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from moengage_personalize.models.events import Event
from moengage_personalize.reporter.spool import Limits, ResilientSpool, SpoolCounts, SQLiteSpool
from moengage_personalize.reporter.spool.sqlite.file import SQLiteFile
from reporter.spool.harness import event, go_together, output, uuids
from support import Start, Stopwatch

Open = Callable[..., ResilientSpool]
STRANGE = b"this is no database" * 1_000
GARBAGE = STRANGE + b"CREATE TRIGGER accepted AFTER INSERT ON pending BEGIN"
"""What was a spool: of its first page, only a piece is left."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "events.db"


@pytest.fixture
def opened(path: Path) -> Iterator[Open]:
    """Open the file, and close it at the end."""
    spools: list[ResilientSpool] = []

    def open_(limits: Limits | None = None, at: Path = path) -> ResilientSpool:
        spools.append(ResilientSpool(SQLiteFile(at, limits), limits, retry_seconds=0.01))
        return spools[-1]

    yield open_
    for spool in spools:
        spool.close()


def put(spool: ResilientSpool, number: int) -> list[str]:
    """Put so many events; their UUIDs."""
    events = [event(f"user-{count}") for count in range(number)]
    for one in events:
        spool.put(one)
    return [str(one.uuid) for one in events]


def on_disk(path: Path) -> list[str]:
    """What another process would find in the file."""
    with closing(SQLiteSpool(path)) as spool:
        found = uuids(spool)
        spool.release("all of it", range(10_000))
    return found


def said(caplog: pytest.LogCaptureFixture, reason: str) -> int:
    return sum(reason in record.getMessage() for record in caplog.records)


def recover(spool: ResilientSpool) -> None:
    time.sleep(0.02)
    spool.maintain()


def damage(path: Path) -> bytes:
    """Overwrite everything after the pages that are read at the opening."""
    length = path.stat().st_size
    assert length > 100_000
    with path.open("r+b") as file:
        file.seek(8_192)
        file.write(b"damaged " * ((length - 8_192) // 8))
    return path.read_bytes()


def test_garbage_is_set_aside_unchanged(
    opened: Open, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A new file is begun at once, and keeps events; it is said once."""
    path.write_bytes(GARBAGE)
    spool = opened()
    expected = put(spool, 20)
    spool.maintain()
    (aside,) = path.parent.glob("events.db.corrupt-*")
    assert aside.read_bytes() == GARBAGE
    assert on_disk(path) == expected
    assert uuids(spool) == expected
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert said(caplog, f"set aside as {aside}") == 1


@pytest.mark.parametrize("beside", ["events.db-wal", "events.db-shm", "events.db.corrupt-17"])
def test_what_lies_beside_a_file_tells_that_it_was_a_spool(
    opened: Open, path: Path, beside: str
) -> None:
    """Its log, or a predecessor that was set aside; of the file itself nothing need be left."""
    path.write_bytes(STRANGE)
    path.with_name(beside).touch()
    SQLiteFile(path).refuse_strangers()
    expected = put(opened(), 3)
    assert on_disk(path) == expected


def test_a_file_of_another_program_is_left_alone(
    opened: Open, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Also where it came after the spool was made: events wait in memory, which is said once."""
    spool = opened()
    path.write_bytes(STRANGE)
    expected = put(spool, 3)
    recover(spool)
    assert uuids(spool) == expected
    assert {one.name: one.read_bytes() for one in path.parent.iterdir()} == {path.name: STRANGE}
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert said(caplog, "failed; events wait in memory") == 1


def test_asking_whose_a_file_is_costs_no_lock(path: Path) -> None:
    """To close any descriptor of a file takes the locks of the process's connections to it."""
    script = """
connection = sqlite3.connect(sys.argv[1], timeout=0)
try:
    say(connection.execute("PRAGMA journal_mode = DELETE").fetchone()[0])
except sqlite3.OperationalError:
    say("not alone")
"""
    with closing(SQLiteSpool(path)):
        SQLiteFile(path).refuse_strangers()
        assert output("import sqlite3" + script, path) == ["not alone"]


def test_a_file_damaged_while_it_is_open_is_set_aside(
    opened: Open, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """What it held is in the file that was set aside; what comes after goes to a new one."""
    first = opened()
    put(first, 500)
    first.close()
    spool = opened()
    before = damage(path)
    leased = spool.lease("me", events=1_000, users=1_000, seconds=30)
    expected = put(spool, 20)
    spool.deliver("me", [one.id for one in leased])
    spool.maintain()
    (aside,) = path.parent.glob("events.db.corrupt-[0-9]*[0-9]")
    assert aside.read_bytes() == before
    assert on_disk(path) == uuids(spool) == expected
    assert said(caplog, "set aside") == 1
    assert spool.counts() == SpoolCounts(20, 0, 20, 0)


def test_only_one_of_two_sets_a_corrupt_file_aside(opened: Open, path: Path) -> None:
    """The second sees that another file is in its place, and goes on with that one."""
    first = opened()
    put(first, 500)
    first.close()
    one, other = opened(), opened()
    damage(path)
    assert list(one.lease("one", events=1_000, users=1_000, seconds=30)) == []
    expected = put(one, 5)
    inode = path.stat().st_ino
    leased = other.lease("other", events=1_000, users=1_000, seconds=30)
    assert [str(one.event.uuid) for one in leased] == expected
    other.release("other", [one.id for one in leased])
    assert path.stat().st_ino == inode
    assert len(list(path.parent.glob("events.db.corrupt-[0-9]*[0-9]"))) == 1
    expected += put(other, 5)
    other.maintain()
    assert sorted(on_disk(path)) == sorted(expected)


def test_processes_that_find_garbage_together_set_it_aside_once(path: Path, python: Start) -> None:
    """None takes the file that another began in its place for the corrupt one."""
    script = """
say("ready")
sys.stdin.readline()
spool = ResilientSpool(SQLiteFile(sys.argv[1]))
for _ in range(20):
    one = event()
    spool.put(one)
    say(one.uuid)
spool.drain("closed")
"""
    path.write_bytes(GARBAGE)
    quiet = {"stdin": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    workers = [python(script, path, **quiet) for _ in range(4)]
    go_together(workers)
    expected = [line for worker in workers for line in worker.communicate(timeout=30)[0].split()]
    (aside,) = path.parent.glob("events.db.corrupt-*")
    assert aside.read_bytes() == GARBAGE
    assert len(expected) == 80
    assert sorted(on_disk(path)) == sorted(expected)


def test_what_waits_in_a_deleted_file_is_kept(
    opened: Open, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """As long as the process lives, so does the file without a name: its events move on."""
    spool = opened()
    expected = put(spool, 5)
    for file in path.parent.iterdir():
        file.unlink()
    expected += put(spool, 5)
    spool.maintain()
    assert on_disk(path) == uuids(spool) == expected
    assert path.stat().st_mode & 0o777 == 0o600
    assert spool.counts() == SpoolCounts(10, 0, 10, 0)
    assert said(caplog, "moved or deleted") == 1
    assert len(caplog.records) == 1


def test_what_was_lent_from_a_deleted_file_may_be_delivered(opened: Open, path: Path) -> None:
    """Names of the old file mean nothing in the new one."""
    spool = opened()
    put(spool, 3)
    leased = spool.lease("me", events=2, users=9, seconds=30)
    path.unlink()
    spool.maintain()
    more = put(spool, 2)
    assert len(spool.lease("me", events=9, users=9, seconds=30)) == 3
    ids = [one.id for one in leased]
    spool.deliver("me", ids)
    spool.release("me", ids)
    spool.renew("me", ids, seconds=30)
    spool.dead_letter("me", leased[0], "no")
    assert spool.counts() == SpoolCounts(3, 0, 3, 0)
    assert set(more) < set(on_disk(path)) | {str(one.event.uuid) for one in leased} | set(more)


def test_a_folder_that_takes_no_file_is_waited_for(
    opened: Open, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Events wait in memory; once there is a folder, they are on disk."""
    folder = tmp_path / "var"
    folder.write_text("a file, where a folder should be")
    spool = opened(at=folder / "events.db")
    expected = put(spool, 5)
    recover(spool)
    recover(spool)
    leased = spool.lease("me", events=9, users=9, seconds=0.001)
    assert [str(one.event.uuid) for one in leased] == expected
    assert spool.counts() == SpoolCounts(5, 0, 5, 0)
    assert said(caplog, "failed; events wait in memory") == len(caplog.records) == 1
    folder.unlink()
    recover(spool)
    assert on_disk(folder / "events.db") == expected
    assert spool.counts() == SpoolCounts(5, 0, 5, 0)
    assert said(caplog, "works again") == 1
    assert len(caplog.records) == 2


def test_a_folder_that_even_root_cannot_write_to_breaks_no_page(opened: Open) -> None:
    """All of it works, in memory."""
    spool = opened(at=Path("/proc/spool/events.db"))
    put(spool, 3)
    leased = spool.lease("me", events=2, users=9, seconds=30)
    spool.deliver("me", [leased[0].id])
    spool.dead_letter("me", leased[1], "no")
    spool.refuse(event(), "full")
    assert len(spool.dead_letters()) == 1
    assert spool.counts() == SpoolCounts(4, 1, 1, 1, {"full": 1})
    assert len(spool.drain("closed")) == 1
    assert spool.counts() == SpoolCounts(4, 1, 0, 1, {"closed": 1, "full": 1})


def test_a_newer_file_is_left_alone(
    opened: Open, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Events wait in memory, as after a deploy was taken back."""
    SQLiteSpool(path).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute("PRAGMA user_version = 2")
    before = path.read_bytes()
    spool = opened()
    expected = put(spool, 3)
    recover(spool)
    assert uuids(spool) == expected
    assert path.read_bytes() == before
    assert said(caplog, "newer version") == len(caplog.records) == 1


def test_a_locked_file_holds_one_page_up_for_a_second_at_most(
    opened: Open, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The next ones not at all; what they gave is on disk once the file is free."""
    spool = opened()
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        with Stopwatch() as first:
            expected = put(spool, 1)
        with Stopwatch() as stopwatch:
            expected += put(spool, 50)
        assert stopwatch.own_seconds < 0.5
        assert first.own_seconds < 2
        leased = spool.lease("me", events=1, users=1, seconds=60)
        spool.deliver("me", [one.id for one in leased])
        connection.execute("COMMIT")
    recover(spool)
    assert on_disk(path) == expected[1:]
    assert said(caplog, "wait in memory") == said(caplog, "works again") == 1


def test_a_busy_file_is_no_failed_disk(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Pages soon find it free again, and what waits in memory follows with the next `maintain`."""
    with closing(ResilientSpool(SQLiteFile(path), retry_seconds=600)) as spool:
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            expected = put(spool, 2)
            connection.execute("COMMIT")
        time.sleep(0.06)
        durable = put(spool, 1)
        assert on_disk(path) == durable
        spool.maintain()
        assert on_disk(path) == durable + expected
        assert spool.counts() == SpoolCounts(3, 0, 3, 0)
    assert said(caplog, "is busy; events wait in memory") == said(caplog, "works again") == 1
    assert len(caplog.records) == 2


def test_what_is_drained_while_it_is_moved_is_moved_once(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`close` and the thread that delivers both take memory's events to disk."""
    folder = path.parent / "var"
    folder.write_text("a file, where a folder should be")
    spool = ResilientSpool(SQLiteFile(folder / "events.db"), retry_seconds=0.001)
    expected = put(spool, 5)
    folder.unlink()
    moving, go_on = threading.Event(), threading.Event()
    at_once = SQLiteSpool.put

    def slowly(durable: SQLiteSpool, one: Event) -> None:
        moving.set()
        go_on.wait(5)
        at_once(durable, one)

    monkeypatch.setattr(SQLiteSpool, "put", slowly)
    time.sleep(0.01)
    dropped: list[Event] = []
    threads = [
        threading.Thread(target=spool.maintain),
        threading.Thread(target=lambda: dropped.extend(spool.drain("closed"))),
    ]
    threads[0].start()
    assert moving.wait(10)
    threads[1].start()
    time.sleep(0.05)
    go_on.set()
    for thread in threads:
        thread.join(10)
    assert spool.counts() == SpoolCounts(5, 0, 5, 0)
    spool.close()
    assert sorted(on_disk(folder / "events.db")) == sorted(expected)
    assert dropped == []


def test_what_is_not_moved_in_time_is_dropped(opened: Open, tmp_path: Path) -> None:
    """And accounted for, so that `close` keeps to its time."""
    folder = tmp_path / "var"
    folder.write_text("a file, where a folder should be")
    spool = opened(at=folder / "events.db")
    expected = put(spool, 5)
    folder.unlink()
    dropped = spool.drain("closed", deadline=time.monotonic())
    assert [str(one.uuid) for one in dropped] == expected
    assert list(dropped[1:3]) == list(dropped)[1:3]
    assert spool.counts() == SpoolCounts(5, 0, 0, 0, {"closed": 5})


def test_what_can_be_read_only_does_not_work_again(
    opened: Open, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing waits in memory, and the file can be read: only a write shows how it is."""
    spool = opened()
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        spool.refuse(event(), "full")
        recover(spool)
        assert spool.counts() == SpoolCounts(1, 0, 0, 0, {"full": 1})
        connection.execute("COMMIT")
    assert said(caplog, "wait in memory") == len(caplog.records) == 1


FULL_DISK = """
import logging
class Log(logging.Handler):
    def emit(self, record):
        messages.append(record.getMessage())
messages = []
logging.getLogger("moengage_personalize").addHandler(Log())
spool = ResilientSpool(SQLiteFile(path), retry_seconds=0.01)
given = []
def put(number):
    for _ in range(number):
        one = event(f"user-{len(given)}")
        spool.put(one)
        given.append(str(one.uuid))
while not messages:
    put(10)
on_disk = len(given)
for _ in range(20):
    put(50)
    time.sleep(0.011)
    spool.maintain()
assert spool.counts().accepted == spool.counts().pending == len(given), spool.counts()
leased = spool.lease("me", events=10, users=10, seconds=60)
assert len(leased) == 10, leased
spool.release("me", [one.id for one in leased])
assert len(messages) == 1, messages
assert "wait in memory" in messages[0], messages
make_room()
time.sleep(0.011)
spool.maintain()
assert spool.counts().accepted == spool.counts().pending == len(given), spool.counts()
assert len(messages) == 2, messages
assert "works again" in messages[1], messages
spool.close()
other = SQLiteSpool(path)
found = [str(one.event.uuid) for one in other.lease("x", events=9999, users=9999, seconds=9)]
assert sorted(found) == sorted(given), (len(found), len(given))
other.close()
say(on_disk, len(given))
"""
SIZE_LIMIT = """
import resource
path = sys.argv[1] + "/events.db"
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, resource.RLIM_INFINITY))
def make_room():
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
"""
SMALL_DISK = """
import subprocess
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "spool", sys.argv[1]], check=True)
path = sys.argv[1] + "/events.db"
ballast = sys.argv[1] + "/ballast"
with open(ballast, "wb") as file:
    file.write(b" " * (8 * 1024 * 1024 - 400_000))
def make_room():
    os.unlink(ballast)
"""


def own_mounts() -> list[str] | None:
    """A command that runs another one with mounts of its own; `None` where nobody may."""
    unshare = shutil.which("unshare")
    for options in (["--mount"], ["--mount", "--user", "--map-root-user"]):
        command = [str(unshare), *options]
        if (
            unshare
            and subprocess.run([*command, "true"], capture_output=True, check=False).returncode == 0
        ):
            return command
    return None


def full_disks() -> list[str]:
    """A limit on files' sizes works everywhere; a small disk, where one may be mounted."""
    return ["size limit", *(["small disk"] if own_mounts() else [])]


@pytest.mark.parametrize("disk", full_disks())
def test_what_a_full_disk_refuses_waits_for_room(disk: str, tmp_path: Path) -> None:
    """It is delivered from memory meanwhile, and on disk once there is room; said once."""
    if disk == "size limit":
        (line,) = output(SIZE_LIMIT + FULL_DISK, tmp_path)
    else:
        (line,) = output(SMALL_DISK + FULL_DISK, tmp_path, prefix=own_mounts() or [])
    on_disk_first, given = map(int, line.split())
    assert 10 <= on_disk_first < given


def test_memory_is_lent_first(opened: Open, path: Path) -> None:
    """Only that can be lost."""
    spool = opened(Limits(rows=2))
    older = put(spool, 2)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        younger = put(spool, 3)
        connection.execute("COMMIT")
    recover(spool)
    # The file is full: what waits in memory stays there, and stays within the limits.
    assert on_disk(path) == older
    assert uuids(spool) == younger + older
    assert spool.counts() == SpoolCounts(5, 0, 5, 0)


def test_what_is_being_delivered_from_memory_is_made_durable_at_the_end(
    opened: Open, path: Path
) -> None:
    """Beyond the limits too: a hung server must not cost an event."""
    path.mkdir()
    spool = opened(Limits(rows=1))
    expected = put(spool, 4)
    hung = spool.lease("hung", events=2, users=9, seconds=60)
    path.rmdir()
    assert list(spool.drain("closed")) == []
    spool.deliver("hung", [one.id for one in hung])
    spool.close()
    assert on_disk(path) == expected
    assert spool.counts() == SpoolCounts(4, 0, 4, 0)


def test_the_account_outlives_close(opened: Open, caplog: pytest.LogCaptureFixture) -> None:
    """And an event that comes too late is no failure of the disk."""
    spool = opened()
    put(spool, 3)
    leased = spool.lease("me", events=1, users=1, seconds=60)
    spool.close()
    spool.close()
    spool.refuse(event(), "closed")
    spool.deliver("me", [one.id for one in leased])
    spool.maintain()
    assert list(spool.lease("me", events=1, users=1, seconds=60)) == []
    assert spool.counts() == SpoolCounts(4, 0, 3, 0, {"closed": 1})
    assert caplog.records == []


def test_a_child_of_a_failing_parent_begins_anew(path: Path) -> None:
    """It neither has its parent's events nor its connection, and both recover."""
    script = """
os.mkdir(sys.argv[1])
spool = ResilientSpool(SQLiteFile(sys.argv[1]), retry_seconds=0.01)
spool.put(event("parent"))
pid = os.fork()
os.path.isdir(sys.argv[1]) and pid and (os.waitpid(pid, 0), os.rmdir(sys.argv[1]))
if pid == 0:
    spool.after_fork()
    spool.put(event("child"))
    assert spool.counts().accepted == 1
    os._exit(0)
time.sleep(0.02)
spool.maintain()
say(spool.counts())
say(len(SQLiteSpool(sys.argv[1]).lease("me", events=9, users=9, seconds=9)))
"""
    assert output(script, path, stderr=subprocess.DEVNULL) == [str(SpoolCounts(1, 0, 1, 0)), "1"]


def test_threads_see_one_corrupt_file_set_aside_once(
    opened: Open, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A thread that fails late does not set the new file aside."""
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415  (this test's only)

    first = opened()
    put(first, 500)
    first.close()
    spool = opened()
    damage(path)

    def work(number: int) -> list[str]:
        leased = spool.lease(f"owner-{number}", events=1_000, users=1_000, seconds=0.001)
        spool.release(f"owner-{number}", [one.id for one in leased])
        return put(spool, 20)

    with ThreadPoolExecutor(8) as pool:
        expected = [uuid for part in pool.map(work, range(8)) for uuid in part]
    recover(spool)  # a busy machine may have kept some in memory
    assert len(list(path.parent.glob("events.db.corrupt-[0-9]*[0-9]"))) == 1
    assert sorted(on_disk(path)) == sorted(expected)
    assert said(caplog, "set aside") == 1


@pytest.mark.parametrize("files", [["events.db"], []], ids=["to a file", "to nothing yet"])
def test_a_link_is_followed(
    opened: Open, tmp_path: Path, caplog: pytest.LogCaptureFixture, files: list[str]
) -> None:
    """SQLite keeps its log beside the file itself."""
    shared, release = tmp_path / "shared", tmp_path / "release"
    shared.mkdir()
    release.mkdir()
    for name in files:
        (shared / name).touch()
    (release / "events.db").symlink_to(shared / "events.db")
    spool = opened(at=release / "events.db")
    expected = put(spool, 3)
    spool.maintain()
    assert on_disk(shared / "events.db") == expected
    assert [one.name for one in release.iterdir()] == ["events.db"]
    assert caplog.records == []


READ_ONLY = """
import subprocess
def mount(*words):
    subprocess.run(["mount", *words], check=True)
var = sys.argv[1] + "/var"
os.mkdir(var)
mount("--bind", var, var)
mount("-o", "remount,bind,ro", "/")
for folder in ("/tmp", "/var/tmp", "/usr/tmp", "/dev/shm"):
    if os.path.isdir(folder) and not sys.argv[1].startswith(folder):
        mount("-t", "tmpfs", "-o", "ro", "none", folder)
import logging
logging.basicConfig(stream=sys.stdout, format="%(message)s")
spool = ResilientSpool(SQLiteFile(var + "/events.db"))
for number in range(1_200):
    spool.put(event(f"user-{number}"))
while leased := spool.lease("me", events=1_000, users=100, seconds=60):
    spool.deliver("me", [one.id for one in leased])
say(spool.counts().delivered, spool._durable.is_failing)
"""


def test_only_the_spools_folder_need_be_writable(tmp_path: Path) -> None:
    """As in a container whose root is read-only."""
    prefix = own_mounts()
    if prefix is None:
        pytest.skip("this machine lets nobody have mounts of their own")
    assert output(READ_ONLY, tmp_path, prefix=prefix) == ["1200 False"]
