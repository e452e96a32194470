import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from moengage_personalize.emulator import Emulator

LARGE = 2**53 + 1
EVENTS = "/experiences/events"


def test_answer_is_success_with_a_fresh_request_id(
    http: httpx.Client, make_report: Any, make_event: Any
) -> None:
    """A report is answered with success and an identifier that support could ask for."""
    answers = [http.post(EVENTS, json=make_report(make_event())).json() for _ in range(2)]
    assert [answer["status"] for answer in answers] == ["success", "success"]
    assert answers[0]["req_id"] != answers[1]["req_id"]


def test_event_is_received_as_sent(
    emulator: Emulator, http: httpx.Client, make_report: Any, make_event: Any
) -> None:
    """An event keeps everything that the report said of it and of its customer."""
    event = make_event(action="MOE_PERSONALIZATION_MESSAGE_CLICKED", platform="ios")
    event["attributes"] = {**event["attributes"], "b_id": "Add to Cart", "later": {"more": 1}}
    report = make_report(event, user_attributes={"name": "Jane"}, user_timezone_offset=19800)
    http.post(EVENTS, json=report)
    (received,) = emulator.events
    assert received.uuid == event["moe_event_uuid"]
    assert received.action == "MOE_PERSONALIZATION_MESSAGE_CLICKED"
    assert received.customer_id == "user_8821"
    assert received.event_time == 1725258666
    assert received.platform == "ios"
    assert received.attributes == event["attributes"]
    assert received.user_attributes == {"name": "Jane"}
    assert received.user_timezone_offset == 19800
    assert received.deliveries == 1


@pytest.mark.parametrize(
    ("inside", "filed"),
    [({}, "Add to Cart"), ({"b_id": "Wishlist"}, "Wishlist")],
    ids=["beside attributes", "in both places"],
)
def test_a_named_element_may_stand_beside_the_attributes(
    emulator: Emulator, make_event: Any, report_event: Any, inside: dict[str, str], filed: str
) -> None:
    """The guide's table has `b_id` there, its samples in `attributes`, which come first."""
    context = make_event()["attributes"]
    assert report_event(b_id="Add to Cart", attributes=context | inside).status_code == 200
    assert [one.attributes for one in emulator.events] == [context | {"b_id": filed}]


def test_a_large_integer_is_exact(
    connect: Callable[[Emulator], httpx.Client],
    make_report: Any,
    make_event: Any,
    tmp_path: Path,
) -> None:
    """An integer that no double can hold is the same in the file, the fetch and the event."""
    file = tmp_path / "experiences.yaml"
    file.write_text(
        f"experiences: [{{key: big, payload: {{Size: {LARGE}}}, context: {{serial: {LARGE}}}}}]"
    )
    with Emulator(file) as emulator:
        http = connect(emulator)
        fetched = http.post("/experiences/fetch", json={}).json()["experiences"]["big"]
        assert fetched["payload"]["Size"]["value"] == LARGE
        context = fetched["experience_context"]
        assert http.post(EVENTS, json=make_report(make_event(attributes=context))).is_success
        assert [one.attributes["serial"] for one in emulator.events] == [LARGE]


def test_events_are_kept_in_order(
    emulator: Emulator, http: httpx.Client, make_report: Any, make_event: Any
) -> None:
    """Events of several customers and reports are received in the order of their arrival."""
    events = [make_event() for _ in range(5)]
    http.post(
        EVENTS,
        json={
            "elements": [*make_report(*events[:2])["elements"], *make_report(events[2])["elements"]]
        },
    )
    http.post(EVENTS, json=make_report(*events[3:]))
    assert [one.uuid for one in emulator.events] == [one["moe_event_uuid"] for one in events]


def test_repeated_uuid_is_dropped_and_counted(
    emulator: Emulator, http: httpx.Client, make_report: Any, make_event: Any
) -> None:
    """A UUID counts once, in whatever letters and reports it comes again."""
    event = make_event(moe_event_uuid="aa886712-4537-47c1-b126-2686efda2e26")
    again = {**event, "moe_event_uuid": event["moe_event_uuid"].upper(), "platform": "tv"}
    http.post(EVENTS, json=make_report(event, event))
    http.post(EVENTS, json=make_report(again))
    (received,) = emulator.events
    assert (received.deliveries, received.platform) == (3, "web")


def test_refused_report_leaves_no_event(
    emulator: Emulator, http: httpx.Client, make_report: Any, make_event: Any
) -> None:
    """One bad event refuses the whole report."""
    report = make_report(make_event(), make_event(action="SEEN"))
    assert http.post(EVENTS, json=report).status_code == 400
    assert emulator.events == []


