import time
from typing import Any

import httpx
import pytest

from moengage_personalize.emulator import Emulator, Fault

FETCH = "/experiences/fetch"
METADATA = "/experiences/metadata"
EVENTS = "/experiences/events"


def metadata_statuses(http: httpx.Client, count: int) -> list[int]:
    """Ask for the metadata some times, and return the statuses."""
    return [http.get(METADATA).status_code for _ in range(count)]


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_gateway_status_has_a_page(emulator: Emulator, http: httpx.Client, status: int) -> None:
    """A gateway's failure is HTML, as the document has it."""
    emulator.fail(None, Fault.status(status))
    answer = http.get(METADATA)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "text/html")
    assert answer.text.startswith("<html>")


@pytest.mark.parametrize("status", [400, 401, 500])
def test_api_status_has_an_error_object(
    emulator: Emulator, http: httpx.Client, status: int
) -> None:
    """A failure of the API itself is the document's error object."""
    emulator.fail(None, Fault.status(status))
    answer = http.get(METADATA)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/json")
    assert answer.json().keys() == {"title", "description"}


@pytest.mark.parametrize(
    ("fault", "start"),
    [
        (Fault.status(500, html=True), "<html>"),
        (Fault.status(503, html=False), "{"),
        (Fault.status(200, html=True), "<html>"),
        (Fault.status(599), "<html>"),
    ],
)
def test_body_can_be_forced(
    emulator: Emulator, http: httpx.Client, fault: Fault, start: str
) -> None:
    """Any status may come with either body; one without a name too."""
    emulator.fail(None, fault)
    answer = http.get(METADATA)
    assert answer.status_code == fault.status_code
    assert answer.text.startswith(start)


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (Fault.answer({"metadata": 1}), (200, "application/json", '{"metadata": 1}')),
        (Fault.answer({"é": "\ud83d"}), (200, "application/json", '{"\\u00e9": "\\ud83d"}')),
        (Fault.answer("<p>", status=502), (502, "text/html", "<p>")),
        (Fault.answer("", media_type="application/json"), (200, "application/json", "")),
    ],
)
def test_an_answer_can_be_given(
    emulator: Emulator, http: httpx.Client, fault: Fault, expected: tuple[int, str, str]
) -> None:
    """A test may say, to the byte, what the API answers."""
    emulator.fail(None, fault)
    answer = http.get(METADATA)
    assert (answer.status_code, answer.headers["content-type"], answer.text) == expected


def test_a_given_answer_covers_no_refusal(
    emulator: Emulator, http: httpx.Client, report_event: Any
) -> None:
    """The emulator stays a judge of what is sent, and carries out what is right."""
    emulator.fail(None, Fault.answer({"status": "given"}))
    assert http.post(EVENTS, json={"elements": []}).json()["title"] == "Invalid Field Value"
    assert report_event().json() == {"status": "given"}
    assert len(emulator.events) == 1


def test_rate_limit_names_a_pause(emulator: Emulator, http: httpx.Client) -> None:
    """A 429 says in `Retry-After` how long to wait."""
    emulator.fail(None, Fault.rate_limited(retry_after=7))
    answer = http.get(METADATA)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")


def test_retry_after_may_be_a_date(emulator: Emulator, http: httpx.Client) -> None:
    """Any status may carry a `Retry-After`, an HTTP date included."""
    date = "Wed, 21 Oct 2026 07:28:00 GMT"
    emulator.fail(None, Fault.status(503, retry_after=date))
    assert http.get(METADATA).headers["retry-after"] == date


def test_fault_ends_after_its_times(emulator: Emulator, http: httpx.Client) -> None:
    """A fault with a count happens that often."""
    emulator.fail(None, Fault.status(503, times=2))
    assert metadata_statuses(http, 3) == [503, 503, 200]


def test_fault_without_times_lasts_until_healed(emulator: Emulator, http: httpx.Client) -> None:
    """A fault without a count happens until all are cleared."""
    emulator.fail(None, Fault.status(503))
    assert metadata_statuses(http, 3) == [503, 503, 503]
    emulator.heal()
    assert metadata_statuses(http, 1) == [200]


def test_faults_happen_one_after_another(emulator: Emulator, http: httpx.Client) -> None:
    """Faults wait in the order in which they were set."""
    emulator.fail(None, Fault.status(502, times=1))
    emulator.fail(None, Fault.rate_limited(times=1))
    assert metadata_statuses(http, 3) == [502, 429, 200]


