"""`spool`: what a person does with a reporter's file."""

from __future__ import annotations

import json
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import pytest
import redis

from cli.helpers import Invoke
from moengage_personalize import Event
from moengage_personalize.emulator import Emulator, Fault
from moengage_personalize.reporter.spool import Limits, Spool, SQLiteSpool
from moengage_personalize.reporter.spool.redis.streams import StreamSpool
from reporter.spool.harness import RedisServer, running_redis
from support import CONTEXT


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A spool file with three pending events and a dead letter."""
    fill(SQLiteSpool(tmp_path / "spool.db"))
    return tmp_path / "spool.db"


def fill(spool: Spool) -> None:
    for number in range(4):
        spool.put(Event.shown(CONTEXT, visitor=f"user_{number}"))
    (letter,) = spool.lease("test", events=1, users=1, seconds=60)
    spool.dead_letter("test", letter, "400 Bad Request: cid is odd")
    spool.close()


@pytest.fixture(scope="module")
def redis_server() -> Iterator[RedisServer]:
    """One server; each test has a name of its own."""
    yield from running_redis()


@pytest.fixture(params=["file", "redis"])
def place(request: pytest.FixtureRequest) -> tuple[str, ...]:
    """The arguments that name a spool with three pending events and a dead letter."""
    if request.param == "file":
        return (str(request.getfixturevalue("file")),)
    server, name = request.getfixturevalue("redis_server"), f"test:{uuid4().hex}"
    fill(StreamSpool(lambda: redis.Redis.from_url(server.url), name))
    return server.url, "--name", name


def test_status_shows_the_counts_and_the_apis_reason(
    place: tuple[str, ...], invoke: Invoke
) -> None:
    """And no customer."""
    outcome = invoke("spool", "status", *place)
    assert outcome.code == 0
    for text in ("accepted", "pending", "400 Bad Request: cid is odd"):
        assert text in outcome.stdout
    assert "user_" not in outcome.stdout


def test_status_has_a_form_for_machines(file: Path, invoke: Invoke) -> None:
    """One document."""
    document = json.loads(invoke("spool", "status", str(file), "--json").stdout)
    assert (document["accepted"], document["pending"], document["dead"]) == (4, 3, 1)
    assert document["dead_letters"][0]["reason"] == "400 Bad Request: cid is odd"


def test_retry_delivers_dead_letters_and_pending_events(
    place: tuple[str, ...], invoke: Invoke, pointed: Emulator
) -> None:
    """Each once."""
    outcome = invoke("spool", "retry", *place, "--json")
    assert outcome.code == 0, outcome.stderr
    assert json.loads(outcome.stdout) == {"retried": 1, "delivered": 4, "pending": 0, "dead": 0}
    assert {event.customer_id for event in pointed.events} == {f"user_{n}" for n in range(4)}
    assert {event.deliveries for event in pointed.events} == {1}


def test_retry_later_needs_no_credentials(file: Path, invoke: Invoke) -> None:
    """A running reporter delivers what is pending."""
    outcome = invoke("spool", "retry", str(file), "--later", "--json")
    assert outcome.code == 0
    assert json.loads(outcome.stdout)["pending"] == 4


def test_retry_of_a_long_backlog_shows_its_progress(
    file: Path, script: Invoke, pointed: Emulator
) -> None:
    """On stderr, beside the answer."""
    spool = SQLiteSpool(file)
    for number in range(3_000):
        spool.put(Event.shown(CONTEXT, visitor=f"user_{number}"))
    spool.close()
    pointed.fail("reportExperienceEvents", Fault.latency(0.05))
    outcome = script("spool", "retry", str(file), "--json")
    assert outcome.code == 0, outcome.stderr
    assert json.loads(outcome.stdout)["delivered"] == 3_004
    assert "Delivering" in outcome.stderr


@pytest.mark.parametrize(("status", "code"), [(401, 3), (503, 5)])
def test_retry_that_fails_says_why_and_loses_nothing(
    file: Path, invoke: Invoke, pointed: Emulator, status: int, code: int
) -> None:
    """With the exit code of the reason."""
    pointed.fail("reportExperienceEvents", Fault.status(status))
    outcome = invoke("spool", "retry", str(file))
    assert outcome.code == code
    assert str(status) in outcome.stderr
    document = json.loads(invoke("spool", "status", str(file), "--json").stdout)
    assert (document["pending"], document["dead"]) == (4, 0)


def test_retry_ends_where_nothing_fails_and_nothing_moves(
    file: Path, invoke: Invoke, pointed: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process holds what is pending, or the file is damaged: a person is told."""
    monkeypatch.setattr("moengage_personalize.cli.spool._STALLED_SECONDS", 0.1)
    with closing(SQLiteSpool(file)) as spool:
        assert len(spool.lease("another", events=9, users=9, seconds=60)) == 3
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("DELETE FROM dead")
    outcome = invoke("spool", "retry", str(file), "--timeout", "1")
    assert outcome.code == 2
    assert "3 events stay pending" in outcome.stderr
    assert pointed.events == []


