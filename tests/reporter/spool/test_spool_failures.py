"""A durable spool that fails at any moment, before or after its work, in any order of uses."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from moengage_personalize.reporter.spool import LeasedEvent, Limits, ResilientSpool
from moengage_personalize.reporter.spool.sqlite.file import SQLiteFile
from moengage_personalize.reporter.spool.sqlite.spool import SQLiteSpool
from reporter.spool.harness import event, uuids


class FailingSpool:
    """An SQLite spool that fails as it is told: before its work, or after it."""

    def __init__(self, spool: SQLiteSpool, failing: Callable[[], str]) -> None:
        self._spool = spool
        self._failing = failing

    def __getattr__(self, name: str) -> Any:
        work = getattr(self._spool, name)

        def fail(*arguments: Any, **options: Any) -> Any:
            if self._failing() == "before":
                raise sqlite3.OperationalError("disk I/O error")
            result = work(*arguments, **options)
            if self._failing() == "after":
                raise sqlite3.OperationalError("disk I/O error")
            return result

        return work if name in {"close", "after_fork"} else fail


class FailingFile(SQLiteFile):
    """A file whose spools fail."""

    failing = "never"

    def open(self, workspace: str | None) -> Any:
        if self.failing == "before":
            raise sqlite3.OperationalError("unable to open database file")
        return FailingSpool(super().open(workspace), lambda: self.failing)


class FailureMachine(RuleBasedStateMachine):
    """What was put is delivered, dead, dropped with a word, or waits: nothing is lost."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="spool-"))
        self.now = 1_000.0
        limits = Limits(rows=8)
        self.file = FailingFile(self.folder / "events.db", limits, clock=lambda: self.now)
        self.spool = ResilientSpool(self.file, limits, retry_seconds=0)
        self.given: set[str] = set()
        self.gone: set[str] = set()
        self.leased: list[LeasedEvent] = []
        self.may_repeat = False

    def teardown(self) -> None:
        self.file.failing = "never"
        self.now += 1_000
        self.spool.maintain()
        self.spool.release("me", [one.id for one in self.leased])
        waiting = uuids(self.spool)
        assert set(waiting) | self.gone >= self.given
        if not self.may_repeat:
            assert len(waiting) == len(set(waiting))
            assert self.spool.counts().accepted == len(self.given)
        assert self.spool.counts().is_balanced
        self.spool.close()
        shutil.rmtree(self.folder)

    @rule(failing=st.sampled_from(["never", "never", "before", "after"]))
    def fail(self, failing: str) -> None:
        self.file.failing = failing
        self.may_repeat = self.may_repeat or failing == "after"

    @rule(customer=st.sampled_from("abc"))
    def put(self, customer: str) -> None:
        one = event(customer)
        if self.spool.is_full():
            self.gone |= {str(other.uuid) for other in self.spool.drop_oldest("full")}
        self.spool.put(one)
        self.given.add(str(one.uuid))

    @rule(events=st.integers(1, 5))
    def lease(self, events: int) -> None:
        self.leased += self.spool.lease("me", events=events, users=9, seconds=30)

    @precondition(lambda self: self.leased)
    @rule(data=st.data(), act=st.sampled_from(["deliver", "dead_letter", "release", "renew"]))
    def settle(self, data: st.DataObject, act: str) -> None:
        one = data.draw(st.sampled_from(self.leased))
        if act == "deliver":
            self.spool.deliver("me", [one.id])
        elif act == "dead_letter":
            self.spool.dead_letter("me", one, "no")
        elif act == "release":
            self.spool.release("me", [one.id])
        else:
            self.spool.renew("me", [one.id], seconds=30)
        if act in {"deliver", "dead_letter"}:
            self.gone.add(str(one.event.uuid))

    @rule()
    def maintain(self) -> None:
        self.spool.maintain()

    @rule()
    def let_pass(self) -> None:
        self.now += 31

    @invariant()
    def is_balanced(self) -> None:
        assert self.spool.counts().is_balanced


@pytest.mark.parametrize("examples", [25, pytest.param(100, marks=pytest.mark.workshop)])
def test_a_failing_spool_loses_nothing(examples: int) -> None:
    """Whenever it fails, and whatever is asked of it then."""
    run_state_machine_as_test(
        FailureMachine,
        settings=settings(max_examples=examples, stateful_step_count=30, deadline=None),
    )
