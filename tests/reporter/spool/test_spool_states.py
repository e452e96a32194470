"""Every spool does what a simple model does, in whatever order it is used."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any, ClassVar
from uuid import uuid4

import attrs
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from moengage_personalize.reporter.spool import DEAD_LETTERS_FULL, LeasedEvent, Limits, SpoolCounts
from moengage_personalize.reporter.spool.event_codec import to_text
from reporter.spool.harness import ClockedPlace, Place, RedisPlace, RedisServer, event

OWNERS = st.sampled_from(["one", "other"])
SECONDS = st.sampled_from([10, 20, 40])
EXAMPLES = {"memory": 200, "sqlite": 60, "resilient": 60, "redis": 40}
LIMITS = Limits(rows=6, bytes=5 * len(to_text(event("a"))), dead=3)


@attrs.define
class Row:
    """What the model knows of an event."""

    uuid: str
    customer: str
    size: int
    owner: str | None = None
    until: float = 0.0


class SpoolMachine(RuleBasedStateMachine):
    """A spool beside a model of it; each test gives it a place to open spools at."""

    make_place: ClassVar[Any]

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="spool-"))
        self.place: Place = type(self).make_place(self.folder)
        self.spool = self.place.open(LIMITS)
        self.now = 0.0
        self.rows: list[Row] = []
        self.dead: list[str] = []
        self.accepted = self.delivered = 0
        self.dropped: dict[str, int] = {}
        self.was_lent: list[LeasedEvent] = []

    def teardown(self) -> None:
        self.spool.close()
        shutil.rmtree(self.folder)

    def free(self) -> list[Row]:
        return [row for row in self.rows if row.owner is None or row.until <= self.now]

    def owned(self, owner: str, leased: list[LeasedEvent]) -> list[Row]:
        wanted = {str(one.event.uuid) for one in leased}
        return [row for row in self.rows if row.uuid in wanted and row.owner == owner]

    def is_full(self) -> bool:
        taken = sum(row.size for row in self.rows)
        return len(self.rows) >= LIMITS.rows or taken >= LIMITS.bytes

    @rule(customer=st.sampled_from("aabc"), is_refused=st.sampled_from([False] * 7 + [True]))
    def put(self, customer: str, *, is_refused: bool) -> None:
        one = event(customer)
        self.accepted += 1
        if is_refused:
            self.spool.refuse(one, "closed")
            self.dropped["closed"] = self.dropped.get("closed", 0) + 1
        else:
            self.spool.put(one)
            self.rows.append(Row(str(one.uuid), customer, len(to_text(one))))

    @rule(owner=OWNERS, events=st.integers(1, 8), users=st.integers(1, 3), seconds=SECONDS)
    def lease(self, owner: str, events: int, users: int, seconds: float) -> None:
        expected: list[Row] = []
        seen: set[str] = set()
        for row in self.free()[:events]:
            seen.add(row.customer)
            if len(seen) > users:
                break
            row.owner, row.until = owner, self.now + seconds
            expected.append(row)
        leased = list(self.spool.lease(owner, events=events, users=users, seconds=seconds))
        assert [str(one.event.uuid) for one in leased] == [row.uuid for row in expected]
        self.was_lent += leased

    def some_lent(self, data: st.DataObject) -> list[LeasedEvent]:
        """What was leased at any time, twice perhaps: the model knows whose it is now."""
        return data.draw(st.lists(st.sampled_from(self.was_lent), max_size=5))

    @precondition(lambda self: self.was_lent)
    @rule(owner=OWNERS, data=st.data())
    def deliver(self, owner: str, data: st.DataObject) -> None:
        some = self.some_lent(data)
        for row in self.owned(owner, some):
            self.rows.remove(row)
            self.delivered += 1
        self.spool.deliver(owner, [one.id for one in some])

    @precondition(lambda self: self.was_lent)
    @rule(owner=OWNERS, data=st.data())
    def dead_letter(self, owner: str, data: st.DataObject) -> None:
        one = data.draw(st.sampled_from(self.was_lent))
        owned = self.owned(owner, [one])
        for row in owned:
            self.rows.remove(row)
            self.dead.append(row.uuid)
        dropped = self.spool.dead_letter(owner, one, "no")
        assert (dropped is None) == (not owned)
        gone = [str(event.uuid) for event in dropped or ()]
        assert len(gone) == max(0, len(self.dead) - LIMITS.dead)
        for uuid in gone:  # a file keeps them by the age of the event, others by that of the letter
            self.dead.remove(uuid)
            self.dropped[DEAD_LETTERS_FULL] = self.dropped.get(DEAD_LETTERS_FULL, 0) + 1

    @precondition(lambda self: self.was_lent)
    @rule(owner=OWNERS, data=st.data())
    def release(self, owner: str, data: st.DataObject) -> None:
        some = self.some_lent(data)
        for row in self.owned(owner, some):
            row.owner = None
        self.spool.release(owner, [one.id for one in some])

    @precondition(lambda self: self.was_lent)
    @rule(owner=OWNERS, seconds=SECONDS, data=st.data())
    def renew(self, owner: str, seconds: float, data: st.DataObject) -> None:
        some = self.some_lent(data)
        for row in self.owned(owner, some):
            row.until = self.now + seconds
        self.spool.renew(owner, [one.id for one in some], seconds=seconds)

    @rule()
    def drop_oldest(self) -> None:
        expected: list[str] = []
        while self.is_full() and self.free():
            row = self.free()[0]
            self.rows.remove(row)
            expected.append(row.uuid)
        if expected:
            self.dropped["full"] = self.dropped.get("full", 0) + len(expected)
        assert [str(one.uuid) for one in self.spool.drop_oldest("full")] == expected

    @rule(seconds=st.sampled_from([5, 10, 30]))
    def let_pass(self, seconds: float) -> None:
        self.now += seconds
        self.place.let_pass(seconds)

    @rule()
    def maintain(self) -> None:
        self.spool.maintain()

    @invariant()
    def agrees(self) -> None:
        counts = self.spool.counts()
        assert counts.is_balanced
        assert counts == SpoolCounts(
            self.accepted, self.delivered, len(self.rows), len(self.dead), self.dropped
        )
        assert self.spool.is_full() == self.is_full()
        letters = {str(letter.event.uuid) for letter in self.spool.dead_letters()}
        assert letters == set(self.dead)


@pytest.mark.parametrize("share", [4, pytest.param(1, marks=pytest.mark.workshop)])
def test_a_spool_does_what_the_model_does(
    kind: str, share: int, request: pytest.FixtureRequest
) -> None:
    """Its counts balance after every step, and nothing is lost or leased twice."""
    server: RedisServer | None = None
    if kind == "redis":
        server = request.getfixturevalue("redis_server")

    def make_place(folder: Path) -> Place:
        if server is not None:
            return RedisPlace(server.url, f"test:{uuid4().hex}")
        return ClockedPlace(kind, folder / "events.db")

    run_state_machine_as_test(
        type("Machine", (SpoolMachine,), {"make_place": staticmethod(make_place)}),
        settings=settings(
            max_examples=EXAMPLES[kind] // share,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
        ),
    )
