"""The reporter against the emulator: everything arrives, once, and no page waits."""

from __future__ import annotations

import asyncio
import logging
import math
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import anyio
import anyio.lowlevel
import anyio.to_thread
import attrs
import pytest

from moengage_personalize import (
    AsyncPersonalizeClient,
    AuthenticationError,
    Dedupe,
    Event,
    EventReporter,
    Experience,
    InvalidArgumentError,
    Lost,
    PersonalizeClient,
    ServerError,
    Stats,
    Visitor,
)
from moengage_personalize.emulator import Emulator, Fault
from moengage_personalize.reporter.options import WhenFull
from moengage_personalize.reporter.spool import (
    MemorySpool,
    ResilientSpool,
    Spool,
    SQLiteSpool,
)
from moengage_personalize.reporter.spool.sqlite.file import SQLiteFile
from reporter.spool.harness import wait_until
from support import CONTEXT, Driver, ScriptedServer, Stopwatch, http

Make = Callable[..., EventReporter]


@pytest.fixture(params=["memory", "durable"])
def spool(request: pytest.FixtureRequest, tmp_path: Path) -> Path | None:
    """Each test with it runs on both kinds."""
    return None if request.param == "memory" else tmp_path / "events.db"


@pytest.fixture
def make(client: PersonalizeClient) -> Iterator[Make]:
    """Make reporters that are closed after the test."""
    made: list[EventReporter] = []

    def start(spool: Path | Spool | None = None, **options: Any) -> EventReporter:
        made.append(EventReporter(client, spool=spool, **options))
        return made[-1]

    yield start
    for reporter in made:
        reporter.close(timeout=1)


def show(reporter: EventReporter, *customers: str) -> None:
    for customer in customers:
        reporter.shown(CONTEXT, visitor=customer)


def test_what_is_accepted_arrives_with_nobody_waiting(
    make: Make, spool: Path | None, emulator: Emulator
) -> None:
    """After the interval, without a flush."""
    reporter = make(spool, flush_interval=0.1)
    reporter.flush(5)
    reporter.shown(CONTEXT, CONTEXT, visitor="a")
    reporter.clicked(CONTEXT, visitor=Visitor("b", platform="ios"), element="Buy")
    events = emulator.wait_for_events(3, timeout=5)
    assert [(event.customer_id, event.attributes.get("b_id")) for event in events] == [
        ("a", None),
        ("a", None),
        ("b", "Buy"),
    ]
    assert len(emulator.requests) == 1
    assert reporter.flush(5)
    assert reporter.stats.delivered == 3
    assert reporter.stats.is_balanced


def test_a_hundred_users_are_a_full_request(
    make: Make, spool: Path | None, emulator: Emulator
) -> None:
    """Delivered at once, long before the interval; a request never has more."""
    reporter = make(spool, flush_interval=60)
    reporter.flush(5)
    show(reporter, *(f"user-{number}" for number in range(100)))
    emulator.wait_for_events(100, timeout=5)
    show(reporter, *(f"user-{number % 250}" for number in range(500)))
    assert reporter.flush(10)
    assert len(emulator.events) == 600
    sizes = [len(request.json["elements"]) for request in emulator.requests]
    assert max(sizes) <= 100
    for request in emulator.requests:
        people = [element["customer_id"] for element in request.json["elements"]]
        assert len(people) == len(set(people))


def test_steady_traffic_leaves_in_full_requests(
    make: Make, spool: Path | None, emulator: Emulator
) -> None:
    """What comes while a request is under way waits for company, and does not drip."""
    emulator.fail("reportExperienceEvents", Fault.latency(0.05))
    reporter = make(spool, flush_interval=60)
    reporter.flush(5)
    for number in range(1_000):
        show(reporter, f"user-{number}")
        time.sleep(0.0005)
    reporter.flush(20)
    sizes = [len(request.json["elements"]) for request in emulator.requests]
    assert sum(sizes) == 1_000
    # A flush sends what there is, and the machine may be busy: dripping would take hundreds.
    assert len(sizes) <= 15


def test_a_bad_event_is_refused_at_once(make: Make, spool: Path | None) -> None:
    """With the field named, and without a trace in the counts."""
    reporter = make(spool)
    with pytest.raises(InvalidArgumentError) as caught:
        reporter.shown(CONTEXT, visitor="u", event_time=-1)
    assert caught.value.field == "event_time"
    assert reporter.stats.accepted == 0


def test_what_cannot_be_reported_is_skipped_and_counted(make: Make, spool: Path | None) -> None:
    """Default content has no context, and nobody knows who a visitor without any ID is."""
    reporter = make(spool)
    default = Experience.from_default("k", {"Title": "Hi"}, reason="down")
    reporter.shown(default, {}, visitor="u")
    reporter.clicked(default, visitor="u")
    reporter.shown(CONTEXT, visitor="")
    reporter.shown(CONTEXT, visitor=None)
    assert (reporter.stats.accepted, reporter.stats.skipped) == (0, 5)


def test_a_report_of_something_else_accepts_nothing(make: Make, spool: Path | None) -> None:
    """An iterable of events is wanted, as by the client."""
    reporter = make(spool)
    event = Event.shown(CONTEXT, visitor="u")
    for wrong, field in ((event, "events"), ([event, CONTEXT], "events[1]")):
        with pytest.raises(InvalidArgumentError) as caught:
            reporter.report(wrong)  # type: ignore[arg-type]  # the mistake
        assert caught.value.field == field
    assert reporter.stats.accepted == 0


