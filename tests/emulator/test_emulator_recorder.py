import threading
from collections.abc import Mapping
from typing import Any

from moengage_personalize.emulator.recorder import Journal, ReceivedEvent, RecordedRequest


def event(number: int, **changed: Any) -> ReceivedEvent:
    """Make an event."""
    nothing: Mapping[str, Any] = {}
    values: dict[str, Any] = {
        "uuid": f"uuid-{number}",
        "action": "MOE_PERSONALIZATION_MESSAGE_SHOWN",
        "customer_id": "user_8821",
        "event_time": number,
        "platform": "web",
        "attributes": nothing,
        "user_attributes": nothing,
        "user_timezone_offset": None,
        **changed,
    }
    return ReceivedEvent(**values)


def test_repr_of_an_event_shows_all_of_it() -> None:
    """A failed assert on an event tells whose it is and what it says."""
    shown = repr(event(1, attributes={"cid": "C1", "b_id": "Buy"}, user_attributes={"plan": "pro"}))
    for part in ("user_8821", "C1", "Buy", "plan", "pro", "uuid-1"):
        assert part in shown


def test_history_bounds_requests_and_events() -> None:
    """A journal with a history forgets the oldest first."""
    journal = Journal(history=2)
    for number in range(3):
        journal.record(RecordedRequest(None, "GET", f"/{number}", "", {}, b""))
        journal.receive([event(number)])
    assert [one.path for one in journal.requests] == ["/1", "/2"]
    assert [one.uuid for one in journal.events] == ["uuid-1", "uuid-2"]


def test_events_of_many_threads_are_counted_right() -> None:
    """Deliveries from several threads at once are neither lost nor doubled."""
    journal = Journal()

    def deliver() -> None:
        for number in range(200):
            journal.receive([event(number)])

    threads = [threading.Thread(target=deliver) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one.deliveries for one in journal.events] == [4] * 200


def test_waiting_ends_when_the_last_event_comes() -> None:
    """Who waits for events is woken by another thread's delivery."""
    journal = Journal()
    delivery = threading.Timer(0.05, lambda: journal.receive([event(1), event(2)]))
    delivery.start()
    assert len(journal.wait_for_events(2, timeout=5)) == 2
    delivery.join()


def test_body_that_is_no_json_is_none() -> None:
    """A request with another body has no JSON."""
    assert RecordedRequest(None, "GET", "/", "", {}, b"{").json is None