def test_retry_drops_no_dead_letters_of_an_application_with_greater_limits(
    file: Path, invoke: Invoke, pointed: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """How many may be kept is not for the command to say."""
    monkeypatch.setattr(Limits.__init__, "__defaults__", (100_000, 100_000_000, 2))
    with closing(SQLiteSpool(file, Limits(dead=1_000))) as spool:
        spool.retry_dead()
        for _ in range(8):
            context = {**CONTEXT, "type": 5}
            spool.put(Event.shown(context, visitor="poison"))
        for one in spool.lease("test", events=99, users=99, seconds=60):
            if one.event.customer_id == "poison":
                spool.dead_letter("test", one, "no")
        spool.release("test", range(99))
    invoke("spool", "retry", str(file))
    document = json.loads(invoke("spool", "status", str(file), "--json").stdout)
    assert (document["delivered"], document["dead"], document["dropped"]) == (4, 8, {})
    assert len(pointed.events) == 4


def test_export_of_a_damaged_file_writes_what_it_can_and_says_what_not(
    file: Path, invoke: Invoke
) -> None:
    """From both ends, up to the damage."""
    with closing(SQLiteSpool(file)) as spool:
        for number in range(500):
            spool.put(Event.shown(CONTEXT, visitor=f"more_{number}"))
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("UPDATE pending SET body = '{' WHERE id = 2")
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    damaged = bytearray(file.read_bytes())
    middle = damaged.index(b"more_250") // 4_096 * 4_096
    damaged[middle : middle + 4_096] = b"damaged " * 512
    file.write_bytes(damaged)
    outcome = invoke("spool", "export", str(file))
    assert outcome.code == 0
    customers = {json.loads(line)["customer_id"] for line in outcome.stdout.splitlines()}
    assert {"user_0", "user_2", "more_0", "more_499"} <= customers
    assert len(customers) > 450
    assert "skipped: 1." in outcome.stderr
    assert "Parts of the file are damaged" in outcome.stderr


def test_export_writes_every_event_as_a_line(file: Path, invoke: Invoke, tmp_path: Path) -> None:
    """For another system; only its owner can read the file."""
    printed = invoke("spool", "export", str(file)).stdout
    lines = [json.loads(line) for line in printed.splitlines()]
    assert [line["state"] for line in lines] == ["pending"] * 3 + ["dead"]
    assert {line["customer_id"] for line in lines} == {f"user_{n}" for n in range(4)}
    target = tmp_path / "events.jsonl"
    assert invoke("spool", "export", str(file), "--to", str(target)).code == 0
    assert target.read_text() == printed
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert invoke("spool", "export", str(file), "--to", str(target)).code == 2


def test_purge_asks_and_drops_dead_letters_only(place: tuple[str, ...], invoke: Invoke) -> None:
    """They are accounted for as dropped."""
    assert invoke("spool", "purge", *place, stdin="n\n").code == 1
    outcome = invoke("spool", "purge", *place, "--yes", "--json")
    assert (outcome.code, json.loads(outcome.stdout)) == (0, {"purged": 1})
    document = json.loads(invoke("spool", "status", *place, "--json").stdout)
    assert (document["pending"], document["dead"], document["dropped"]) == (3, 0, {"purged": 1})


def test_another_programs_database_is_refused_and_left_alone(
    invoke: Invoke, tmp_path: Path
) -> None:
    """It gets no tables of ours."""
    path = tmp_path / "theirs.db"
    with closing(sqlite3.connect(path)) as theirs:
        theirs.execute("CREATE TABLE notes (text)")
    before = path.read_bytes()
    assert invoke("spool", "status", str(path)).code == 2
    assert path.read_bytes() == before


def test_what_is_exported_is_imported(
    place: tuple[str, ...], invoke: Invoke, tmp_path: Path
) -> None:
    """Dead letters with their reasons; the events as they were, for `Event.from_dict` too."""
    lines = invoke("spool", "export", *place).stdout
    (tmp_path / "lines").write_text(lines)
    other = tmp_path / "other.db"
    SQLiteSpool(other).close()
    outcome = invoke("spool", "import", str(other), "--from", str(tmp_path / "lines"), "--json")
    assert (outcome.code, json.loads(outcome.stdout)) == (0, {"added": 4})
    assert invoke("spool", "import", *place, "--from", str(tmp_path / "lines")).code == 0
    assert invoke("spool", "export", str(other)).stdout == lines
    customers = [Event.from_dict(json.loads(line)).customer_id for line in lines.splitlines()]
    assert customers == ["user_1", "user_2", "user_3", "user_0"]
    document = json.loads(invoke("spool", "status", *place, "--json").stdout)
    assert (document["accepted"], document["pending"], document["dead"]) == (8, 6, 2)


def test_a_line_that_is_no_event_adds_none(file: Path, invoke: Invoke, tmp_path: Path) -> None:
    """It is named by its number."""
    lines = invoke("spool", "export", str(file)).stdout
    (tmp_path / "lines").write_text(lines + "{}\n")
    outcome = invoke("spool", "import", str(file), "--from", str(tmp_path / "lines"))
    assert outcome.code == 2
    assert "line 5" in outcome.stderr
    assert invoke("spool", "export", str(file)).stdout == lines


@pytest.mark.parametrize("customer", ["user_0", "user_2"], ids=["dead", "pending"])
def test_erase_removes_a_customer(place: tuple[str, ...], invoke: Invoke, customer: str) -> None:
    """From what is pending and what is dead; it is accounted for as dropped."""
    outcome = invoke("spool", "erase", *place, "--customer", customer, "--json")
    assert (outcome.code, json.loads(outcome.stdout)) == (
        0,
        {"erased": 1, "set_aside": {}, "unread": []},
    )
    assert customer not in invoke("spool", "export", *place).stdout
    document = json.loads(invoke("spool", "status", *place, "--json").stdout)
    assert document["dropped"] == {"erased": 1}
    assert document["pending"] + document["dead"] == 3


def test_erase_leaves_no_byte_of_a_customer(file: Path, invoke: Invoke) -> None:
    """Neither in the file nor in its log nor in a file that was set aside."""
    aside = file.with_name(f"{file.name}.corrupt-17")
    aside.write_bytes(file.read_bytes())
    outcome = invoke("spool", "erase", str(file), "--customer", "user_2", "--json")
    assert json.loads(outcome.stdout)["set_aside"] == {str(aside): 1}
    assert not [one for one in file.parent.iterdir() if b"user_2" in one.read_bytes()]
    left = Path(f"{aside}.jsonl")
    assert [json.loads(line)["customer_id"] for line in left.read_text().splitlines()] == [
        "user_1",
        "user_3",
        "user_0",
    ]
    assert stat.S_IMODE(left.stat().st_mode) == 0o600


def test_erase_leaves_what_was_set_aside_without_the_customer(file: Path, invoke: Invoke) -> None:
    """As it is."""
    aside = file.with_name(f"{file.name}.corrupt-17")
    before = file.read_bytes()
    aside.write_bytes(before)
    assert invoke("spool", "erase", str(file), "--customer", "user_9").code == 0
    assert aside.read_bytes() == before


def test_erase_finds_what_was_set_aside_wherever_it_lies(invoke: Invoke, tmp_path: Path) -> None:
    """By a link, with brackets in the name, in what an erase left, and without the file itself."""
    folder = tmp_path / "real"
    folder.mkdir()
    file, aside = folder / "s[1].db", folder / "s[1].db.corrupt-17"
    fill(SQLiteSpool(file))
    aside.write_bytes(file.read_bytes())
    (tmp_path / "link.db").symlink_to(file)
    for customer, missing in (("user_1", False), ("user_2", False), ("user_3", True)):
        if missing:
            file.unlink()
        place = file if missing else tmp_path / "link.db"
        outcome = invoke("spool", "erase", str(place), "--customer", customer)
        assert outcome.code == 0, outcome.stderr
        found = [one for one in folder.iterdir() if customer.encode() in one.read_bytes()]
        assert found == []
    left = Path(f"{aside}.jsonl").read_text().splitlines()
    assert [json.loads(line)["customer_id"] for line in left] == ["user_0"]


def test_erase_goes_on_behind_what_it_cannot_read_and_names_it(file: Path, invoke: Invoke) -> None:
    """Somebody has to look at that."""
    hopeless, aside = (file.with_name(f"{file.name}.corrupt-{number}") for number in (1, 3))
    hopeless.write_bytes(b"no database at all" * 100)
    aside.write_bytes(file.read_bytes())
    outcome = invoke("spool", "erase", str(file), "--customer", "user_2")
    assert (outcome.code, str(hopeless) in outcome.stderr) == (1, True)
    assert not aside.exists()


def test_what_a_person_edited_is_imported_into_a_new_file(
    file: Path, invoke: Invoke, tmp_path: Path
) -> None:
    """Another order, letters as they are, an empty last line: as jq and editors leave it."""
    rows = [json.loads(line) for line in invoke("spool", "export", str(file)).stdout.splitlines()]
    edited = [dict(reversed([*row.items()])) | {"user_attributes": {"name": "Zoë"}} for row in rows]
    text = "\n".join(json.dumps(row, ensure_ascii=False) for row in edited)
    (tmp_path / "lines").write_text(f"{text}\n\n", encoding="utf-8")
    new = tmp_path / "new.db"
    outcome = invoke("spool", "import", str(new), "--from", str(tmp_path / "lines"))
    assert outcome.code == 0, outcome.stderr
    assert "Zo\\u00eb" in invoke("spool", "export", str(new)).stdout


@pytest.mark.parametrize("content", [b"\xff\xfe", b'{"state": "pending", "event_time": NaN}\n'])
def test_what_is_no_export_is_refused_in_a_line(
    file: Path, invoke: Invoke, tmp_path: Path, content: bytes
) -> None:
    """And adds nothing."""
    (tmp_path / "lines").write_bytes(content)
    outcome = invoke("spool", "import", str(file), "--from", str(tmp_path / "lines"))
    assert (outcome.code, outcome.stderr.count("\n")) == (2, 1)


def test_an_import_names_the_value_that_cannot_be_sent(
    file: Path, invoke: Invoke, tmp_path: Path
) -> None:
    """With its line, as Python's JSON takes NaN and the API does not."""
    event = Event.shown(CONTEXT, visitor="user_1").to_dict()
    rows = [event, {**event, "user_attributes": {"score": float("nan")}}]
    (tmp_path / "lines").write_text("\n".join(map(json.dumps, rows)))
    outcome = invoke("spool", "import", str(file), "--from", str(tmp_path / "lines"))
    assert outcome.code == 2
    assert "line 2: user_attributes: 'score' has a value that JSON cannot" in outcome.stderr


@pytest.mark.parametrize("command", ["status", "purge", "export", "erase"])
def test_a_redis_without_the_spool_is_refused(
    redis_server: RedisServer, invoke: Invoke, command: str
) -> None:
    """A name or a database that was mistyped looks like no success."""
    options = ["--customer", "user_1"] if command == "erase" else []
    outcome = invoke("spool", command, redis_server.url, "--name", "test:nothing", *options)
    assert (outcome.code, "there is no such spool" in outcome.stderr) == (2, True)
    mistyped = f"{redis_server.url.rsplit('/', 1)[0]}/notadb"
    assert invoke("spool", command, mistyped, *options).code == 2


@pytest.mark.parametrize("theirs", ["string", "stream"])
@pytest.mark.parametrize("command", ["status", "retry", "export", "import", "purge", "erase"])
def test_a_key_of_another_program_is_named_and_refused(
    redis_server: RedisServer, invoke: Invoke, tmp_path: Path, command: str, theirs: str
) -> None:
    """Whichever key it is, as nothing of the spool can be trusted then."""
    name, lines = f"test:{uuid4().hex}", tmp_path / "lines"
    lines.write_text(json.dumps(Event.shown(CONTEXT, visitor="user_1").to_dict()))
    options = {
        "erase": ["--customer", "user_1"],
        "import": ["--from", str(lines)],
        "retry": ["--later"],
    }
    key = f"{{{name}}}:dead"
    with redis.Redis.from_url(redis_server.url) as client:
        if theirs == "string":
            client.set(key, "theirs")
        else:
            client.xadd(key, {"order": "7"})
        place = (redis_server.url, "--name", name)
        outcome = invoke("spool", command, *place, *options.get(command, []))
        assert client.keys(f"{{{name}}}:*") == [key.encode()]
    told = f"{key} belongs to another program (a {theirs} that no spool made); give each its own"
    assert (outcome.code, outcome.stdout, told in outcome.stderr) == (2, "", True)


def test_entries_that_another_program_added_are_skipped_and_counted(
    redis_server: RedisServer, invoke: Invoke
) -> None:
    """As those of a damaged file are."""
    name = f"test:{uuid4().hex}"
    fill(StreamSpool(lambda: redis.Redis.from_url(redis_server.url), name))
    with redis.Redis.from_url(redis_server.url) as client:
        for part in ("pending", "dead"):
            client.xadd(f"{{{name}}}:{part}", {"order": "7"})
    for command, lines in (("status", None), ("export", 4)):
        outcome = invoke("spool", command, redis_server.url, "--name", name)
        assert (outcome.code, "Unreadable events skipped: 2." in outcome.stderr) == (0, True)
        assert lines in {None, len(outcome.stdout.splitlines())}


def test_a_redis_that_is_not_there_is_said_without_its_password(invoke: Invoke) -> None:
    """And so is what is no URL of one."""
    for url in ("redis://:s3cret@127.0.0.1:1/0", "redis://:s3cret@127.0.0.1:port"):
        outcome = invoke("spool", "status", url)
        assert (outcome.code, outcome.stderr.count("\n")) == (2, 1)
        assert "s3cret" not in outcome.stderr


@pytest.mark.parametrize("command", ["status", "retry", "export", "purge"])
@pytest.mark.parametrize("content", [None, b"", b"no database at all" * 100])
def test_what_is_no_spool_is_refused_and_left_alone(
    invoke: Invoke, tmp_path: Path, command: str, content: bytes | None
) -> None:
    """No file is made, and none is changed."""
    path = tmp_path / "other.db"
    if content is not None:
        path.write_bytes(content)
    outcome = invoke("spool", command, str(path))
    assert (outcome.code, outcome.stderr.count("\n")) == (2, 1)
    assert (path.read_bytes() if path.exists() else None) == content