@pytest.mark.parametrize(
    ("platform", "filed"),
    [
        ("web", "web"),
        ("iOS", "ios"),
        ("TV", "tv"),
        ("console", "Unknown"),
        (7, "Unknown"),
        (None, "Unknown"),
        (..., "Unknown"),
    ],
)
def test_platform_is_filed(
    emulator: Emulator, report_event: Any, platform: object, filed: str
) -> None:
    """A platform matches without case; a missing or other one is `Unknown`."""
    assert report_event(platform=platform).status_code == 200
    assert [one.platform for one in emulator.events] == [filed]


@pytest.mark.parametrize("time", ["2025-09-02T06:31:06Z", "2025-09-02T12:01:06+05:30", 0])
def test_event_time_is_seconds_or_iso_8601(
    emulator: Emulator, report_event: Any, time: object
) -> None:
    """Both spellings of a time are taken and kept as they came."""
    report_event(event_time=time)
    assert [one.event_time for one in emulator.events] == [time]


@pytest.mark.parametrize("time", ["yesterday", "1725258666", -1, 1.5, True, None])
def test_other_event_time_gets_400(report_event: Any, time: object) -> None:
    """What is neither is a 400 that says both."""
    answer = report_event(event_time=time)
    assert answer.status_code == 400
    assert answer.json()["description"] == (
        "elements[0].actions[0].event_time must be"
        " whole seconds since 1970-01-01 UTC or a date and time in ISO 8601."
    )


@pytest.mark.parametrize(
    "value",
    [
        "",
        "not-a-uuid",
        "c232ab00-9414-11ec-b3c8-9f6bdeced846",
        "aa886712453747c1b1262686efda2e26",
        "{aa886712-4537-47c1-b126-2686efda2e26}",
        "aa886712-4537-47c1-b126-2686efda2e26\n",
    ],
)
def test_uuid_of_another_version_gets_400(report_event: Any, value: str) -> None:
    """Only a UUID version 4 in its usual spelling will do."""
    answer = report_event(moe_event_uuid=value)
    assert answer.status_code == 400
    assert answer.json()["description"] == (
        "elements[0].actions[0].moe_event_uuid must be a UUID version 4."
    )


@pytest.mark.parametrize(("elements", "status"), [(100, 200), (101, 400)])
def test_a_report_has_at_most_100_elements(
    http: httpx.Client, make_report: Any, make_event: Any, elements: int, status: int
) -> None:
    """The 101st customer of a report is too many."""
    report = {"elements": [make_report(make_event())["elements"][0] for _ in range(elements)]}
    assert http.post(EVENTS, json=report).status_code == status


@pytest.mark.parametrize(("offset", "status"), [(-54000, 200), (54000, 200), (54001, 400)])
def test_offset_has_limits(
    http: httpx.Client, make_report: Any, make_event: Any, offset: int, status: int
) -> None:
    """A user's offset is at most 15 hours either way."""
    report = make_report(make_event(), user_timezone_offset=offset)
    assert http.post(EVENTS, json=report).status_code == status


def test_wait_returns_as_soon_as_events_are_there(
    emulator: Emulator, http: httpx.Client, make_report: Any, make_event: Any
) -> None:
    """Waiting for events that are there already returns them."""
    http.post(EVENTS, json=make_report(make_event(), make_event()))
    assert emulator.wait_for_events(2, timeout=0) == emulator.events


def test_wait_gives_up_with_the_count(emulator: Emulator) -> None:
    """Waiting in vain says how many events there were."""
    with pytest.raises(TimeoutError, match="0 of 3 events"):
        emulator.wait_for_events(3, timeout=0.01)


def test_requests_are_recorded_as_sent(
    emulator: Emulator, http: httpx.Client, make_report: Any, make_event: Any
) -> None:
    """A recorded request tells everything that was on the wire, and its answer's status."""
    report = make_report(make_event())
    http.post(EVENTS, content=json.dumps(report), headers={"Content-Type": "application/JSON"})
    http.get("/experiences/metadata?status=Active%2CPaused")
    sent, listed = emulator.requests
    assert (sent.operation, sent.method, sent.path) == (
        "reportExperienceEvents",
        "POST",
        "/v1/experiences/events",
    )
    assert (sent.json, json.loads(sent.body), sent.status) == (report, report, 200)
    assert sent.headers["moe-appkey"] == emulator.workspace_id
    assert (listed.operation, listed.query, listed.json) == (
        "listExperienceMetadata",
        "status=Active%2CPaused",
        None,
    )
    assert sent.received_at < listed.received_at


def test_reset_forgets_everything(
    emulator: Emulator, http: httpx.Client, make_report: Any, make_event: Any
) -> None:
    """After a reset there are no requests, no events, and no UUID is a repeat."""
    event = make_event()
    http.post(EVENTS, json=make_report(event))
    emulator.reset()
    assert (emulator.requests, emulator.events) == ([], [])
    http.post(EVENTS, json=make_report(event))
    assert [one.deliveries for one in emulator.events] == [1]
