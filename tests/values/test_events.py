"""Impressions and clicks, checked when they are made."""

from __future__ import annotations

import time
import zoneinfo
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid1, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moengage_personalize import Event, Experience, InvalidArgumentError, Visitor
from moengage_personalize.models.event_time import epoch_seconds, utc_offset
from support import CONTEXT

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
DEFAULT = Experience.from_default("k", {}, reason="down")


def shown(**changes: Any) -> Event:
    arguments: dict[str, Any] = {"visitor": "user_8821", **changes}
    return Event.shown(arguments.pop("experience", CONTEXT), **arguments)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"visitor": ""}, "visitor"),
        ({"visitor": Visitor()}, "visitor"),
        ({"visitor": None}, "visitor"),
        ({"visitor": 8821}, "visitor"),
        ({"visitor": {"customer_id": "user_8821"}}, "visitor"),
        ({"event_uuid": "not-a-uuid"}, "event_uuid"),
        ({"event_uuid": uuid1()}, "event_uuid"),
        ({"event_uuid": UUID(int=0)}, "event_uuid"),
        ({"event_time": datetime(2026, 7, 1, 12)}, "event_time"),  # noqa: DTZ001  (the point)
        ({"event_time": "2026-07-01T12:00:00"}, "event_time"),
        ({"event_time": "2026-07-01"}, "event_time"),
        ({"event_time": "yesterday"}, "event_time"),
        ({"event_time": 1_782_907_200_000}, "event_time"),
        ({"event_time": -1}, "event_time"),
        ({"event_time": float("nan")}, "event_time"),
        ({"event_time": float("inf")}, "event_time"),
        ({"event_time": True}, "event_time"),
        ({"event_time": []}, "event_time"),
        ({"user_attributes": ["name"]}, "user_attributes"),
        ({"user_attributes": {"seen": NOON}}, "user_attributes"),
        ({"user_attributes": {"score": float("nan")}}, "user_attributes"),
        ({"experience": {}}, "experience"),
        ({"experience": {**CONTEXT, "odd": object()}}, "experience"),
        ({"experience": "homepage-banner"}, "experience"),
        ({"experience": None}, "experience"),
        ({"experience": {"k": DEFAULT}}, "experience"),
        ({"experience": DEFAULT}, "experience"),
    ],
)
def test_a_bad_field_is_refused_by_name(changes: dict[str, Any], field: str) -> None:
    """Nothing waits for the server to refuse it, and no customer ID is repeated."""
    with pytest.raises(InvalidArgumentError) as caught:
        shown(**changes)
    assert caught.value.field == field
    assert "8821" not in str(caught.value)


def test_milliseconds_and_naive_times_are_refused_with_the_reason() -> None:
    """Both would be off silently."""
    with pytest.raises(InvalidArgumentError, match="milliseconds"):
        shown(event_time=1_782_907_200_000)
    with pytest.raises(InvalidArgumentError, match="time zone"):
        shown(event_time="2026-07-01T12:00:00")


@pytest.mark.parametrize(
    "when",
    [
        NOON,
        NOON.astimezone(timezone(timedelta(hours=5, minutes=30))),
        NOON.timestamp(),
        int(NOON.timestamp()),
        "2026-07-01T12:00:00Z",
        "2026-07-01T17:30:00+05:30",
        "20260701T120000Z",
    ],
)
def test_every_accepted_time_means_the_same_second(when: datetime | float | str) -> None:
    """What goes over the wire is the whole epoch second."""
    assert shown(event_time=when).event_time == 1_782_907_200


def test_an_event_without_a_time_happened_now() -> None:
    """The usual case needs no argument."""
    assert abs(shown().event_time - time.time()) <= 2


@given(st.datetimes(datetime(1970, 1, 2), datetime(2100, 1, 1), timezones=st.timezones()))  # noqa: DTZ001  (hypothesis adds the zone)
def test_any_aware_datetime_keeps_its_moment(when: datetime) -> None:
    """Whatever the zone, it is the same epoch second."""
    assert epoch_seconds(when) == int(when.timestamp())


