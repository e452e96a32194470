"""Redis as a spool: a real server that is absent, killed, hung, full, renamed and flushed."""

from __future__ import annotations

import signal
import subprocess
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Any
from uuid import uuid4

import pytest
import redis

from moengage_personalize.errors import InvalidArgumentError
from moengage_personalize.reporter.spool import Limits, ResilientSpool, Spool, SpoolCounts
from moengage_personalize.reporter.spool.redis.scripts import MARK
from moengage_personalize.reporter.spool.redis.spool import RedisSpool, StreamSpool
from moengage_personalize.reporter.spool.redis.streams import NotOursError
from reporter.spool.harness import RedisServer, event, output, uuids, wait_until
from support import Start, Stopwatch

Open = Callable[..., RedisSpool]
PERSISTENT = ("--appendonly", "yes", "--appendfsync", "always")
PARTS = ("pending", "dead", "counts", "dropped")
THEIRS: dict[str, Callable[[str], tuple[str, ...]]] = {
    "string": lambda key: ("SET", key, "theirs"),
    "stream": lambda key: ("XADD", key, "*", "order", "7"),
    "hash": lambda key: ("HSET", key, "accepted", "7"),
}
"""Commands that make a key of another program, by its type."""


@pytest.fixture
def name() -> str:
    return f"test:{uuid4().hex}"


@pytest.fixture
def opened(name: str) -> Iterator[Open]:
    """Open spools, and close them at the end."""
    spools: list[Spool] = []

    def open_(server: Any, **options: Any) -> RedisSpool:
        spools.append(RedisSpool(server, name=name, retry_seconds=0.01, **options))
        return spools[-1]  # type: ignore[return-value]  # what was appended just now

    yield open_
    for spool in spools:
        spool.close()


@pytest.fixture
def streams(redis_server: RedisServer, name: str) -> Iterator[StreamSpool]:
    """The bare streams, which raise."""
    spool = StreamSpool(lambda: redis.Redis.from_url(redis_server.url), name)
    yield spool
    spool.close()


def put(spool: Spool, number: int) -> list[str]:
    """Put so many events; their UUIDs."""
    events = [event(f"user-{count}") for count in range(number)]
    for one in events:
        spool.put(one)
    return [str(one.uuid) for one in events]


def in_redis(server: RedisServer, name: str) -> list[str]:
    """What another process would find."""
    spool = StreamSpool(lambda: redis.Redis.from_url(server.url), name)
    leased = spool.lease("another", events=10_000, users=10_000, seconds=60)
    spool.release("another", [one.id for one in leased])
    spool.close()
    return [str(one.event.uuid) for one in leased]


def recover(spool: ResilientSpool) -> None:
    time.sleep(0.02)
    spool.maintain()


def command(server: RedisServer, *reason: str) -> Any:
    with redis.Redis.from_url(server.url) as client:
        return client.execute_command(*reason)


def add(server: RedisServer, key: str, *fields: str | bytes) -> None:
    """Add an entry to a stream, as another program does."""
    with redis.Redis.from_url(server.url) as client:
        client.execute_command("XADD", key, "*", *fields)


def scripts_run(server: RedisServer) -> int:
    return int(command(server, "INFO", "commandstats")["cmdstat_evalsha"]["calls"])


