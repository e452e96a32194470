"""Which impressions are repeats: every decision, without a clock."""

from __future__ import annotations

from typing import Any

import pytest

from moengage_personalize import Dedupe, Event, InvalidArgumentError
from moengage_personalize.reporter.dedupe import SeenImpressions
from support import CONTEXT


def shown(visitor: str = "a", **context: Any) -> Event:
    return Event.shown({**CONTEXT, **context}, visitor=visitor)


@pytest.mark.parametrize(("now", "is_repeat"), [(0, True), (1_799, True), (1_800, False)])
def test_an_impression_is_a_repeat_for_a_while(now: float, is_repeat: bool) -> None:  # noqa: FBT001  (parametrized)
    """By default, for half an hour after one that was kept."""
    seen = SeenImpressions(Dedupe())
    assert not seen.suppresses(shown(), 0)
    assert seen.suppresses(shown(), now) is is_repeat
    assert seen.suppressed == is_repeat


@pytest.mark.parametrize(
    "other",
    [
        shown("b"),
        shown(experience="another"),
        shown(moe_variation_id="9"),
        Event.clicked(CONTEXT, visitor="a"),
    ],
    ids=["customer", "experience", "variation", "click"],
)
def test_what_differs_is_no_repeat(other: Event) -> None:
    """And a click is never one."""
    seen = SeenImpressions(Dedupe())
    seen.suppresses(shown(), 0)
    seen.suppresses(Event.clicked(CONTEXT, visitor="a"), 0)
    assert not seen.suppresses(other, 1)


def test_what_is_suppressed_makes_nothing_longer() -> None:
    """Who looks all the time is reported once in half an hour, not never."""
    seen = SeenImpressions(Dedupe(seconds=10))
    reported = 0
    for now in range(100):
        reported += not seen.suppresses(shown(), now)
    assert reported == 10


def test_the_oldest_are_forgotten_first() -> None:
    """One that was kept again is no longer the oldest."""
    seen = SeenImpressions(Dedupe(seconds=10, size=2))
    for name, now in (("a", 0), ("b", 1), ("a", 12), ("c", 12)):
        assert not seen.suppresses(shown(name), now)
    assert [seen.suppresses(shown(name), 12) for name in "acb"] == [True, True, False]


def test_what_was_not_kept_is_forgotten() -> None:
    """It may be reported again."""
    seen = SeenImpressions(Dedupe())
    assert not seen.suppresses(shown(), 0)
    seen.forget(shown())
    assert not seen.suppresses(shown(), 1)


@pytest.mark.parametrize("wrong", [{"seconds": 0}, {"seconds": "x"}, {"size": 0}, {"size": 1.5}])
def test_a_wrong_limit_is_refused(wrong: dict[str, Any]) -> None:
    """By its name."""
    with pytest.raises(InvalidArgumentError) as caught:
        Dedupe(**wrong)
    assert caught.value.field == next(iter(wrong))


def test_a_month_is_no_limit() -> None:
    """Retention is counted in days."""
    assert Dedupe(seconds=30 * 86_400).seconds == 30 * 86_400
