"""What every spool keeps to, whatever it keeps events in."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from uuid import UUID

import pytest

from moengage_personalize.models.events import Event
from moengage_personalize.models.visitor import Visitor
from moengage_personalize.reporter.spool import (
    DEAD_LETTERS_FULL,
    LeasedEvent,
    Limits,
    Spool,
    SpoolCounts,
)
from moengage_personalize.reporter.spool.event_codec import MOST_BYTES, TooLargeError, to_text
from reporter.spool.harness import DURABLE, Place, event, uuids
from support import CONTEXT

Open = Callable[..., Spool]

only_durable = pytest.mark.parametrize("kind", DURABLE)


def fill(spool: Spool, *customers: str) -> list[Event]:
    """Put an event of each customer."""
    events = [event(customer) for customer in customers]
    for one in events:
        spool.put(one)
    return events


def lease(
    spool: Spool, owner: str = "me", *, events: int = 1_000, users: int = 100, seconds: float = 30
) -> list[LeasedEvent]:
    return list(spool.lease(owner, events=events, users=users, seconds=seconds))


def ids(leased: list[LeasedEvent]) -> list[object]:
    return [one.id for one in leased]


def test_an_event_comes_back_as_it_was_put(opened: Open) -> None:
    """All of its fields, whatever characters these have."""
    spool = opened()
    one = Event.clicked(
        event().attributes,
        visitor=Visitor("Zoë \x00 🎉", platform="tv", timezone=-12_600),
        element="Añadir",
        user_attributes={"städte": ["Köln", None, 1.5, {"a": True}]},
    )
    spool.put(one)
    (leased,) = lease(spool)
    assert leased.event.to_dict() == one.to_dict()


def test_the_oldest_are_lent_first_and_to_one_owner_only(opened: Open) -> None:
    """In the order that they were put."""
    spool = opened()
    put = fill(spool, *"abcdef")
    assert [one.event for one in lease(spool, events=4)] == put[:4]
    assert [one.event for one in lease(spool, "another")] == put[4:]
    assert lease(spool, "third") == []


def test_a_lease_has_at_most_so_many_users(opened: Open) -> None:
    """Many events of few users are leased; the first user too many ends it, so none overtakes."""
    spool = opened()
    put = fill(spool, *"aabbacab")
    first = lease(spool, users=2)
    assert [one.event for one in first] == put[:5]
    assert [one.event for one in lease(spool, users=2)] == put[5:7]
    assert [one.event for one in lease(spool, users=2)] == put[7:]


def test_a_full_request_has_a_hundred_users(opened: Open) -> None:
    """As many as the API takes, oldest first."""
    spool = opened()
    put = fill(spool, *(f"user-{number}" for number in range(250)))
    parts = [lease(spool, users=100) for _ in range(4)]
    assert [len(part) for part in parts] == [100, 100, 50, 0]
    assert [one.event for part in parts for one in part] == put


def test_what_was_delivered_is_gone(opened: Open) -> None:
    """And counted, once, though it be noted twice."""
    spool = opened()
    fill(spool, *"abc")
    leased = lease(spool, events=2)
    spool.deliver("me", [*ids(leased), *ids(leased)])
    spool.deliver("me", ids(leased))
    assert spool.counts() == SpoolCounts(3, 2, 1, 0)
    assert len(lease(spool)) == 1


def test_what_is_released_is_lent_again_at_once_and_in_its_place(opened: Open) -> None:
    """Before younger ones."""
    spool = opened()
    put = fill(spool, *"abcd")
    leased = lease(spool, events=3)
    spool.release("me", [leased[1].id])
    assert [one.event for one in lease(spool, "another")] == [put[1], put[3]]


def test_a_lease_that_ran_out_is_taken_over(opened: Open, place: Place) -> None:
    """Its owner may have died."""
    spool = opened()
    put = fill(spool, *"ab")
    lease(spool, "dead", seconds=30)
    place.let_pass(29)
    assert lease(spool, "heir") == []
    place.let_pass(2)
    assert [one.event for one in lease(spool, "heir")] == put


def test_a_renewed_lease_begins_anew(opened: Open, place: Place) -> None:
    """So a long delivery keeps what it was leased."""
    spool = opened()
    fill(spool, *"ab")
    leased = lease(spool, seconds=30)
    place.let_pass(29)
    spool.renew("me", [leased[0].id], seconds=30)
    place.let_pass(29)
    assert [one.event for one in lease(spool, "heir")] == [leased[1].event]
    place.let_pass(2)
    assert [one.event for one in lease(spool, "heir")] == [leased[0].event]


def test_each_lease_has_its_own_length(opened: Open, place: Place) -> None:
    """An impatient process takes nothing from a patient one."""
    spool = opened()
    fill(spool, *"ab")
    lease(spool, "patient", events=1, seconds=60)
    lease(spool, "hasty", events=1, seconds=5)
    place.let_pass(10)
    assert len(lease(spool, "another", seconds=5)) == 1
    place.let_pass(10)
    assert len(lease(spool, "another", seconds=5)) == 1
    place.let_pass(41)
    assert len(lease(spool, "another", seconds=5)) == 2


@pytest.mark.parametrize("act", ["deliver", "dead_letter", "release", "renew"])
def test_who_lost_a_lease_changes_nothing(opened: Open, place: Place, act: str) -> None:
    """What another was leased since is the other's; it is counted once."""
    spool = opened()
    fill(spool, "a")
    (leased,) = lease(spool, "late", seconds=5)
    place.let_pass(6)
    (again,) = lease(spool, "heir", seconds=30)
    before = spool.counts()
    acts: dict[str, Callable[[], object]] = {
        "deliver": lambda: spool.deliver("late", [leased.id]),
        "dead_letter": lambda: spool.dead_letter("late", leased, "refused"),
        "release": lambda: spool.release("late", [leased.id]),
        "renew": lambda: spool.renew("late", [leased.id], seconds=1_000),
    }
    acts[act]()
    assert spool.counts() == before
    assert spool.dead_letters() == []
    assert lease(spool, "third") == []
    spool.deliver("heir", [again.id])
    assert spool.counts() == SpoolCounts(1, 1, 0, 0)