@pytest.mark.parametrize("endless", [None, "listExperienceMetadata"])
@pytest.mark.parametrize("newer", [None, "listExperienceMetadata"])
def test_fault_without_end_makes_way_for_newer_ones(
    emulator: Emulator, http: httpx.Client, endless: str | None, newer: str | None
) -> None:
    """A newer fault happens, in its turn among the newer ones, and the endless one after them."""
    emulator.fail(endless, Fault.status(503))
    emulator.fail(newer, Fault.status(502, times=1))
    emulator.fail(newer, Fault.status(504, times=1))
    assert metadata_statuses(http, 3) == [502, 504, 503]
    emulator.fail(newer, Fault.status(500))
    assert metadata_statuses(http, 2) == [500, 500]


def test_fault_keeps_to_its_operation(emulator: Emulator, http: httpx.Client) -> None:
    """A fault of one operation leaves the others alone."""
    emulator.fail("fetchExperiences", Fault.status(503))
    assert metadata_statuses(http, 1) == [200]
    assert http.post(FETCH, json={}).status_code == 503


def test_fault_keeps_off_unknown_paths(emulator: Emulator, http: httpx.Client) -> None:
    """What is no operation is no fault's business."""
    emulator.fail(None, Fault.status(503, times=1))
    assert http.get("/nothing").status_code == 404
    assert metadata_statuses(http, 1) == [503]


def test_what_is_no_fault_is_refused(emulator: Emulator) -> None:
    """With the constructor that was probably meant."""
    with pytest.raises(TypeError, match=r"must be a Fault, as in Fault\.status\(503\), not int"):
        emulator.fail("fetchExperiences", 503)  # type: ignore[arg-type]


def test_unknown_operation_is_refused(emulator: Emulator) -> None:
    """A misspelt operation is an error at once, with the names that there are."""
    with pytest.raises(ValueError, match="listExperienceMetadata"):
        emulator.fail("fetchExperience", Fault.drop())


@pytest.mark.parametrize(
    "values",
    [
        {"times": 0},
        {"probability": 0.0},
        {"probability": 1.5},
        {"seconds": -1.0},
        {"seconds": float("nan")},
        {"status_code": 199},
        {"status_code": 600},
    ],
)
def test_figures_out_of_limits_are_refused(values: dict[str, Any]) -> None:
    """A fault that cannot happen is an error where it is made."""
    with pytest.raises(ValueError, match="must"):
        Fault(kind="status", **values)


@pytest.mark.parametrize("body", [None, 1, [], b"x"])
def test_an_answer_of_another_kind_is_refused(body: Any) -> None:
    """An answer is an object or a text."""
    with pytest.raises(TypeError, match="body must be"):
        Fault.answer(body)


def test_an_answer_that_is_no_text_is_refused() -> None:
    """Half of a surrogate pair cannot be sent."""
    with pytest.raises(ValueError, match="surrogates"):
        Fault.answer("\ud83d")


def test_probability_is_repeatable(emulator: Emulator, http: httpx.Client) -> None:
    """The same seed lets the same requests fail; another one lets others fail."""

    def run(seed: int) -> list[int]:
        emulator.heal()
        emulator.fail(None, Fault.status(503, probability=0.5, seed=seed))
        return metadata_statuses(http, 30)

    first = run(1)
    assert set(first) == {200, 503}
    assert run(1) == first
    assert run(2) != first


def test_latency_delays_a_right_answer(emulator: Emulator, http: httpx.Client) -> None:
    """A delay comes before an answer that is right otherwise."""
    emulator.fail(None, Fault.latency(0.15, times=1))
    before = time.monotonic()
    assert metadata_statuses(http, 1) == [200]
    assert time.monotonic() - before >= 0.15


def test_latency_goes_with_another_fault(emulator: Emulator, http: httpx.Client) -> None:
    """Delays add up, and the failure after them may be another fault's."""
    emulator.fail(None, Fault.latency(0.1))
    emulator.fail(None, Fault.status(504))
    emulator.fail(None, Fault.latency(0.1))
    before = time.monotonic()
    assert metadata_statuses(http, 1) == [504]
    assert time.monotonic() - before >= 0.2