@pytest.mark.usefixtures("transport")
@pytest.mark.parametrize(
    "fault",
    [
        Fault.status(500, times=3),
        Fault.after_processing(Fault.status(503, times=3)),
        Fault.drop(times=3),
        Fault.half_body(times=3),
        Fault.rate_limited(retry_after=1, times=1),
        Fault.after_processing(Fault.hang(times=1)),
    ],
    ids=["500", "processed, then 503", "dropped", "half a body", "429", "processed, then hung"],
)
def test_a_failing_server_loses_and_doubles_nothing(
    make: Make, spool: Path | None, emulator: Emulator, fault: Fault
) -> None:
    """UUIDs stay over all attempts, so the server's deduplication makes it once."""
    emulator.fail("reportExperienceEvents", fault)
    reporter = make(spool, request_timeout=0.5, lease=1.0)
    events = [Event.shown(CONTEXT, visitor=str(n)) for n in range(120)]
    reporter.report(events)
    assert reporter.flush(20)
    assert {event.uuid for event in emulator.events} == {str(event.uuid) for event in events}
    stats = reporter.stats
    assert (stats.accepted, stats.delivered, stats.pending, stats.last_error) == (120, 120, 0, None)


def test_the_servers_wait_is_kept(make: Make, spool: Path | None, emulator: Emulator) -> None:
    """Even by a flush."""
    emulator.fail("reportExperienceEvents", Fault.rate_limited(retry_after=1, times=1))
    reporter = make(spool)
    show(reporter, "a")
    assert not reporter.flush(0.3)
    start = time.monotonic()
    assert reporter.flush(5)
    assert time.monotonic() - start > 0.4
    first, second = emulator.requests
    assert second.received_at - first.received_at >= 1


def test_a_refused_event_is_set_aside_and_the_others_arrive(
    make: Make, spool: Path | None, emulator: Emulator
) -> None:
    """With the server's words, and told to the callback."""
    lost: list[Lost] = []
    reporter = make(spool, on_lost=lost.append)
    poison = Event.shown({**CONTEXT, "type": 5}, visitor="poison")
    good = [Event.shown(CONTEXT, visitor=str(n)) for n in range(99)]
    reporter.report([*good[:60], poison, *good[60:]])
    assert reporter.flush(10)
    assert {event.uuid for event in emulator.events} == {str(event.uuid) for event in good}
    stats = reporter.stats
    assert (stats.delivered, stats.dead, stats.pending) == (99, 1, 0)
    assert [(one.kind, one.event.uuid) for one in lost] == [("dead", poison.uuid)]
    assert "400" in lost[0].reason
    assert "type" in lost[0].reason


def test_dead_letters_are_bounded_and_the_callback_is_told(
    make: Make, spool: Path | None, emulator: Emulator
) -> None:
    """The oldest go first, and the counts stay balanced."""
    lost: list[Lost] = []
    reporter = make(spool, max_dead=2, on_lost=lost.append)
    show(reporter, "good")
    for number in range(4):
        reporter.shown({**CONTEXT, "type": number}, visitor=f"poison-{number}")
    assert reporter.flush(10)
    assert len(emulator.events) == 1
    assert [one.kind for one in lost].count("dead") == 4
    dropped = [one.event.customer_id for one in lost if one.kind == "dropped"]
    assert dropped == ["poison-0", "poison-1"]
    assert reporter.stats.dropped == {"dead letters full": 2}
    assert reporter.stats.is_balanced