@pytest.mark.parametrize(
    ("offset", "at", "seconds"),
    [
        (19800, NOON, 19800),
        ("Asia/Kolkata", NOON, 19800),
        ("America/New_York", NOON, -14400),
        ("America/New_York", NOON - timedelta(days=180), -18000),
        ("UTC", NOON, 0),
        (54000, NOON, 54000),
        (-54000, NOON, -54000),
    ],
)
def test_an_offset_may_be_seconds_or_a_zone_at_the_time_of_the_event(
    offset: int | str, at: datetime, seconds: int
) -> None:
    """A zone's offset is that of the event's moment, daylight saving time included."""
    assert utc_offset(offset, at=at) == seconds


def test_a_zone_name_works_where_the_system_has_no_zone_files() -> None:
    """A slim container lacks them; the package brings them along."""
    zoneinfo.reset_tzpath(to=[])
    zoneinfo.ZoneInfo.clear_cache()
    try:
        assert utc_offset("Asia/Kolkata", at=NOON) == 19800
    finally:
        zoneinfo.reset_tzpath()


def test_a_click_names_its_element_and_leaves_the_context_alone() -> None:
    """`b_id` stands among the attributes, as in the guide's samples."""
    context = dict(CONTEXT)
    event = Event.clicked(context, visitor="u", element="Add to Cart")
    assert event.attributes == {**CONTEXT, "b_id": "Add to Cart"}
    assert context == CONTEXT


def test_a_browsers_text_in_an_event_never_raises() -> None:
    """A form field may name the element, or fill the profile."""
    assert Event.clicked(CONTEXT, visitor="u", element=" ").attributes == CONTEXT
    event = Event.clicked(
        CONTEXT, visitor="u", element="Buy \ud83c", user_attributes={"name": "Zoë \ud83c"}
    )
    assert event.attributes["b_id"] == "Buy \ufffd"
    assert event.user_attributes == {"name": "Zoë ?"}
    with pytest.raises(InvalidArgumentError, match="element"):
        Event.clicked(CONTEXT, visitor="u", element=5)  # type: ignore[arg-type]  # the mistake


def test_an_event_of_an_anonymous_visitor_is_about_the_session() -> None:
    """The guide's third case; a customer who is known comes first."""
    assert shown(visitor=Visitor(session_id="3f1c")).customer_id == "3f1c"
    assert shown(visitor=Visitor("user_8821", session_id="3f1c")).customer_id == "user_8821"


def test_platform_and_offset_are_the_visitors_at_the_time_of_the_event() -> None:
    """Half a year later the offset is another."""
    visitor = Visitor("u", platform="ios", timezone="America/New_York")
    event = shown(visitor=visitor, event_time=NOON)
    assert (event.platform, event.user_timezone_offset) == ("ios", -14400)
    winter = shown(visitor=visitor, event_time=NOON - timedelta(days=180))
    assert winter.user_timezone_offset == -18000


def test_each_event_has_a_fresh_uuid_unless_it_is_given_one() -> None:
    """The server drops repeats by it."""
    given_uuid = uuid4()
    assert shown().uuid != shown().uuid
    assert shown().uuid.version == 4
    assert shown(event_uuid=str(given_uuid)).uuid == given_uuid


def test_later_changes_by_the_caller_do_not_reach_the_event() -> None:
    """An event is what was shown when it was made."""
    context, attributes = {**CONTEXT, "new": [1]}, {"tags": ["a"]}
    event = shown(experience=context, user_attributes=attributes)
    context["new"].append(2)  # type: ignore[attr-defined]  # a list, as one line above says
    attributes["tags"].append("b")
    assert event.attributes["new"] == [1]
    assert event.user_attributes == {"tags": ["a"]}


def test_no_customer_shows_in_a_repr() -> None:
    """An event may be logged."""
    text = repr(shown(user_attributes={"email": "jane@example.com"}))
    assert "8821" not in text
    assert "jane" not in text


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (NOON, "datetime"),
        (Decimal("1.5"), "Decimal"),
        (UUID(int=1), "UUID"),
        ({1}, "set"),
        (b"x", "bytes"),
        (float("inf"), "float"),
        ({"deep": [NOON]}, "dict"),
    ],
)
def test_an_attribute_that_is_no_json_is_named_with_its_type_and_the_remedy(
    value: object, kind: str
) -> None:
    """Its value, which may be a visitor's, is not repeated."""
    with pytest.raises(InvalidArgumentError, match=r"str\(value\)") as caught:
        shown(user_attributes={"fine": 1, "signed_up": value})
    assert "'signed_up'" in str(caught.value)
    assert f"({kind})" in str(caught.value)