@pytest.mark.parametrize("theirs", THEIRS)
@pytest.mark.parametrize("part", PARTS)
def test_a_key_of_another_program_is_named_and_left_alone(  # noqa: PLR0913, PLR0917  (fixtures)
    redis_server: RedisServer,
    opened: Open,
    name: str,
    part: str,
    theirs: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """With the remedy, also if its type is the spool's; events wait in memory until it is gone."""
    key = f"{{{name}}}:{part}"
    with redis.Redis.from_url(redis_server.url) as client:
        client.execute_command(*THEIRS[theirs](key))
        before = client.dump(key)
        spool = opened(redis_server.url)
        spool.bind("d1")
        put(spool, 1)
        assert client.dump(key) == before
        assert client.keys(f"{{{name}}}:*") == [key.encode()]
        told = f"{key} belongs to another program (a {theirs} that no spool made); give each its"
        assert told in caplog.text
        client.delete(key)

        def works_again() -> bool:
            spool.maintain()
            return "works again" in caplog.text

        wait_until(works_again)
        assert client.xlen(f"{{{name}}}:pending") == 1
    assert spool.counts() == SpoolCounts(1, 0, 1, 0)


def test_a_key_that_becomes_another_programs_is_named(
    redis_server: RedisServer, opened: Open, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Under a running reporter, too."""
    spool = opened(redis_server.url)
    put(spool, 1)
    command(redis_server, "SET", f"{{{name}}}:counts", "theirs")
    put(spool, 1)
    assert f"{{{name}}}:counts belongs to another program (a string that" in caplog.text
    assert spool.counts().pending >= 1


@pytest.mark.parametrize("left", [*combinations(PARTS, 1), *combinations(PARTS, 3)])
def test_what_an_eviction_leaves_stays_the_spools(
    streams: StreamSpool, redis_server: RedisServer, name: str, left: tuple[str, ...]
) -> None:
    """A process that starts after it finds its own keys, whichever they are."""
    streams.bind("d1")
    put(streams, 3)
    dead, dropped = streams.lease("me", events=2, users=9, seconds=60)
    streams.dead_letter("me", dead, "no")
    streams.drop("me", [dropped.id], "too old")
    lost = [f"{{{name}}}:{part}" for part in PARTS if part not in left]
    command(redis_server, "DEL", *lost)
    restarted = StreamSpool(lambda: redis.Redis.from_url(redis_server.url), name)
    restarted.bind("d1")
    expected = put(restarted, 1)
    assert uuids(restarted)[-1:] == expected
    assert restarted.counts().is_balanced
    restarted.close()


def test_keys_of_a_newer_version_are_left_alone(
    opened: Open, redis_server: RedisServer, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    """This version may not know how to count them."""
    opened(redis_server.url).counts()
    command(redis_server, "HSET", f"{{{name}}}:counts", MARK, "2")
    put(opened(redis_server.url), 1)
    assert (
        "wait in memory: NotOursError: it was written by a newer version of this package"
        in caplog.text
    )
    assert command(redis_server, "XLEN", f"{{{name}}}:pending") == 0


def test_a_workspace_is_bound_in_one_round_trip(
    streams: StreamSpool, redis_server: RedisServer
) -> None:
    """With the check of the keys, so that nobody comes between."""
    streams.bind("d1")
    before = scripts_run(redis_server)
    streams.bind("d1")
    assert scripts_run(redis_server) == before + 1
    with pytest.raises(NotOursError, match="another workspace"):
        streams.bind("d2")


def test_events_wait_for_a_server_that_is_not_there(
    own_redis_server: RedisServer, opened: Open, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    """No page fails or waits; it is said once; the server gets them in their order."""
    own_redis_server.stop()
    with Stopwatch() as stopwatch:
        spool = opened(own_redis_server.url)
        expected = put(spool, 100)
        for _ in range(5):
            recover(spool)
    assert stopwatch.own_seconds < 2
    leased = spool.lease("me", events=5, users=5, seconds=60)
    spool.release("me", [one.id for one in leased])
    assert spool.counts() == SpoolCounts(100, 0, 100, 0)
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    own_redis_server.start()
    recover(spool)
    assert in_redis(own_redis_server, name) == expected
    assert spool.counts() == SpoolCounts(100, 0, 100, 0)
    assert [record.levelname for record in caplog.records] == ["ERROR", "WARNING"]


@pytest.mark.parametrize("own_redis_server", [PERSISTENT], indirect=True, ids=["appendonly"])
def test_a_server_that_was_killed_loses_nothing(
    own_redis_server: RedisServer, opened: Open, name: str
) -> None:
    """What it took, it has again; what it could not take waits in memory."""
    spool = opened(own_redis_server.url)
    expected = put(spool, 50)
    leased = spool.lease("me", events=10, users=10, seconds=60)
    spool.deliver("me", [one.id for one in leased[:5]])
    own_redis_server.stop()
    with Stopwatch() as stopwatch:
        expected += put(spool, 50)
    assert stopwatch.own_seconds < 1
    # Delivered, but not noted: delivered again later, and dropped by the API for its UUID.
    spool.deliver("me", [one.id for one in leased[5:]])
    own_redis_server.start()
    recover(spool)
    spool.release("me", [one.id for one in leased])
    assert in_redis(own_redis_server, name) == expected[5:]
    assert spool.counts() == SpoolCounts(100, 5, 95, 0)


def test_a_server_that_lost_its_keys_is_told_with_what_was_in_them(
    own_redis_server: RedisServer, opened: Open, caplog: pytest.LogCaptureFixture
) -> None:
    """Once: flushed, or restarted without persistence, Redis cannot tell which events they were."""
    spool = opened(own_redis_server.url)
    spool.bind("d1")
    put(spool, 20)
    spool.maintain()
    with redis.Redis.from_url(own_redis_server.url) as client:
        client.flushall()
    put(spool, 3)
    spool.maintain()
    spool.maintain()
    (told,) = [record.message for record in caplog.records if "has lost" in record.message]
    assert "20 pending events" in told
    assert spool.counts().pending == 3


def test_a_hung_server_holds_a_page_up_for_the_timeout(
    own_redis_server: RedisServer, opened: Open, name: str
) -> None:
    """Once; and what it took without saying so is kept twice under one UUID."""
    spool = opened(own_redis_server.url, timeout=0.2)
    expected = put(spool, 3)
    own_redis_server.signal(signal.SIGSTOP)
    with Stopwatch() as stopwatch:
        expected += put(spool, 1)
    assert stopwatch.seconds > 0.1
    assert stopwatch.own_seconds < 2
    with Stopwatch() as stopwatch:
        expected += put(spool, 100)
    assert stopwatch.own_seconds < 0.5
    with Stopwatch() as stopwatch:
        recover(spool)
    assert stopwatch.own_seconds < 1
    own_redis_server.signal(signal.SIGCONT)
    recover(spool)
    found = in_redis(own_redis_server, name)
    assert set(found) == set(expected)
    assert len(found) <= len(expected) + 1
    assert spool.counts().is_balanced


def test_closing_is_bounded_though_the_server_hangs(
    own_redis_server: RedisServer, opened: Open
) -> None:
    """What cannot be taken there is given back, to be told as dropped."""
    spool = opened(own_redis_server.url, timeout=0.2)
    own_redis_server.signal(signal.SIGSTOP)
    expected = put(spool, 20)
    with Stopwatch() as stopwatch:
        assert [str(one.uuid) for one in spool.drain("closed")] == expected
        spool.close()
    assert stopwatch.own_seconds < 2
    assert spool.counts() == SpoolCounts(20, 0, 0, 0, {"closed": 20})
    own_redis_server.signal(signal.SIGCONT)


def test_a_full_server_refuses_events_but_lets_them_go(
    own_redis_server: RedisServer, opened: Open, caplog: pytest.LogCaptureFixture
) -> None:
    """They wait in memory; what it holds may be noted as delivered, which makes room."""
    spool = opened(own_redis_server.url)
    put(spool, 10)
    leased = spool.lease("me", events=5, users=5, seconds=60)
    command(own_redis_server, "CONFIG", "SET", "maxmemory", "1")
    put(spool, 10)
    spool.deliver("me", [one.id for one in leased])
    recover(spool)
    assert spool.counts() == SpoolCounts(20, 5, 15, 0)
    assert len(caplog.records) == 1
    assert "OutOfMemoryError" in caplog.text
    command(own_redis_server, "CONFIG", "SET", "maxmemory", "0")
    recover(spool)
    assert spool.counts() == SpoolCounts(20, 5, 15, 0)
    assert len(caplog.records) == 2


def test_a_replica_refuses_events_until_it_leads(
    own_redis_server: RedisServer, opened: Open, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    """As in a failover: `READONLY` is a failure like any other."""
    spool = opened(own_redis_server.url)
    expected = put(spool, 3)
    command(own_redis_server, "REPLICAOF", "127.0.0.1", "1")
    expected += put(spool, 3)
    recover(spool)
    assert len(caplog.records) == 1
    command(own_redis_server, "REPLICAOF", "NO", "ONE")
    recover(spool)
    assert in_redis(own_redis_server, name) == expected


def test_a_server_that_forgot_everything_goes_on(
    own_redis_server: RedisServer, opened: Open, caplog: pytest.LogCaptureFixture
) -> None:
    """Flushed, or replaced by an empty one: keys, group and scripts are made anew."""
    spool = opened(own_redis_server.url)
    put(spool, 3)
    leased = spool.lease("me", events=2, users=2, seconds=60)
    command(own_redis_server, "FLUSHALL")
    command(own_redis_server, "SCRIPT", "FLUSH")
    ids = [one.id for one in leased]
    spool.renew("me", ids, seconds=60)
    spool.release("me", ids)
    spool.deliver("me", ids)
    spool.dead_letter("me", leased[0], "no")
    spool.maintain()
    assert spool.counts() == SpoolCounts()
    expected = put(spool, 3)
    assert uuids(spool) == expected
    assert caplog.records == []


@pytest.mark.parametrize(
    ("how", "left"),
    [
        (("DEL", "{key}"), 0),
        (("XTRIM", "{key}", "MAXLEN", "4"), 4),
        (("XTRIM", "{key}", "MAXLEN", "0"), 0),
    ],
    ids=["deleted", "trimmed", "emptied"],
)
def test_what_vanished_from_the_stream_is_accounted_for(  # noqa: PLR0913, PLR0917  (fixtures)
    opened: Open,
    redis_server: RedisServer,
    name: str,
    caplog: pytest.LogCaptureFixture,
    how: tuple[str, ...],
    left: int,
) -> None:
    """As an eviction does it: it makes room, and is told once, whoever looks."""
    spool, other = (opened(redis_server.url, limits=Limits(rows=10)) for _ in range(2))
    put(spool, 10)
    assert spool.is_full()
    command(redis_server, *(word.format(key=f"{{{name}}}:pending") for word in how))
    assert not spool.is_full()
    expected = SpoolCounts(10, 0, left, 0, {"vanished": 10 - left})
    assert spool.counts() == other.counts() == expected
    put(spool, 2)
    for one in (spool, other, spool):
        one.maintain()
    assert len(uuids(spool)) == left + 2
    assert [record.getMessage() for record in caplog.records] == [
        f"{10 - left} events vanished from {name} in Redis"
    ]


def test_bytes_of_what_vanished_make_room(
    streams: StreamSpool, redis_server: RedisServer, name: str
) -> None:
    """They are counted again, for what is left."""
    put(streams, 10)
    key = f"{{{name}}}:counts"
    before = int(command(redis_server, "HGET", key, "bytes"))
    command(redis_server, "XTRIM", f"{{{name}}}:pending", "MAXLEN", "5")
    streams.counts()
    assert int(command(redis_server, "HGET", key, "bytes")) == before / 2


def test_counts_that_vanished_are_made_again(
    streams: StreamSpool, redis_server: RedisServer, name: str
) -> None:
    """From what is there."""
    put(streams, 10)
    command(redis_server, "DEL", f"{{{name}}}:counts")
    assert streams.counts() == SpoolCounts(10, 0, 10, 0)


def test_a_group_that_vanished_is_made_again(
    opened: Open, redis_server: RedisServer, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Somebody destroyed it, or copied the entries only; what was leased is leased again."""
    spool = opened(redis_server.url)
    spool.bind("d1")
    expected = put(spool, 3)
    leased = spool.lease("me", events=2, users=2, seconds=60)
    command(redis_server, "XGROUP", "DESTROY", f"{{{name}}}:pending", MARK)
    spool.deliver("me", [one.id for one in leased])
    spool.maintain()
    assert uuids(spool) == expected
    assert spool.counts() == SpoolCounts(3, 0, 3, 0)
    assert caplog.records == []


def test_a_clock_that_was_set_back_makes_nothing_wait(
    streams: StreamSpool, redis_server: RedisServer, name: str
) -> None:
    """Leases and what was given back are moved along, to a second, which `maintain` sees it in."""
    streams.maintain()
    expected = put(streams, 3)
    given_back, leased, _ = streams.lease("me", events=3, users=3, seconds=60)
    streams.release("me", [given_back.id])
    key, hour = f"{{{name}}}:pending", 3_600_000
    with redis.Redis.from_url(redis_server.url) as client:
        rows: Any = client.xpending_range(key, MARK, "-", "+", 10)
        for row in rows:
            idle = row["time_since_delivered"] - hour
            client.xclaim(key, MARK, row["consumer"], 0, [row["message_id"]], idle=idle)
        client.hincrby(f"{{{name}}}:counts", "clock", hour)
    assert uuids(streams, "before", seconds=60) == []
    streams.maintain()
    wait_until(lambda: uuids(streams, "heir", seconds=60) == expected[:1])
    streams.deliver("me", [leased.id])
    assert streams.counts().delivered == 1


def test_an_entry_that_somebody_deleted_hinders_nothing(
    streams: StreamSpool, redis_server: RedisServer, name: str
) -> None:
    """A person with `redis-cli` may do so."""
    put(streams, 4)
    leased = streams.lease("me", events=2, users=9, seconds=0.001)
    time.sleep(0.01)
    command(redis_server, "XDEL", f"{{{name}}}:pending", leased[0].id)
    (again,) = streams.lease("heir", events=1, users=9, seconds=60)
    assert again.event == leased[1].event
    assert len(streams.lease("heir", events=9, users=9, seconds=60)) == 2


@pytest.mark.parametrize(
    "entry",
    [("customer", "x", "event", '{"from":"the future"}'), ("order", "7"), ("event", b"\xff")],
    ids=["newer", "not ours", "binary"],
)
def test_an_unreadable_event_keeps_no_other_from_delivery(
    streams: StreamSpool, redis_server: RedisServer, name: str, entry: tuple[str | bytes, ...]
) -> None:
    """It is kept as a dead letter, and not leased for ever."""
    expected = put(streams, 1)
    add(redis_server, f"{{{name}}}:pending", *entry)
    expected += put(streams, 1)
    assert uuids(streams) == expected
    assert streams.counts() == SpoolCounts(3, 0, 2, 1)
    assert streams.dead_letters() == []


def test_bytes_that_are_no_text_fail_no_client_that_decodes(
    redis_server: RedisServer, name: str
) -> None:
    """An application's function may make such a client."""
    spool = StreamSpool(lambda: redis.Redis.from_url(redis_server.url, decode_responses=True), name)
    expected = put(spool, 1)
    add(redis_server, f"{{{name}}}:pending", "event", b"\xff")
    assert uuids(spool) == expected
    assert spool.counts() == SpoolCounts(2, 0, 1, 1)
    spool.close()


def test_entries_of_another_program_break_no_operation(
    streams: StreamSpool, redis_server: RedisServer, name: str
) -> None:
    """What somebody adds to the streams is counted like any unreadable event."""
    pending, dead = f"{{{name}}}:pending", f"{{{name}}}:dead"
    expected = put(streams, 1)
    for key in (pending, dead):
        for entry in (("order", "7"), ("event", "7"), ("event", "null", "reason", b"\xff")):
            add(redis_server, key, *entry)
    found = streams.contents()
    assert [str(one.uuid) for one in found.pending] == expected
    assert (found.unreadable, found.counts) == (6, SpoolCounts(7, 0, 4, 3))
    assert streams.purge_dead("too old", before=1) == 0
    assert streams.erase("user-0") == 1
    assert streams.retry_dead() == 3
    assert uuids(streams) == []
    assert streams.counts() == SpoolCounts(7, 0, 0, 6, {"erased": 1})
    assert streams.purge_dead("purged") == 6
    add(redis_server, pending, "order", "7")
    full = StreamSpool(lambda: redis.Redis.from_url(redis_server.url), name, Limits(rows=1))
    assert list(full.drop_oldest("full")) == []
    assert full.counts() == SpoolCounts(8, 0, 0, 0, {"erased": 1, "purged": 6, "full": 1})
    full.close()


def test_dead_letters_are_retried_or_purged(streams: StreamSpool) -> None:
    """By a person, once the cause is mended."""
    expected = put(streams, 3)
    for one in streams.lease("me", events=2, users=9, seconds=60):
        streams.dead_letter("me", one, "no")
    assert [str(letter.event.uuid) for letter in streams.dead_letters()] == expected[:2]
    assert streams.retry_dead() == 2
    assert streams.retry_dead() == 0
    assert streams.counts() == SpoolCounts(3, 0, 3, 0)
    leased = streams.lease("me", events=9, users=9, seconds=60)
    assert [str(one.event.uuid) for one in leased] == [expected[2], *expected[:2]]
    for one in leased:
        streams.dead_letter("me", one, "no")
    assert streams.purge_dead("purged") == 3
    assert streams.purge_dead("purged") == 0
    assert streams.counts() == SpoolCounts(3, 0, 0, 0, {"purged": 3})


def test_consumers_that_are_lent_nothing_are_forgotten(
    streams: StreamSpool, redis_server: RedisServer, name: str
) -> None:
    """Each process that ever delivered had one."""
    put(streams, 3)
    for owner in ("done", "dead"):
        leased = streams.lease(owner, events=1, users=1, seconds=60)
        if owner == "done":
            streams.deliver(owner, [one.id for one in leased])
    streams.maintain()
    with redis.Redis.from_url(redis_server.url) as client:
        consumers: Any = client.xinfo_consumers(f"{{{name}}}:pending", MARK)
    assert [consumer["name"] for consumer in consumers] == [b"dead"]


def test_a_full_spool_asks_redis_only_then(
    opened: Open, redis_server: RedisServer, name: str
) -> None:
    """`put` learns how much there is, so that a page asks once for each event."""
    spool = opened(redis_server.url, limits=Limits(rows=3))
    assert not spool.is_full()
    put(spool, 2)
    before = scripts_run(redis_server)
    assert not spool.is_full()
    assert scripts_run(redis_server) == before
    put(spool, 1)
    assert spool.is_full()
    leased = StreamSpool(lambda: redis.Redis.from_url(redis_server.url), name).lease(
        "another process", events=1, users=1, seconds=60
    )
    StreamSpool(lambda: redis.Redis.from_url(redis_server.url), name).deliver(
        "another process", [one.id for one in leased]
    )
    assert not spool.is_full()


def test_kill_9_after_put_loses_nothing(
    redis_server: RedisServer, name: str, python: Start
) -> None:
    """And the counts balance, wherever a client was killed."""
    script = """
from moengage_personalize.reporter.spool.redis.spool import RedisSpool
spool = RedisSpool(sys.argv[1], name=sys.argv[2], timeout=5)
while True:
    one = event()
    spool.put(one)
    say(one.uuid)
    if os.getpid() % 2:
        leased = spool.lease(str(os.getpid()), events=3, users=3, seconds=60)
        spool.release(str(os.getpid()), [one.id for one in leased])
"""
    said: list[str] = []
    for lines in (1, 50, 200):
        process = python(script, redis_server.url, name)
        assert process.stdout is not None
        said += [process.stdout.readline().strip() for _ in range(lines)]
        process.kill()
        said += [line.strip() for line in process.stdout if len(line) == 37]
    spool = StreamSpool(lambda: redis.Redis.from_url(redis_server.url), name)
    assert spool.counts().is_balanced
    with redis.Redis.from_url(redis_server.url) as client:
        entries: Any = client.xrange(f"{{{name}}}:pending")
    bodies = b"".join(fields[b"event"] for _, fields in entries).decode()
    assert [uuid for uuid in said if uuid not in bodies] == []
    assert len(entries) - len(said) <= 3
    spool.close()


def test_processes_lease_different_events_and_the_account_is_always_balanced(
    streams: StreamSpool, redis_server: RedisServer, name: str, python: Start
) -> None:
    """Three processes put, deliver and give back, while a fourth looks on."""
    script = """
from moengage_personalize.reporter.spool.redis.spool import RedisSpool
spool = RedisSpool(sys.argv[1], name=sys.argv[2], timeout=5)
me = str(os.getpid())
for round in range(150):
    spool.put(event(f"user-{round}"))
    leased = spool.lease(me, events=3, users=3, seconds=60)
    spool.release(me, [one.id for one in leased[2:]])
    spool.deliver(me, [one.id for one in leased[:2]])
    say(*[one.event.uuid for one in leased[:2]])
"""
    workers = [python(script, redis_server.url, name) for _ in range(3)]
    all_counts: list[SpoolCounts] = []
    while any(worker.poll() is None for worker in workers):
        all_counts.append(streams.counts())
        time.sleep(0.005)
    said = [worker.communicate(timeout=30)[0].split() for worker in workers]
    assert [worker.returncode for worker in workers] == [0] * 3
    delivered = [uuid for reason in said for uuid in reason]
    assert len(delivered) == len(set(delivered))
    assert all(counts.is_balanced for counts in all_counts)
    counts = streams.counts()
    assert counts == SpoolCounts(450, len(delivered), 450 - len(delivered), 0)


@pytest.mark.parametrize("given", ["client", "decoding client", "function"])
def test_a_client_may_be_given(opened: Open, redis_server: RedisServer, given: str) -> None:
    """Its settings are taken; what it decodes does not matter; it is not closed."""
    client = redis.Redis.from_url(redis_server.url, decode_responses=given == "decoding client")

    def connect() -> redis.Redis:
        return redis.Redis.from_url(redis_server.url, decode_responses=True)

    spool = opened(connect if given == "function" else client)
    expected = put(spool, 3)
    leased = spool.lease("me", events=1, users=1, seconds=60)
    spool.dead_letter("me", leased[0], "Größe")
    spool.refuse(event(), "full")
    assert [letter.reason for letter in spool.dead_letters()] == ["Größe"]
    assert uuids(spool) == expected[1:]
    assert spool.counts() == SpoolCounts(4, 0, 2, 1, {"full": 1})
    spool.close()
    assert client.ping()
    client.close()


@pytest.mark.parametrize("given", ["client", "url"])
def test_the_callers_own_timeouts_are_not_taken(
    own_redis_server: RedisServer, opened: Open, given: str
) -> None:
    """By itself, a client waits for five seconds and tries ten times; a URL may say anything."""
    socket = own_redis_server.url.removeprefix("unix://")
    with redis.Redis(unix_socket_path=socket) as client:
        server = client if given == "client" else f"{own_redis_server.url}?socket_timeout=6"
        spool = opened(server, timeout=0.2)
        put(spool, 1)
        own_redis_server.signal(signal.SIGSTOP)
        with Stopwatch() as stopwatch:
            put(spool, 10)
        assert stopwatch.own_seconds < 1.5
        own_redis_server.signal(signal.SIGCONT)


@pytest.mark.parametrize("own_redis_server", [("--requirepass", "S3cret-pass")], indirect=True)
def test_no_password_shows(
    own_redis_server: RedisServer, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    """In no log line and no repr, whether it is right or wrong."""
    caplog.set_level("DEBUG")
    for password in ("S3cret-pass", "wr0ng-pass"):
        url = own_redis_server.url.replace("unix://", f"unix://:{password}@")
        spool = RedisSpool(url, name=name, retry_seconds=0.01)
        put(spool, 1)
        assert password not in repr(spool) + repr(vars(spool)) + str(spool)
        spool.close()
    assert len(caplog.records) == 1
    assert "AuthenticationError" in caplog.text
    assert "pass" not in caplog.text.replace("username-password", "").replace("test_no_pass", "")


@pytest.mark.parametrize(
    "url",
    [
        "redis://:S3cret/pass@localhost:6379",
        "redis://user:S3cret@[::1:6379",
        "http://user:S3cret@localhost",
        "redis://:S3cret@localhost:port",
        "redis://:S3cret@localhost/0?socket_timeout=S3cret",
        "redis://:S3cret@localhost/0?bogus=1",
        "localhost",
        "",
    ],
)
def test_a_wrong_url_is_refused_and_not_repeated(url: str) -> None:
    """A password that was not quoted makes one wrong."""
    with pytest.raises(InvalidArgumentError) as caught:
        RedisSpool(url)
    assert caught.value.field == "server"
    assert "S3cret" not in str(caught.value) + repr(caught.value)
    assert "S3cret" not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(
    "own_redis_server", [("--rename-command", "EVALSHA", "")], indirect=True, ids=["no EVALSHA"]
)
def test_what_a_server_refuses_is_not_repeated_in_the_log(
    own_redis_server: RedisServer, opened: Open, caplog: pytest.LogCaptureFixture
) -> None:
    """Its words may hold the command, and so a customer."""
    spool = opened(own_redis_server.url)
    spool.put(event("jane@example.com"))
    with (
        redis.Redis.from_url(own_redis_server.url) as client,
        pytest.raises(redis.ResponseError, match=r"jane@example\.com"),
    ):
        client.execute_command("EVALSHA", "jane@example.com")
    assert len(caplog.records) == 1
    assert caplog.records[0].getMessage().endswith("wait in memory: ResponseError")


@pytest.mark.usefixtures("measured")
def test_the_extra_is_asked_for_only_by_the_module_that_needs_it() -> None:
    """And its absence is told with the command that mends it."""
    script = """
import moengage_personalize, moengage_personalize.reporter
say("redis" in sys.modules)
sys.modules["redis"] = None
try:
    import moengage_personalize.reporter.spool.redis.spool
except ImportError as error:
    say(error)
"""
    imported, reason = output(script)
    assert imported == "False"
    assert "install the package again with the extra redis" in reason


def test_parent_and_child_have_connections_of_their_own(
    redis_server: RedisServer, name: str
) -> None:
    """Also with threads at work during the fork: none hangs, none reads the other's answers."""
    script = """
import signal, threading
from moengage_personalize.reporter.spool.redis.spool import RedisSpool
spool = RedisSpool(sys.argv[1], name=sys.argv[2], timeout=5)
stop = threading.Event()
def work():
    while not stop.is_set():
        spool.counts()
threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
codes = []
for number in range(8):
    spool.put(event())
    pid = os.fork()
    if pid == 0:
        signal.alarm(10)
        spool.after_fork()
        for _ in range(5):
            spool.put(event())
        leased = spool.lease(f"child-{number}", events=3, users=9, seconds=60)
        spool.deliver(f"child-{number}", [one.id for one in leased])
        os._exit(0 if len(leased) == 3 else 1)
    codes.append(os.waitpid(pid, 0)[1])
stop.set()
for thread in threads:
    thread.join()
say(set(codes))
say(spool.counts())
spool.close()
"""
    codes, counts = output(script, redis_server.url, name, stderr=subprocess.DEVNULL)
    assert codes == "{0}"
    assert counts == str(SpoolCounts(48, 24, 24, 0))


def test_many_threads_share_a_spool(opened: Open, redis_server: RedisServer) -> None:
    """Each with a connection of the pool."""
    spool = opened(redis_server.url, timeout=5)
    threads = [threading.Thread(target=put, args=(spool, 50)) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert spool.counts() == SpoolCounts(800, 0, 800, 0)
    assert len(set(uuids(spool))) == 800
