"""What is tried again, how long it waits, and what is not."""

from __future__ import annotations

import json
import random
import socket
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moengage_personalize import (
    ApiError,
    AuthenticationError,
    BadRequestError,
    ConnectionFailedError,
    PersonalizeError,
    RateLimitedError,
    RequestTimeoutError,
    ServerError,
)
from moengage_personalize.emulator import Emulator, Fault
from moengage_personalize.transport.retry_policy import RetryPolicy, retry_after_seconds
from support import CONTEXT, Driver, Handler, ScriptedServer, experiences, http

Answering = Callable[..., ScriptedServer]
Serve = Callable[[Handler], ScriptedServer]
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_a_passing_failure_of_the_server_is_tried_again(
    call: Driver, answering: Answering, status: int
) -> None:
    """The caller does not notice."""
    server = answering(http(status, b"<html>", content_type="text/html"), experiences("a"))
    assert list(call(server.base_url, "fetch", "a")) == ["a"]
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    "fault", [Fault.drop(times=2), Fault.drop(reset=True, times=1), Fault.half_body(times=2)]
)
def test_a_broken_connection_is_tried_again(call: Driver, emulator: Emulator, fault: Fault) -> None:
    """Dropped before the answer, reset, or in the middle of it."""
    emulator.fail("fetchExperiences", fault)
    assert "homepage-banner" in call(emulator.base_url, "fetch", "homepage-banner")


@pytest.mark.parametrize(
    ("status", "error"),
    [(400, BadRequestError), (401, AuthenticationError), (404, ApiError), (501, ServerError)],
)
def test_what_would_fail_again_is_sent_once(
    call: Driver, answering: Answering, status: int, error: type[ApiError]
) -> None:
    """400 and 401 above all."""
    server = answering(http(status))
    with pytest.raises(error) as caught:
        call(server.base_url, "fetch", "a")
    assert (caught.value.status, caught.value.attempts, len(server.requests)) == (status, 1, 1)


def test_the_number_of_retries_is_bounded(call: Driver, answering: Answering) -> None:
    """The error says how often it was tried."""
    server = answering(http(503))
    with pytest.raises(ServerError) as caught:
        call(server.base_url, "fetch", "a", retries=2)
    assert (caught.value.attempts, len(server.requests)) == (3, 3)
    with pytest.raises(ServerError):
        call(server.base_url, "fetch", "a", retries=0)
    assert len(server.requests) == 4


def test_the_server_decides_how_long_to_wait(call: Driver, answering: Answering) -> None:
    """`Retry-After` in seconds."""
    server = answering(http(429, Retry_After="1"), experiences("a"))
    call(server.base_url, "fetch", "a")
    assert call.seconds >= 1


def test_a_wait_beyond_the_budget_is_not_begun(call: Driver, answering: Answering) -> None:
    """The error comes at once, and says how long the server wants."""
    server = answering(http(429, Retry_After="60"))
    with pytest.raises(RateLimitedError) as caught:
        call(server.base_url, "fetch", "a", timeout=5)
    assert caught.value.retry_after == 60
    assert call.own_seconds < 1


def test_events_keep_their_uuids_over_all_attempts(call: Driver, emulator: Emulator) -> None:
    """The server processed the first attempt and failed to say so: it counts once."""
    emulator.fail("reportExperienceEvents", Fault.after_processing(Fault.status(500, times=1)))
    emulator.fail("reportExperienceEvents", Fault.after_processing(Fault.drop(times=1)))
    call(emulator.base_url, "shown", CONTEXT, CONTEXT, visitor="u")
    uuids = [
        [action["moe_event_uuid"] for action in request.json["elements"][0]["actions"]]
        for request in emulator.requests
    ]
    assert len(uuids) == 3
    assert uuids[0] == uuids[1] == uuids[2]
    assert [str(event.uuid) for event in emulator.events] == uuids[0]


def test_a_kept_connection_that_the_server_closed_meanwhile_does_no_harm(
    call: Driver, serve: Serve
) -> None:
    """A load balancer closes idle connections whenever it likes."""
    answered = threading.Semaphore(0)

    def handle(connection: socket.socket, server: ScriptedServer) -> None:
        if server.read_request(connection):
            connection.sendall(http(200, experiences("a")))
            answered.release()

    server = serve(handle)
    for _ in range(3):
        assert list(call(server.base_url, "fetch", "a")) == ["a"]