def test_a_401_pauses_delivery_says_so_and_keeps_everything(
    make: Make, spool: Path | None, emulator: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    """The key was rotated; delivery goes on once it is right again."""
    emulator.expire_key("another")
    reporter = make(spool, pause=0.5)
    show(reporter, *"abc")
    assert not reporter.flush(1.2)
    assert reporter.stats.paused
    assert isinstance(reporter.stats.last_error, AuthenticationError)
    assert (reporter.stats.pending, reporter.stats.dead) == (3, 0)
    assert len(emulator.requests) <= 4
    assert caplog.text.count("is paused") == 1
    emulator.expire_key("EMULATED_KEY")
    emulator.wait_for_events(3, timeout=5)
    assert reporter.flush(5)
    assert not reporter.stats.paused


def test_an_unknown_workspace_buries_nothing(
    emulator: Emulator, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """It is answered with 400, as a bad event is."""
    with PersonalizeClient("ANOTHER", "KEY", base_url=emulator.base_url) as client:
        reporter = EventReporter(client, spool=tmp_path / "s.db")
        show(reporter, *"abc")
        assert not reporter.flush(1)
        assert (reporter.stats.pending, reporter.stats.dead) == (3, 0)
        assert reporter.stats.paused
        reporter.close(0.5)
    assert "is paused" in caplog.text


@pytest.mark.parametrize("when_full", ["drop_oldest", "drop_newest", "block"])
def test_a_full_spool_keeps_to_its_policy_and_accounts_for_every_event(
    make: Make, spool: Path | None, emulator: Emulator, when_full: str
) -> None:
    """Every drop reaches the callback."""
    emulator.fail("reportExperienceEvents", Fault.rate_limited(retry_after=60))
    lost: list[Lost] = []
    reporter = make(
        spool,
        max_events=10,
        when_full=when_full,
        block_timeout=0.05,
        on_lost=lost.append,
        request_timeout=0.2,
    )
    events = [Event.shown(CONTEXT, visitor=str(n)) for n in range(15)]
    reporter.report([events[0]])
    assert not reporter.flush(1)  # from here on nothing is leased for a minute
    reporter.report(events[1:])
    stats = reporter.stats
    assert stats.is_balanced
    assert (stats.accepted, stats.pending, stats.dropped) == (15, 10, {"full": 5})
    expected = events[:5] if when_full == "drop_oldest" else events[10:]
    assert [(one.kind, one.event.uuid) for one in lost] == [
        ("dropped", event.uuid) for event in expected
    ]


def test_blocking_waits_for_room(make: Make, spool: Path | None, emulator: Emulator) -> None:
    """And drops nothing while the server keeps up."""
    reporter = make(spool, max_events=10, when_full="block", block_timeout=5)
    show(reporter, *(str(number) for number in range(60)))
    assert reporter.flush(5)
    assert (reporter.stats.delivered, reporter.stats.dropped) == (60, {})
    assert len(emulator.events) == 60


def test_the_size_in_bytes_is_bounded_too(
    make: Make, spool: Path | None, emulator: Emulator
) -> None:
    """Large contexts count as what they take."""
    emulator.fail(None, Fault.status(500))
    reporter = make(spool, max_bytes=5_000)
    for number in range(20):
        reporter.shown({**CONTEXT, "big": "x" * 1_000}, visitor=str(number))
    assert 2 <= reporter.stats.pending <= 5
    assert reporter.stats.is_balanced


@pytest.mark.usefixtures("transport")
@pytest.mark.parametrize("method", ["flush", "close"])
def test_flush_and_close_keep_their_time_with_a_hung_server(
    make: Make, spool: Path | None, emulator: Emulator, method: str
) -> None:
    """Whatever the thread is doing."""
    emulator.fail("reportExperienceEvents", Fault.hang())
    reporter = make(spool, flush_interval=0.05)
    show(reporter, *"abc")
    time.sleep(0.2)  # the thread hangs in its request by now
    with Stopwatch() as stopwatch:
        assert getattr(reporter, method)(timeout=0.5) is False
    assert stopwatch.own_seconds < 1.0


def test_what_close_leaves_behind_is_kept_or_accounted_for(
    make: Make, spool: Path | None, emulator: Emulator
) -> None:
    """A file delivers it later; memory tells every event."""
    emulator.fail("reportExperienceEvents", Fault.status(500))
    lost: list[Lost] = []
    reporter = make(spool, on_lost=lost.append, request_timeout=0.2, lease=1)
    show(reporter, *"abc")
    assert reporter.close(0.5) is False
    assert reporter.close(0.5) is False  # the answer of the first
    emulator.heal()
    if spool is None:
        assert [(one.kind, one.reason) for one in lost] == [("dropped", "closed")] * 3
    else:
        assert lost == []
        again = make(spool)
        # A flush does not wait for what the first one's request, which was cut, has leased.
        wait_until(lambda: again.flush(20))
        assert {event.customer_id for event in emulator.events} == {*"abc"}
        assert again.stats.accepted == again.stats.delivered == 3


def test_a_short_flush_cuts_no_request_that_would_succeed(
    make: Make, spool: Path | None, emulator: Emulator
) -> None:
    """Whoever waits may give up; the delivery does not."""
    emulator.fail("reportExperienceEvents", Fault.latency(0.5))
    reporter = make(spool)
    reporter.flush(5)
    show(reporter, *"abc")
    assert not reporter.flush(0.1)
    assert not reporter.flush(0.1)
    assert reporter.flush(5)
    assert len(emulator.requests) == 1


def test_two_flushes_at_once_both_tell_the_truth(
    make: Make, spool: Path | None, emulator: Emulator
) -> None:
    """A shorter one does not end a longer one early."""
    emulator.fail("reportExperienceEvents", Fault.status(500, times=1))
    emulator.fail("reportExperienceEvents", Fault.latency(0.2))
    reporter = make(spool)
    show(reporter, *(f"user-{number}" for number in range(250)))
    answers: list[tuple[bool, int]] = []

    def long() -> None:
        answers.append((reporter.flush(20), reporter.stats.pending))

    thread = threading.Thread(target=long)
    thread.start()
    time.sleep(0.05)
    reporter.flush(0.05)
    thread.join()
    assert answers == [(True, 0)]


@pytest.mark.parametrize("error", [SystemExit, KeyboardInterrupt, asyncio.CancelledError])
def test_no_exception_of_a_callback_ends_delivery(
    make: Make, spool: Path | None, emulator: Emulator, error: type[BaseException]
) -> None:
    """On the thread that delivers, it is logged."""

    def fail(_: Lost) -> None:
        raise error

    reporter = make(spool, on_lost=fail)
    poison = Event.shown({**CONTEXT, "type": 5}, visitor="poison")
    reporter.report([poison])
    reporter.flush(1)
    show(reporter, "good")
    assert reporter.flush(5)
    assert [event.customer_id for event in emulator.events] == ["good"]


@pytest.mark.parametrize("method", ["flush", "close"])
def test_a_callback_cannot_wait_for_its_own_thread(
    make: Make, emulator: Emulator, caplog: pytest.LogCaptureFixture, method: str
) -> None:
    """It is told so, and nothing hangs."""
    made: list[EventReporter] = []

    def wait(_: Lost) -> None:
        getattr(made[0], method)(3)

    made.append(make(on_lost=wait))
    made[0].report([Event.shown({**CONTEXT, "type": 5}, visitor="p")])
    with Stopwatch() as stopwatch:
        assert made[0].flush(5)
    assert stopwatch.own_seconds < 2.5
    assert "cannot be called from on_lost" in caplog.text
    assert emulator.events == []


@pytest.mark.parametrize(
    "changes", [{"attributes": ["x"]}, {"user_attributes": {"score": math.nan}}], ids=repr
)
def test_an_event_that_no_request_can_be_made_of_keeps_no_other_from_delivery(
    make: Make, emulator: Emulator, changes: dict[str, Any]
) -> None:
    """It came past the checks, or was damaged: it is set aside as `unreadable`."""
    lost: list[Lost] = []
    reporter = make(on_lost=lost.append, flush_interval=60)
    reporter.flush(5)
    good = [Event.shown(CONTEXT, visitor=str(n)) for n in range(6)]
    bad = attrs.evolve(good[0], uuid=uuid4(), **changes)
    for event in (*good[:3], bad, *good[3:]):
        reporter._spool.put(event)
    assert reporter.flush(10)
    assert {event.uuid for event in emulator.events} == {str(event.uuid) for event in good}
    assert (reporter.stats.delivered, reporter.stats.dead) == (6, 1)
    assert [(one.kind, one.reason) for one in lost] == [("dead", "unreadable")]


def test_a_callback_may_close_again(make: Make, emulator: Emulator) -> None:
    """Within `close`, the answer is there at once: not done."""
    emulator.fail("reportExperienceEvents", Fault.status(503))
    answers: list[bool] = []
    made: list[EventReporter] = []

    def close_again(_: Lost) -> None:
        answers.append(made[0].close(60))

    reporter = make(on_lost=close_again)
    made.append(reporter)
    show(reporter, *"ab")
    closing = threading.Thread(target=reporter.close, args=(0.5,), daemon=True)
    closing.start()
    closing.join(20)
    assert not closing.is_alive()
    assert answers == [False, False]


def test_a_short_close_does_not_wait_for_a_long_one(make: Make, emulator: Emulator) -> None:
    """Each keeps to its own time."""
    emulator.fail("reportExperienceEvents", Fault.status(503))
    reporter = make()
    show(reporter, "a")
    closing = threading.Thread(target=reporter.close, args=(60,))
    closing.start()
    while not emulator.requests:
        time.sleep(0.01)
    assert reporter.close(0.1) is False
    assert closing.is_alive()
    emulator.heal()
    closing.join(40)
    assert reporter.close(0.1) is True


def test_a_slow_callback_cannot_hold_close_up(
    make: Make, emulator: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    """What it was not told of is counted, and said."""
    emulator.fail("reportExperienceEvents", Fault.status(503))
    told: list[Lost] = []

    def slowly(lost: Lost) -> None:
        told.append(lost)
        time.sleep(0.2)

    reporter = make(on_lost=slowly)
    show(reporter, *(str(number) for number in range(200)))
    with Stopwatch() as stopwatch:
        assert reporter.close(0.5) is False
    assert stopwatch.own_seconds < 10
    assert 1 <= len(told) < 200
    assert f"{200 - len(told)} events were dropped without on_lost" in caplog.text
    assert reporter.stats.dropped == {"closed": 200}


def test_where_no_thread_can_be_started_events_wait(
    make: Make,
    spool: Path | None,
    emulator: Emulator,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A container's limit breaks no page; a later event tries again."""

    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as limit:
        limit.setattr(threading.Thread, "start", refuse)
        reporter = make(spool)
        show(reporter, *"ab")
    assert caplog.text.count("no thread can be started") == 1
    show(reporter, "c")
    assert reporter.flush(10)
    assert {event.customer_id for event in emulator.events} == {*"abc"}


def test_a_dead_letter_that_cannot_be_kept_is_told_once_it_happened(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a full disk the event stays pending, and is refused again later."""
    lost: list[Lost] = []
    dead_letter, failures = SQLiteSpool.dead_letter, [1]

    def fail_first(spool: SQLiteSpool, *arguments: Any) -> Any:
        if failures:
            failures.pop()
            raise sqlite3.OperationalError("database or disk is full")
        return dead_letter(spool, *arguments)

    monkeypatch.setattr(SQLiteSpool, "dead_letter", fail_first)
    place = ResilientSpool(SQLiteFile(tmp_path / "s.db"), retry_seconds=0.01)
    reporter = make(place, on_lost=lost.append, lease=1.0, request_timeout=0.9)
    reporter.shown({**CONTEXT, "type": 5}, visitor="poison")
    assert reporter.flush(30)
    assert not failures
    assert [one.kind for one in lost] == ["dead"]
    assert reporter.stats.dead == 1


@pytest.mark.parametrize(
    ("spool", "remedy"),
    [
        ("redis://:s3cret@cache:6379/0", "RedisSpool"),
        ("rediss://user:s3cret@cache/1", "RedisSpool"),
        ("unix:///run/redis.sock?password=s3cret", "RedisSpool"),
        ("sqlite:///var/moengage.db", "path, not a URL"),
        ("file:s3cret.db?mode=ro", "path, not a URL"),
        (":memory:", "leave it out"),
        ("memory", "leave it out"),
        ("", "leave it out"),
        (" ", "leave it out"),
        ("~/s3cret.db", "expanduser"),
        (".", "is a folder"),
        (Path(), "is a folder"),
        ("var/", "is a folder"),
        ("a\0b", "NUL"),
        (b"moengage.db", "not bytes"),
        (5, "not int"),
        (True, "not bool"),
        (["moengage.db"], "not list"),
    ],
)
def test_what_is_no_path_is_refused_with_the_remedy(
    client: PersonalizeClient, spool: Any, remedy: str
) -> None:
    """A URL would become a file that is named after its password."""
    for one in (client, PersonalizeClient.disabled()):
        with pytest.raises(InvalidArgumentError, match=remedy) as caught:
            EventReporter(one, spool=spool)
        assert caught.value.field == "spool"
        assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("field", ["max_events", "max_bytes", "max_dead"])
def test_limits_beside_a_spool_are_refused(client: PersonalizeClient, field: str) -> None:
    """They would bound nothing: a spool has limits of its own."""
    with pytest.raises(InvalidArgumentError) as caught:
        EventReporter(client, spool=MemorySpool(), **{field: 10})  # type: ignore[arg-type]  # a limit
    assert caught.value.field == field


def test_a_reporter_of_something_else_than_a_client_is_refused(client: PersonalizeClient) -> None:
    """And a mistyped option is no option."""
    with pytest.raises(InvalidArgumentError, match="client: must be a PersonalizeClient"):
        EventReporter("x")  # type: ignore[arg-type]  # the mistake
    with pytest.raises(TypeError, match="flush_interal"):
        EventReporter(client, flush_interal=5)  # type: ignore[call-arg]  # the mistake


def test_a_mistyped_path_makes_no_folders(client: PersonalizeClient, tmp_path: Path) -> None:
    """Events would wait there, and nobody look."""
    for path in (tmp_path / "vra" / "events.db", tmp_path):
        with pytest.raises(InvalidArgumentError, match="folder") as caught:
            EventReporter(client, spool=path)
        assert caught.value.field == "spool"
    assert not list(tmp_path.iterdir())


def test_a_reporter_of_a_disabled_client_drops_events_counted(tmp_path: Path) -> None:
    """Without a file, even a folder for it, a request or a word to on_lost."""
    lost: list[Lost] = []
    disabled = PersonalizeClient.disabled()
    with EventReporter(disabled, spool=tmp_path / "no" / "x.db", on_lost=lost.append) as reporter:
        reporter.shown(CONTEXT, CONTEXT, visitor="u")
        assert reporter.stats.dropped == {"disabled": 2}
        assert reporter.stats.is_balanced
    assert lost == []


def test_an_outage_is_said_once_and_its_end_too(
    make: Make, spool: Path | None, emulator: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither silence nor a line for each attempt."""
    emulator.fail("reportExperienceEvents", Fault.status(503))
    reporter = make(spool)
    show(reporter, *"abc")
    reporter.flush(2)
    emulator.heal()
    assert reporter.flush(5)
    assert caplog.text.count("delivery to MoEngage fails, so events wait: 503") == 1
    assert caplog.text.count("delivery to MoEngage works again") == 1


def test_a_path_is_that_of_the_moment(
    make: Make, emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that changes its folder, as daemons do, keeps its file."""
    monkeypatch.chdir(tmp_path)
    reporter = make(Path("events.db"))
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    show(reporter, *"abc")
    assert reporter.flush(5)
    assert len(emulator.events) == 3
    assert not list((tmp_path / "elsewhere").iterdir())


def test_an_event_after_close_breaks_nothing_and_is_told(make: Make, spool: Path | None) -> None:
    """A page that is rendered during shutdown."""
    lost: list[Lost] = []
    reporter = make(spool, on_lost=lost.append)
    reporter.close(1)
    show(reporter, "late")
    assert [(one.kind, one.reason) for one in lost] == [("dropped", "closed")]


def test_a_callback_that_fails_stops_nothing(
    make: Make, spool: Path | None, emulator: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    """It is the application's, and its failure is logged."""
    emulator.fail("reportExperienceEvents", Fault.status(500, times=1))

    def fail(lost: Lost) -> None:
        raise KeyError(lost.event.customer_id)

    reporter = make(spool, max_events=2, on_lost=fail)
    show(reporter, *(f"user-{number}" for number in range(5)))
    assert reporter.flush(5)
    assert "on_lost failed: KeyError at " in caplog.text
    assert "raise KeyError(lost.event.customer_id)" in caplog.text  # its line, not its text
    assert "user-" not in caplog.text
    assert len(emulator.events) >= 2


def test_the_rate_stays_within_its_share(make: Make, emulator: Emulator) -> None:
    """0.001 of the workspace's is ten requests a minute."""
    reporter = make(rate_share=0.001, flush_interval=0.01)
    start = time.monotonic()
    while time.monotonic() - start < 1.5:
        show(reporter, "a")
        time.sleep(0.005)
    assert len(emulator.requests) <= 6


def test_an_event_loop_is_not_held_up(emulator: Emulator, tmp_path: Path) -> None:
    """Accepting takes microseconds, and what waits is awaited."""
    emulator.fail("reportExperienceEvents", Fault.latency(0.3))

    async def main() -> tuple[int, float]:
        ticks, longest = 0, 0.0

        async def tick() -> None:
            nonlocal ticks, longest
            while True:
                with Stopwatch() as stopwatch:
                    await asyncio.sleep(0.01)
                ticks += 1
                longest = max(longest, stopwatch.own_seconds)

        async with AsyncPersonalizeClient(
            emulator.workspace_id, emulator.api_key, base_url=emulator.base_url
        ) as client:
            ticking = asyncio.ensure_future(tick())
            async with EventReporter(client, spool=tmp_path / "s.db") as reporter:
                show(reporter, *"abc")
                assert await reporter.flush_async(5)
            ticking.cancel()
        return ticks, longest

    ticks, longest = asyncio.run(main())
    assert ticks > 10
    assert longest < 0.25
    assert len(emulator.events) == 3


def test_a_reporter_works_under_trio(emulator: Emulator) -> None:
    """As the client does."""

    async def main() -> bool:
        async with (
            AsyncPersonalizeClient(
                emulator.workspace_id, emulator.api_key, base_url=emulator.base_url
            ) as client,
            EventReporter(client) as reporter,
        ):
            show(reporter, *"abc")
            return await reporter.flush_async(5)

    assert anyio.run(main, backend="trio")


def test_many_threads_may_report_at_once(
    make: Make, spool: Path | None, emulator: Emulator
) -> None:
    """A threaded server's usual day."""
    reporter = make(spool, flush_interval=0.05)

    def work(name: str) -> None:
        show(reporter, *(f"{name}-{number % 30}" for number in range(100)))

    threads = [threading.Thread(target=work, args=(str(n),)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert reporter.flush(10)
    assert reporter.stats.delivered == len(emulator.events) == 800
    assert {event.deliveries for event in emulator.events} == {1}


def test_two_reporters_share_a_file(make: Make, emulator: Emulator, tmp_path: Path) -> None:
    """What one accepts, either may deliver; each event once."""
    path = tmp_path / "shared.db"
    one, other = make(path, flush_interval=0.02), make(path, flush_interval=0.02)
    for number in range(300):
        show(one if number % 2 else other, f"user-{number}")
    wait_until(lambda: one.flush(10))
    assert other.flush(10)
    emulator.wait_for_events(300, timeout=5)
    assert {event.deliveries for event in emulator.events} == {1}
    deadline = time.monotonic() + 5
    while one.stats.pending and time.monotonic() < deadline:
        time.sleep(0.01)
    assert one.stats == other.stats
    assert one.stats.delivered == 300


@pytest.mark.parametrize("kind", ["text", "pipe", "database"])
def test_what_is_no_spool_is_refused_and_left_alone(make: Make, tmp_path: Path, kind: str) -> None:
    """Somebody's settings, named by mistake, stay where they are."""
    path = tmp_path / "settings.toml"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "database":
        with closing(sqlite3.connect(path)) as file:
            file.execute("CREATE TABLE settings (name)")
    else:
        path.write_text("pending = 5\ncounts = 6\n")
    before = path.stat()
    with pytest.raises(
        InvalidArgumentError, match="exists and is not a spool: name another"
    ) as caught:
        make(path)
    assert caught.value.field == "spool"
    assert path.stat() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_corrupt_file_is_set_aside_and_the_page_goes_on(
    make: Make, emulator: Emulator, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Said once, and never deleted."""
    path = tmp_path / "events.db"
    garbage = b"this is no database" * 1_000
    path.write_bytes(garbage)
    path.with_name("events.db-wal").touch()
    reporter = make(path)
    show(reporter, *"abc")
    assert reporter.flush(5)
    assert len(emulator.events) == 3
    (aside,) = tmp_path.glob("events.db.corrupt-*[0-9]")
    assert aside.read_bytes() == garbage
    assert caplog.text.count("the corrupt spool was set aside") == 1
    with sqlite3.connect(path) as file:
        assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    file.close()


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"flush_users": 0}, "flush_users"),
        ({"flush_users": 101}, "flush_users"),
        ({"flush_interval": 0}, "flush_interval"),
        ({"rate_share": 0}, "rate_share"),
        ({"rate_share": 1.5}, "rate_share"),
        ({"lease": 5, "request_timeout": 10}, "lease"),
        ({"when_full": "explode"}, "when_full"),
        ({"pause": -1}, "pause"),
        ({"flush_users": True}, "flush_users"),
        ({"flush_interval": "5"}, "flush_interval"),
        ({"rate_share": "half"}, "rate_share"),
        ({"on_lost": 3}, "on_lost"),
        ({"spool": 3}, "spool"),
        ({"spool": ""}, "spool"),
        ({"max_events": 0}, "max_events"),
        ({"max_bytes": -5}, "max_bytes"),
        ({"max_dead": 0}, "max_dead"),
    ],
)
def test_a_wrong_option_is_refused_by_name(
    client: PersonalizeClient, options: dict[str, Any], field: str
) -> None:
    """Before a thread is started."""
    before = threading.active_count()
    with pytest.raises(InvalidArgumentError) as caught:
        EventReporter(client, **options)
    assert caught.value.field == field
    assert threading.active_count() == before


def test_no_customer_shows_in_a_log_or_repr(
    answering: Callable[..., ScriptedServer], caplog: pytest.LogCaptureFixture
) -> None:
    """With every logger at its most talkative, and a server that echoes."""
    caplog.set_level(logging.DEBUG)
    server = answering(http(500, {"title": "x", "description": "user_8821 is odd"}))
    with PersonalizeClient(
        "EMULATED_WORKSPACE", "EMULATED_KEY", base_url=server.base_url
    ) as client:
        reporter = EventReporter(client)
        show(reporter, "user_8821")
        reporter.flush(0.5)
        texts = [repr(reporter), repr(reporter.stats), caplog.text]
        lost: list[Lost] = []
        reporter.close(0.2)
        texts.append(repr(lost))
    for secret in ("8821", "EMULATED_", "RU1VTEF"):
        assert secret not in "\n".join(texts)


def test_a_direct_report_and_a_reporter_agree(make: Make, emulator: Emulator) -> None:
    """The same event, through either, is the same event at the server."""
    event = Event.shown(CONTEXT, visitor=Visitor("u", timezone=0))
    Driver("sync")(emulator.base_url, "report", [event])
    reporter = make()
    reporter.report([event])
    assert reporter.flush(5)
    (received,) = emulator.events
    assert received.deliveries == 2


def test_an_event_that_is_too_large_is_dropped_and_told(make: Make, spool: Path | None) -> None:
    """It would hold up a page and a request; the others are accepted."""
    lost: list[Lost] = []
    reporter = make(spool, on_lost=lost.append)
    for bio in ("x" * 300_000, "short"):
        reporter.shown(CONTEXT, visitor="u", user_attributes={"bio": bio})
    assert [(one.kind, one.reason) for one in lost] == [("dropped", "too large")]
    assert reporter.flush(5)
    assert reporter.stats == Stats(2, 1, 0, 0, {"too large": 1})


def test_large_events_leave_in_requests_of_a_megabyte(
    make: Make, spool: Path | None, emulator: Emulator
) -> None:
    """A hundred users a request would be twenty times as much."""
    reporter = make(spool, flush_interval=60)
    reporter.flush(5)
    for number in range(20):
        reporter.shown(CONTEXT, visitor=f"u{number}", user_attributes={"bio": "x" * 200_000})
    assert reporter.flush(20)
    sizes = [len(request.json["elements"]) for request in emulator.requests]
    assert sizes == [4] * 5


def test_a_lease_of_a_process_that_died_holds_nothing_up(make: Make, tmp_path: Path) -> None:
    """What another has leased is the other's: it is not waited for."""
    with closing(SQLiteSpool(tmp_path / "events.db")) as dead:
        dead.put(Event.shown(CONTEXT, visitor="a"))
        assert len(dead.lease("dead", events=1, users=1, seconds=60)) == 1
    reporter = make(tmp_path / "events.db")
    with Stopwatch() as stopwatch:
        show(reporter, "b")
        assert not reporter.flush(20)
        assert not reporter.close(20)
    assert stopwatch.own_seconds < 6
    assert (reporter.stats.delivered, reporter.stats.pending) == (1, 1)


def test_async_code_waits_for_no_thread_of_the_framework(make: Make) -> None:
    """All of them may be busy; `flush_async` and `close_async` have one of their own."""
    reporter = make()
    go_on = threading.Event()

    async def main() -> None:
        async with anyio.create_task_group() as tasks:
            for _ in range(40):
                tasks.start_soon(anyio.to_thread.run_sync, partial(go_on.wait, 60))
            await anyio.lowlevel.checkpoint()
            assert await reporter.flush_async(20)
            assert await reporter.close_async(20)
            go_on.set()

    with Stopwatch() as stopwatch:
        anyio.run(main)
    assert stopwatch.own_seconds < 10


def test_what_is_too_old_is_dropped_and_told(
    make: Make, spool: Path | None, emulator: Emulator
) -> None:
    """Not sent; the younger ones are."""
    lost: list[Lost] = []
    reporter = make(spool, max_age=3_600, on_lost=lost.append)
    for age in (7_200, 60):
        reporter.shown(CONTEXT, visitor=f"{age}", event_time=time.time() - age)
    assert reporter.flush(10)
    assert [(one.event.customer_id, one.reason) for one in lost] == [("7200", "too old")]
    assert [event.customer_id for event in emulator.events] == ["60"]
    assert reporter.stats.dropped == {"too old": 1}


def test_before_report_changes_or_drops_an_event_before_it_is_kept(
    make: Make, spool: Path | None, emulator: Emulator
) -> None:
    """What it drops is counted, and nobody is told: it was asked for."""
    lost: list[Lost] = []

    def prepare(event: Event) -> Event | None:
        if event.customer_id == "drop":
            return None
        return attrs.evolve(event, customer_id=event.customer_id.upper())

    reporter = make(spool, before_report=prepare, on_lost=lost.append)
    show(reporter, "keep", "drop")
    assert reporter.flush(10)
    assert [event.customer_id for event in emulator.events] == ["KEEP"]
    assert (reporter.stats.dropped, lost) == ({"before_report": 1}, [])


def raising(_: Event) -> Event:
    raise ZeroDivisionError


def giving_no_event(_: Event) -> Any:
    return "no event"


def unfit(**changes: Any) -> Callable[[Event], Event]:
    return lambda event: attrs.evolve(event, **changes)


@pytest.mark.parametrize(
    "prepare",
    [
        raising,
        giving_no_event,
        unfit(user_attributes={"score": math.nan}),
        unfit(attributes={**CONTEXT, "price": Decimal("1.5")}),
        unfit(attributes={**CONTEXT, "cid": ["of", "lists"]}),
        unfit(attributes={}),
        unfit(customer_id=5),
        unfit(customer_id=""),
        unfit(customer_id="\ud800"),
    ],
)
def test_a_before_report_that_fails_breaks_no_page_and_keeps_nothing(
    make: Make,
    spool: Path | None,
    caplog: pytest.LogCaptureFixture,
    prepare: Callable[[Event], Any],
) -> None:
    """What it should have removed from the event must not be stored, and not be logged."""
    lost: list[Lost] = []
    reporter = make(spool, before_report=prepare, on_lost=lost.append, dedupe=Dedupe())
    show(reporter, "a-customer")
    assert (reporter.stats.pending, len(lost)) == (0, 1)
    assert reporter.stats.dropped == {"before_report failed": 1}
    assert "before_report failed" in caplog.text
    assert "a-customer" not in caplog.text


@pytest.mark.parametrize("changes", [{"user_attributes": {"score": math.nan}}, {"customer_id": ""}])
def test_an_event_that_cannot_be_sent_is_refused(make: Make, changes: dict[str, Any]) -> None:
    """By its field, before it is kept."""
    reporter = make()
    event = attrs.evolve(Event.shown(CONTEXT, visitor="a"), **changes)
    with pytest.raises(InvalidArgumentError) as caught:
        reporter.report([event])
    assert caught.value.field == f"events[0].{next(iter(changes))}"
    assert reporter.stats.accepted == 0


def test_what_is_too_old_keeps_nothing_young_waiting(make: Make, emulator: Emulator) -> None:
    """However much of it lies in front, one round drops it."""
    reporter = make(max_age=3_600, flush_interval=60)
    reporter.flush(5)
    old = time.time() - 7_200
    for number in range(350):
        reporter._spool.put(Event.shown(CONTEXT, visitor=f"{number}", event_time=old))
    reporter._spool.put(Event.shown(CONTEXT, visitor="young"))
    reporter._dispatcher.deliver(threading.Event(), everything=False)
    assert [event.customer_id for event in emulator.events] == ["young"]
    assert reporter.stats.dropped == {"too old": 350}


def test_dropping_what_is_too_old_is_no_success(make: Make) -> None:
    """An outage goes on, and is told as one."""
    reporter = make(max_age=3_600, flush_interval=60)
    reporter.flush(5)
    old = time.time() - 7_200
    reporter._spool.put(Event.shown(CONTEXT, visitor="old", event_time=old))
    reporter._dispatcher.last_error = outage = ServerError("503", status=503)
    assert reporter._dispatcher.deliver(threading.Event(), everything=True)
    assert reporter.stats.last_error is outage


def test_threads_report_an_impression_once(make: Make) -> None:
    """Whichever of them comes first."""
    reporter = make(dedupe=Dedupe(), flush_interval=60, max_events=10_000)
    reporter.flush(5)
    threads = [
        threading.Thread(target=show, args=(reporter, *(f"{number}" for number in range(200))))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (reporter.stats.accepted, reporter.stats.suppressed) == (200, 1_400)


@pytest.mark.parametrize("when_full", ["drop_newest", "drop_oldest", "block"])
def test_a_repeat_takes_no_room(make: Make, when_full: WhenFull) -> None:
    """At a full spool it is suppressed as ever: it drops nothing and waits for nothing."""
    reporter = make(
        dedupe=Dedupe(), max_events=1, when_full=when_full, flush_interval=60, block_timeout=60
    )
    reporter.flush(5)
    show(reporter, "a", *"aaaa")
    stats = reporter.stats
    assert (stats.pending, stats.suppressed, stats.dropped) == (1, 4, {})


def test_impressions_are_reported_once_where_that_is_asked_for(
    make: Make, spool: Path | None, emulator: Emulator
) -> None:
    """Clicks each time; what is left out is counted."""
    reporter = make(spool, dedupe=Dedupe(seconds=60))
    for _ in range(3):
        show(reporter, "a", "b")
        reporter.clicked(CONTEXT, visitor="a")
    assert reporter.flush(10)
    assert len(emulator.events) == 2 + 3
    assert (reporter.stats.suppressed, reporter.stats.accepted) == (4, 5)


def test_an_impression_that_was_not_kept_is_reported_again(make: Make) -> None:
    """It is marked once it is kept."""
    reporter = make(dedupe=Dedupe(), max_events=1, when_full="drop_newest", flush_interval=60)
    reporter.flush(5)
    show(reporter, "a", "b")
    assert reporter.stats.dropped == {"full": 1}
    assert reporter.flush(10)
    show(reporter, "b")
    assert (reporter.stats.suppressed, reporter.stats.pending) == (0, 1)


def test_what_is_no_dedupe_is_refused(client: PersonalizeClient) -> None:
    """By its name."""
    with pytest.raises(InvalidArgumentError) as caught:
        EventReporter(client, dedupe=30)  # type: ignore[arg-type]  # on purpose
    assert caught.value.field == "dedupe"


@pytest.mark.parametrize("why", ["full", "closed", "dead"])
def test_without_on_lost_the_log_says_what_is_lost_once(
    make: Make, emulator: Emulator, caplog: pytest.LogCaptureFixture, why: str
) -> None:
    """One WARNING for each reason, however many events it takes."""
    if why == "dead":
        emulator.fail("reportExperienceEvents", Fault.status(400, times=6))
    else:
        emulator.fail("reportExperienceEvents", Fault.status(503))
    reporter = make(max_events=3 if why == "full" else 100)
    show(reporter, "a", "b")
    if why == "full":
        show(reporter, "c", "d", "e")
    reporter.flush(5 if why == "dead" else 0.2)
    if why == "closed":
        reporter.close(timeout=0.2)
        show(reporter, "late")
    stats = reporter.stats
    assert stats.dead + sum(stats.dropped.values()) >= 2
    words = {"full": "dropped: full;", "closed": "dropped: closed;", "dead": "dead letters: 400 "}
    assert caplog.text.count(words[why]) == 1
    assert "WARNING" in caplog.text