def test_a_late_owner_delivers_what_nobody_took_over(opened: Open, place: Place) -> None:
    """A lease that ran out is no harm by itself."""
    spool = opened()
    fill(spool, "a")
    (leased,) = lease(spool, seconds=5)
    place.let_pass(6)
    spool.deliver("me", [leased.id])
    assert spool.counts() == SpoolCounts(1, 1, 0, 0)


def test_a_dead_letter_is_kept_with_the_apis_reason(opened: Open) -> None:
    """And neither pending nor leased again."""
    spool = opened()
    put = fill(spool, *"abc")
    leased = lease(spool)
    spool.dead_letter("me", leased[2], "user_attributes: «größe» \ud800 is refused")
    spool.dead_letter("me", leased[0], "no")
    spool.dead_letter("me", leased[0], "no")
    letters = spool.dead_letters()
    assert [letter.event for letter in letters] in ([put[2], put[0]], [put[0], put[2]])
    reason = {letter.reason for letter in letters}
    assert "no" in reason
    assert any("«größe»" in one for one in reason)
    assert spool.counts() == SpoolCounts(3, 0, 1, 2)


def test_the_oldest_of_too_many_dead_letters_are_dropped(opened: Open) -> None:
    """And given, so that somebody can be told."""
    spool = opened(Limits(dead=2))
    put = fill(spool, *"abcd")
    leased = lease(spool)
    gone = [event for one in leased for event in spool.dead_letter("me", one, "no") or ()]
    assert gone == put[:2]
    assert [letter.event for letter in spool.dead_letters()] == put[2:]
    assert spool.counts() == SpoolCounts(4, 0, 0, 2, {DEAD_LETTERS_FULL: 2})


def test_a_refused_event_is_accounted_for(opened: Open) -> None:
    """As dropped, by its reason."""
    spool = opened()
    spool.refuse(event(), "full")
    spool.refuse(event(), "full")
    spool.refuse(event(), "closed")
    counts = spool.counts()
    assert counts == SpoolCounts(3, 0, 0, 0, {"full": 2, "closed": 1})
    assert counts.is_balanced


def test_it_is_full_at_so_many_rows(opened: Open) -> None:
    """What is leased counts; what was delivered makes room."""
    spool = opened(Limits(rows=2))
    assert not spool.is_full()
    fill(spool, "a")
    assert not spool.is_full()
    fill(spool, "b")
    assert spool.is_full()
    leased = lease(spool, events=1)
    assert spool.is_full()
    spool.deliver("me", ids(leased))
    assert not spool.is_full()


def test_it_is_full_at_so_many_bytes(opened: Open) -> None:
    """Counted as JSON text."""
    size = len(to_text(event("a")))
    spool = opened(Limits(bytes=2 * size))
    fill(spool, "a")
    assert not spool.is_full()
    fill(spool, "a")
    assert spool.is_full()