def test_nothing_listening_is_a_connection_failure(call: Driver) -> None:
    """Tried again, and then said."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(ConnectionFailedError) as caught:
        call(f"http://127.0.0.1:{port}/v1", "fetch", "a", retries=1)
    assert caught.value.attempts == 2
    assert isinstance(caught.value, ConnectionError)


@given(st.integers(1, 20), st.floats(0, 1), st.floats(0.001, 100))
def test_a_pause_never_passes_its_bounds(attempt: int, jitter: float, remaining: float) -> None:
    """Full jitter below a doubling bound, and always within the budget."""
    policy = RetryPolicy(retries=20, base=0.1, cap=5.0, jitter=lambda: jitter)
    pause = policy.pause(ServerError("x", status=503), attempt=attempt, remaining=remaining)
    if pause is None:
        assert jitter * min(5.0, 0.1 * 2.0 ** (attempt - 1)) >= remaining
    else:
        assert 0 <= pause < remaining
        assert pause <= min(5.0, 0.1 * 2 ** (attempt - 1))


@pytest.mark.parametrize(
    "error",
    [
        BadRequestError("x", status=400),
        AuthenticationError("x", status=401),
        ServerError("x", status=501),
        RequestTimeoutError("x"),
        PersonalizeError("x"),
    ],
)
def test_an_error_worth_no_retry_has_no_pause(error: PersonalizeError) -> None:
    """However much time is left."""
    assert RetryPolicy().pause(error, attempt=1, remaining=100) is None


def date(seconds: float) -> str:
    return format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)


def timestamp(seconds: float) -> str:
    return str(int((NOW + timedelta(seconds=seconds)).timestamp()))


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("2", 2.0),
        (" 0 ", 0.0),
        (date(90), 90.0),
        (date(-90), 0.0),
        ("soon", None),
        ("-1", None),
        ("1.5", None),
        ("", None),
        ("²", None),
        ("9" * 400, 86_400.0),
        (date(10**9), 86_400.0),
    ],
)
def test_retry_after_is_seconds_or_a_date_or_nothing(header: str, seconds: float | None) -> None:
    """A gateway's nonsense is no reason to fail, nor to wait longer than a day."""
    assert retry_after_seconds(503, {"retry-after": header, "date": date(0)}) == seconds
    assert retry_after_seconds(503, {}) is None


@pytest.mark.parametrize(
    ("status", "reset", "seconds"),
    [
        (429, timestamp(30), 30.0),
        (429, timestamp(-30), 0.0),
        (429, "30", 30.0),  # a gateway's own: the seconds until then
        (429, "9" * 400, 86_400.0),
        (429, "soon", None),
        (429, "", None),
        (503, timestamp(30), None),
        (200, timestamp(30), None),
    ],
)
def test_a_429_asks_to_wait_until_the_rate_limit_is_reset(
    status: int, reset: str, seconds: float | None
) -> None:
    """In seconds since 1970, against the server's own clock; other answers only inform."""
    headers = {"x-ratelimit-reset": reset, "date": date(0)}
    assert retry_after_seconds(status, headers) == seconds


def test_the_later_of_both_waits_counts() -> None:
    """A gateway's `Retry-After: 0` knows nothing of the limit, nor the limit of an overload."""
    headers = {"x-ratelimit-reset": timestamp(3), "date": date(0)}
    assert retry_after_seconds(429, {**headers, "retry-after": "0"}) == 3.0
    assert retry_after_seconds(429, {**headers, "retry-after": "7"}) == 7.0
    assert retry_after_seconds(503, {**headers, "retry-after": "0"}) == 0.0


@pytest.mark.parametrize("headers", [{}, {"date": "yesterday"}])
def test_a_date_without_the_servers_own_is_measured_against_this_machines_clock(
    headers: dict[str, str],
) -> None:
    """As nothing better is known."""
    when = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    assert retry_after_seconds(503, {"retry-after": when, **headers}) == pytest.approx(89, abs=1.5)


def test_a_wrong_clock_of_this_machine_shifts_no_wait(call: Driver, answering: Answering) -> None:
    """The server's `Date` says what time it is there."""
    server = answering(http(503, Retry_After=date(7), Date=date(0)))
    with pytest.raises(ServerError) as caught:
        call(server.base_url, "fetch", "a", retries=0)
    assert caught.value.retry_after == 7


def test_a_429_tells_the_wait_until_the_reset(call: Driver, answering: Answering) -> None:
    """A caller, and the reporter, have it as `retry_after`."""
    server = answering(http(429, x_ratelimit_reset=timestamp(30), Date=date(0)))
    with pytest.raises(RateLimitedError) as caught:
        call(server.base_url, "fetch", "a", retries=0)
    assert caught.value.retry_after == 30


def test_pauses_differ_between_clients() -> None:
    """Without jitter, a crowd of clients would come back at the same moment."""
    policy = RetryPolicy(jitter=random.Random(1).random)
    error = ServerError("x", status=503)
    assert len({policy.pause(error, attempt=3, remaining=100) for _ in range(20)}) == 20


def test_a_retried_report_is_the_same_bytes(call: Driver, answering: Answering) -> None:
    """Not only the UUIDs."""
    server = answering(http(503), {"status": "success"})
    call(server.base_url, "shown", CONTEXT, visitor="u")
    assert server.requests[0] == server.requests[1]
    assert json.loads(server.requests[0])["elements"][0]["customer_id"] == "u"