def test_drop_ends_the_connection_without_an_answer(emulator: Emulator, http: httpx.Client) -> None:
    """A dropped connection gives not one byte, and the next request works."""
    emulator.fail(None, Fault.drop(times=1))
    with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
        http.get(METADATA)
    assert metadata_statuses(http, 1) == [200]
    assert [one.status for one in emulator.requests] == [None, 200]


def test_drop_may_reset_the_connection(emulator: Emulator, http: httpx.Client) -> None:
    """A reset is another error than an end."""
    emulator.fail(None, Fault.drop(reset=True, times=1))
    with pytest.raises(httpx.ReadError):
        http.get(METADATA)


def test_half_body_breaks_the_promised_length(emulator: Emulator, http: httpx.Client) -> None:
    """The headers of a 200 arrive, and less of the body than they say."""
    emulator.fail(None, Fault.half_body(times=1))
    with http.stream("GET", METADATA) as answer:
        assert answer.status_code == 200
        with pytest.raises(httpx.RemoteProtocolError, match="without sending complete message"):
            answer.read()
    assert metadata_statuses(http, 1) == [200]


def test_trickle_sends_a_byte_at_a_time(
    emulator: Emulator, http: httpx.Client, report_event: Any
) -> None:
    """A trickled answer is right, and takes its bytes' number of intervals."""
    emulator.fail(None, Fault.trickle(interval=0.001, times=1))
    before = time.monotonic()
    answer = report_event()
    assert time.monotonic() - before >= 0.001 * len(answer.content)
    assert answer.json()["status"] == "success"
    assert metadata_statuses(http, 1) == [200]


def test_trickle_stops_when_the_client_goes(emulator: Emulator, http: httpx.Client) -> None:
    """A client that has enough of a trickle may go; the emulator goes on for others."""
    emulator.fail(None, Fault.trickle(interval=0.05, times=1))
    with http.stream("GET", METADATA) as answer:
        assert len(next(answer.iter_raw())) < 100
    assert metadata_statuses(http, 1) == [200]


def test_hang_outlasts_the_client(emulator: Emulator, http: httpx.Client) -> None:
    """A hanging request never gets an answer, and its record says so."""
    emulator.fail(None, Fault.hang(times=1))
    with pytest.raises(httpx.ReadTimeout):
        http.get(METADATA, timeout=0.1)
    assert metadata_statuses(http, 1) == [200]
    assert [one.status for one in emulator.requests] == [None, 200]


@pytest.mark.parametrize("fault", [Fault.status(500), Fault.drop()])
def test_fault_keeps_events_out(emulator: Emulator, report_event: Any, fault: Fault) -> None:
    """A request that fails as usual is not carried out."""
    emulator.fail(None, fault)
    with pytest.raises((httpx.RemoteProtocolError, httpx.HTTPStatusError)):
        report_event().raise_for_status()
    assert emulator.events == []


@pytest.mark.parametrize(
    "fault",
    [
        Fault.after_processing(Fault.status(500, times=1)),
        Fault.after_processing(Fault.drop(times=1)),
        Fault.half_body(times=1),
    ],
)
def test_fault_after_processing_keeps_events(
    emulator: Emulator, report_event: Any, fault: Fault
) -> None:
    """Events that were taken before a failure are there, and their repeat is dropped."""
    emulator.fail("reportExperienceEvents", fault)
    event = {"moe_event_uuid": "aa886712-4537-47c1-b126-2686efda2e26"}
    with pytest.raises((httpx.RemoteProtocolError, httpx.HTTPStatusError)):
        report_event(**event).raise_for_status()
    assert [one.deliveries for one in emulator.events] == [1]
    assert report_event(**event).status_code == 200
    assert [one.deliveries for one in emulator.events] == [2]


def test_latency_after_processing_answers_late(
    emulator: Emulator, http: httpx.Client, make_report: Any, make_event: Any
) -> None:
    """A client that gives up too early has been heard all the same."""
    emulator.fail(None, Fault.after_processing(Fault.latency(0.3)))
    with pytest.raises(httpx.ReadTimeout):
        http.post(EVENTS, json=make_report(make_event()), timeout=0.05)
    assert len(emulator.wait_for_events(1, timeout=5)) == 1
    assert metadata_statuses(http, 1) == [200]


def test_refused_request_stays_refused_after_a_delay(
    emulator: Emulator, http: httpx.Client
) -> None:
    """A delay does not make a bad request better."""
    emulator.fail(None, Fault.latency(0.01))
    assert http.post(FETCH, content=b"").status_code == 400