def test_the_oldest_that_nobody_is_lent_are_dropped(opened: Open) -> None:
    """Just enough for one more."""
    spool = opened(Limits(rows=3))
    put = fill(spool, *"abcde")
    lease(spool, events=1)
    assert list(spool.drop_oldest("full")) == put[1:4]
    assert list(spool.drop_oldest("full")) == []
    assert spool.counts() == SpoolCounts(5, 0, 2, 0, {"full": 3})


def test_what_is_lent_is_never_dropped(opened: Open) -> None:
    """Though there be no room then."""
    spool = opened(Limits(rows=2))
    fill(spool, *"ab")
    lease(spool)
    assert list(spool.drop_oldest("full")) == []
    assert spool.is_full()


def test_what_was_given_back_is_dropped_in_its_place(opened: Open, place: Place) -> None:
    """It is the oldest again, and so is what a dead process was leased."""
    spool = opened(Limits(rows=2))
    put = fill(spool, *"abcd")
    leased = lease(spool, events=2, seconds=5)
    spool.release("me", [leased[1].id])
    assert list(spool.drop_oldest("full")) == put[1:4]
    fill(spool, "e")
    place.let_pass(6)
    assert list(spool.drop_oldest("full")) == put[:1]
    spool.deliver("me", ids(leased))
    assert spool.counts() == SpoolCounts(5, 0, 1, 0, {"full": 4})


def test_an_empty_spool_has_nothing_to_do(opened: Open) -> None:
    """Nothing fails before the first event."""
    spool = opened()
    assert spool.lease("me", events=10, users=10, seconds=1) == []
    assert list(spool.drop_oldest("full")) == []
    assert spool.dead_letters() == []
    assert list(spool.drain("closed")) == []
    for act in (spool.deliver, spool.release):
        act("me", [])
    spool.renew("me", [], seconds=1)
    spool.maintain()
    assert spool.counts() == SpoolCounts()


def test_a_burial_that_did_not_happen_is_told(opened: Open) -> None:
    """So that nobody is told of a dead letter that is none, or twice of one."""
    spool = opened()
    fill(spool, *"ab")
    one, _ = lease(spool, events=2)
    assert spool.dead_letter("another", one, "no") is None
    assert list(spool.dead_letter("me", one, "no") or ()) == []
    assert spool.dead_letter("me", one, "no") is None
    assert spool.counts() == SpoolCounts(2, 0, 1, 1)


def test_what_is_dropped_is_accounted_for(opened: Open) -> None:
    """By its reason; what another was leased is the other's."""
    spool = opened()
    fill(spool, *"abc")
    mine, theirs = lease(spool, "me", events=1), lease(spool, "another", events=1)
    spool.drop("me", ids(mine + theirs), "too old")
    assert spool.counts() == SpoolCounts(3, 0, 2, 0, {"too old": 1})
    spool.deliver("another", ids(theirs))
    assert len(lease(spool)) == 1


def test_old_dead_letters_are_purged(opened: Open) -> None:
    """By the time of their events; the younger ones stay."""
    spool = opened()
    for when in (1_000, 2_000, 3_000):
        spool.put(Event.shown(CONTEXT, visitor="u", event_time=1_700_000_000 + when))
    for one in lease(spool):
        spool.dead_letter("me", one, "no")
    assert spool.purge_dead("too old", before=1_700_002_000) == 1
    assert [one.event.event_time for one in spool.dead_letters()] == [1_700_002_000, 1_700_003_000]
    assert spool.purge_dead("purged") == 2
    assert spool.counts() == SpoolCounts(3, 0, 0, 0, {"purged": 2, "too old": 1})


def test_drain_drops_only_what_would_be_lost(opened: Open, kind: str) -> None:
    """Memory gives all of it, also what is leased; a durable spool keeps it."""
    spool = opened()
    put = fill(spool, *"ab")
    lease(spool, events=1)
    dropped = spool.drain("closed")
    if kind == "memory":
        assert list(dropped) == put
        assert spool.counts() == SpoolCounts(2, 0, 0, 0, {"closed": 2})
    else:
        assert list(dropped) == []
        assert spool.counts() == SpoolCounts(2, 0, 2, 0)


