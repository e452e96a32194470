"""What is suspected of failing always, and when it is guilty: every decision, without a clock."""

from __future__ import annotations

import pytest

from moengage_personalize import Event
from moengage_personalize.reporter.spool import LeasedEvent
from moengage_personalize.reporter.suspicion import Suspicion
from support import CONTEXT


def leased(count: int) -> list[LeasedEvent]:
    return [LeasedEvent(number, Event.shown(CONTEXT, visitor="u")) for number in range(count)]


def after(failures: int) -> Suspicion:
    suspicion = Suspicion(shuffle=lambda _: None)
    for _ in range(failures):
        suspicion.failed()
    return suspicion


def test_two_failures_are_the_servers() -> None:
    """One request, as before."""
    batch = leased(8)
    plan = after(2).plan(batch, 0)
    assert (list(plan.parts), plan.is_search) == ([batch], False)


@pytest.mark.parametrize(("failures", "parts"), [(3, 2), (4, 4), (5, 8), (50, 8)])
def test_more_failures_begin_a_search_in_ever_smaller_parts(failures: int, parts: int) -> None:
    """So that even a few parts of a batch with much that is guilty may succeed."""
    plan = after(failures).plan(leased(8), 0)
    assert plan.is_search
    assert len(plan.parts) == parts
    assert sum(len(part) for part in plan.parts) == 8


def test_something_that_arrives_ends_the_suspicion() -> None:
    """The server works."""
    suspicion = after(3)
    suspicion.succeeded([])
    assert not suspicion.plan(leased(8), 0).is_search


def test_a_suspect_is_set_aside_for_ever_longer() -> None:
    """A second at first, a minute at most; then it is due, alone."""
    suspicion = Suspicion()
    good, bad = leased(2)
    waits = [suspicion.accuse(bad, 0, is_contrast=None) for _ in range(8)]
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]
    plan = suspicion.plan([bad, good], 59)
    assert (list(plan.parts), plan.alone, plan.aside) == ([[good]], [], [bad])
    plan = suspicion.plan([bad, good], 60)
    assert (list(plan.parts), plan.alone, plan.aside) == ([[good]], [bad], [])


def test_an_event_that_fails_while_others_arrive_is_guilty() -> None:
    """The fifth time."""
    suspicion = Suspicion()
    (bad,) = leased(1)
    waits = [suspicion.accuse(bad, 0, is_contrast=True) for _ in range(5)]
    assert (None in waits[:4], waits[4]) == (False, None)
    assert list(suspicion.plan([bad], 0).parts) == [[bad]]


@pytest.mark.parametrize("is_failed", [True, False], ids=["a delivery failed", "others failed"])
def test_a_server_that_fails_at_random_makes_nothing_guilty(is_failed: bool) -> None:  # noqa: FBT001  (parametrized)
    """Whatever else fails, it may be the server again: counted from the beginning."""
    suspicion = Suspicion()
    (bad,) = leased(1)
    for _ in range(10):
        for _ in range(4):
            assert suspicion.accuse(bad, 0, is_contrast=True) is not None
        if is_failed:
            suspicion.failed()
        else:
            suspicion.accuse(bad, 0, is_contrast=False)


def test_a_lone_event_is_never_guilty() -> None:
    """With nothing else to send, nobody can tell it from the server."""
    suspicion = Suspicion()
    (bad,) = leased(1)
    assert None not in [suspicion.accuse(bad, 0, is_contrast=None) for _ in range(100)]


def test_few_suspects_are_tried_at_a_time() -> None:
    """Each may take its whole timeout, and new events wait meanwhile."""
    suspicion = Suspicion()
    suspects = leased(20)
    for one in suspects:
        suspicion.accuse(one, 0, is_contrast=None)
    plan = suspicion.plan(suspects, 100)
    assert (len(plan.alone), len(plan.aside)) == (5, 15)


def test_suspects_that_went_elsewhere_are_forgotten() -> None:
    """Another process may deliver them."""
    suspicion = Suspicion()
    suspects = leased(1_001)
    for one in suspects:
        suspicion.accuse(one, 0, is_contrast=None)
    assert len(suspicion.plan(suspects, 0).aside) == 1_000