@only_durable
def test_what_one_closes_another_opens(opened: Open) -> None:
    """Events, dead letters and counts."""
    first = opened()
    put = fill(first, *"abc")
    leased = lease(first, events=2)
    first.deliver("me", ids(leased[:1]))
    first.dead_letter("me", leased[1], "no")
    counts = first.counts()
    first.close()
    second = opened()
    assert second.counts() == counts
    assert [letter.event for letter in second.dead_letters()] == [put[1]]
    assert uuids(second) == [str(put[2].uuid)]


@only_durable
def test_two_that_share_a_place_lease_different_events(opened: Open) -> None:
    """And see the same counts."""
    one, other = opened(), opened()
    put = fill(one, *"ab") + fill(other, *"cd")
    mine, others = lease(one, "one", events=3), lease(other, "other")
    assert [leased.event for leased in (*mine, *others)] == put
    one.deliver("one", ids(mine))
    other.deliver("other", ids(others))
    assert one.counts() == other.counts() == SpoolCounts(4, 4, 0, 0)


@only_durable
def test_a_limit_is_shared(opened: Open) -> None:
    """Both count what the other put."""
    one, other = opened(Limits(rows=2)), opened(Limits(rows=2))
    fill(one, *"ab")
    assert one.is_full()
    assert other.is_full()


def test_threads_lose_nothing_and_share_nothing(opened: Open) -> None:
    """Eight put while two deliver: no event is leased twice at once, each arrives once."""
    spool = opened()
    lock = threading.Lock()
    out: set[str] = set()
    delivered: list[str] = []
    twice: list[str] = []
    errors: list[BaseException] = []
    returned: set[UUID] = set()
    is_done = threading.Event()

    def deliver(owner: str) -> None:
        nonlocal out
        while True:
            was_done = is_done.is_set()
            leased = lease(spool, owner, events=17, users=7)
            if was_done and not leased:
                return
            with lock:
                names = {str(one.event.uuid) for one in leased}
                twice.extend(out & names)
                out.update(names)
            with lock:
                given_back = [one for one in leased[::5] if one.event.uuid not in returned]
                returned.update(one.event.uuid for one in given_back)
                kept = [one for one in leased if one not in given_back]
                delivered.extend(str(one.event.uuid) for one in kept)
                out -= names
            spool.deliver(owner, ids(kept))
            spool.release(owner, ids(given_back))

    customers = [f"user-{number}" for number in range(50)]

    def guarded(work: Callable[..., None], *arguments: object) -> None:
        try:
            work(*arguments)
        except BaseException as error:  # noqa: BLE001  (told by the test's own thread)
            errors.append(error)

    putting = [threading.Thread(target=guarded, args=(fill, spool, *customers)) for _ in range(8)]
    delivering = [threading.Thread(target=guarded, args=(deliver, f"o{n}")) for n in range(2)]
    for thread in (*putting, *delivering):
        thread.start()
    for thread in putting:
        thread.join()
    is_done.set()
    for thread in delivering:
        thread.join(30)
    assert errors == []
    assert twice == []
    assert len(delivered) == len(set(delivered)) == 400
    assert spool.counts() == SpoolCounts(400, 400, 0, 0)


def test_a_place_keeps_the_events_of_one_workspace(
    opened: Open, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Another's are refused, by one that stays with them; memory is nobody else's."""
    ours, theirs = opened(), opened()
    ours.bind("1" * 64)
    ours.put(event())
    if kind == "sqlite":
        with pytest.raises(sqlite3.NotSupportedError, match="another workspace"):
            theirs.bind("2" * 64)
        return
    theirs.bind("2" * 64)
    theirs.put(event("theirs"))
    theirs.maintain()
    assert [one.event.customer_id for one in lease(theirs)] == ["theirs"]
    assert [one.event.customer_id for one in lease(ours)] == ["user"]
    if kind != "memory":
        assert "another workspace" in caplog.text


def test_a_lease_has_at_most_so_many_bytes(opened: Open) -> None:
    """But an event that is larger alone is leased alone."""
    spool = opened()
    given = fill(spool, *"abcd")
    size = len(to_text(given[0]))
    leased = spool.lease("me", events=9, users=9, seconds=30, size=2 * size)
    assert [one.size for one in leased] == [size] * 2
    assert len(spool.lease("me", events=9, users=9, seconds=30, size=size - 1)) == 1
    assert len(lease(spool)) == 1


def test_an_event_that_is_too_large_is_refused(opened: Open) -> None:
    """Without a trace."""
    spool = opened()
    with pytest.raises(TooLargeError):
        spool.put(Event.shown(CONTEXT, visitor="u", user_attributes={"bio": "x" * MOST_BYTES}))
    assert spool.counts() == SpoolCounts()
