import asyncio
from typing import Any

import httpx
import pytest

from moengage_personalize.emulator import Emulator, Fault, create_app

METADATA = "/experiences/metadata"


@pytest.fixture
def control(emulator: Emulator, connect: Any) -> httpx.Client:
    """A client of the controls."""
    client = connect(emulator)
    client.base_url = emulator.control_url
    assert isinstance(client, httpx.Client)
    return client


def test_health_tells_what_was_seen(control: httpx.Client, report_event: Any) -> None:
    """The state of an emulator is told in figures."""
    report_event()
    assert control.get("/health").json() == {
        "status": "ok",
        "experiences": 10,
        "requests": 1,
        "events": 1,
        "faults": 0,
    }


def test_document_is_served(control: httpx.Client) -> None:
    """The document that requests are judged by is there to read."""
    assert control.get("/openapi.json").json()["openapi"].startswith("3.")


def test_requests_are_listed_without_credentials(
    emulator: Emulator, control: httpx.Client, http: httpx.Client
) -> None:
    """A listed request shows what was sent, but not the credentials."""
    http.get(METADATA, params={"status": "Active"})
    listed = control.get("/requests")
    (request,) = listed.json()["requests"]
    assert (request["operation"], request["query"], request["status"]) == (
        "listExperienceMetadata",
        "status=Active",
        200,
    )
    assert emulator.requests[0].headers["authorization"] not in listed.text
    assert emulator.workspace_id not in listed.text


def test_events_are_listed(control: httpx.Client, report_event: Any) -> None:
    """A listed event shows everything, its number of deliveries included."""
    uuid = "aa886712-4537-47c1-b126-2686efda2e26"
    report_event(moe_event_uuid=uuid)
    report_event(moe_event_uuid=uuid)
    (event,) = control.get("/events").json()["events"]
    assert (event["uuid"], event["deliveries"], event["customer_id"]) == (uuid, 2, "user_8821")


@pytest.mark.parametrize(
    ("described", "statuses"),
    [
        ({"fault": "status", "status": 503, "times": 1}, [503, 200]),
        ({"fault": "status", "status": 500, "html": True, "times": 1}, [500, 200]),
        ({"fault": "rate_limited", "retry_after": 3, "times": 1}, [429, 200]),
        ({"fault": "answer", "body": {"title": "No"}, "status": 418, "times": 1}, [418, 200]),
        ({"fault": "latency", "seconds": 0.01}, [200, 200]),
        ({"fault": "status", "status": 503, "operation": "fetchExperiences"}, [200, 200]),
        ({"fault": "status", "status": 502, "operation": None}, [502, 502]),
        ({"fault": "status", "status": 500, "after_processing": True, "times": 1}, [500, 200]),
    ],
)
def test_fault_is_added(
    control: httpx.Client, http: httpx.Client, described: dict[str, Any], statuses: list[int]
) -> None:
    """A fault is described by a constructor's name and its arguments."""
    assert control.post("/faults", json=described).status_code == 204
    assert [http.get(METADATA).status_code for _ in statuses] == statuses


def test_faults_are_listed_and_cleared(emulator: Emulator, control: httpx.Client) -> None:
    """The faults that wait can be seen, and cleared."""
    emulator.fail("fetchExperiences", Fault.drop(times=3))
    (fault,) = control.get("/faults").json()["faults"]
    assert (fault["operation"], fault["kind"], fault["times"]) == ("fetchExperiences", "drop", 3)
    assert control.delete("/faults").status_code == 204
    assert control.get("/faults").json() == {"faults": []}


@pytest.mark.parametrize(
    ("described", "problem"),
    [
        ({}, "fault must be one of status, answer"),
        ({"fault": "explode"}, "fault must be one of status, answer"),
        ({"fault": ["status"]}, "fault must be one of status, answer"),
        ({"fault": "status"}, "status"),
        ({"fault": "status", "status": "503"}, "status must be a whole number"),
        ({"fault": "status", "status": 503.5}, "status must be a whole number"),
        ({"fault": "rate_limited", "retry_after": "a\r\nX: y"}, "printable ASCII"),
        ({"fault": "latency", "seconds": "1"}, "must be numbers"),
        ({"fault": "answer", "body": "", "media_type": 5}, "media_type must be a text"),
        ({"fault": "answer", "body": [1]}, "body must be an object or a text"),
        ({"fault": "answer", "body": "", "media_type": "a\r\nX: y"}, "printable ASCII"),
        ({"fault": "drop", "seconds_": 5}, "seconds_"),
        ({"fault": "drop", "times": 0}, "times must be at least 1"),
        ({"fault": "drop", "operation": "fetch"}, "operation must be None or one of"),
        ([], "the body must be a JSON object"),
    ],
)
def test_bad_fault_is_refused(control: httpx.Client, described: object, problem: str) -> None:
    """A fault that cannot be made is a 400 that says why."""
    answer = control.post("/faults", json=described)
    assert answer.status_code == 400
    assert problem in answer.json()["description"]


@pytest.mark.parametrize(
    ("content", "kind"), [(b"{", "application/json"), (b'{"fault": "drop"}', "text/plain")]
)
def test_body_must_be_json(control: httpx.Client, content: bytes, kind: str) -> None:
    """The controls take JSON that says so, which a page of another site cannot send."""
    answer = control.post("/faults", content=content, headers={"Content-Type": kind})
    assert answer.status_code == 400


def test_reset_forgets(emulator: Emulator, control: httpx.Client, http: httpx.Client) -> None:
    """A reset forgets what was seen."""
    http.get(METADATA)
    assert control.post("/reset").status_code == 204
    assert emulator.requests == []


def test_key_is_replaced(connect: Any) -> None:
    """A new key expires the old one."""
    with Emulator() as emulator:
        http = connect(emulator)
        assert http.post(emulator.control_url + "/key", json={"api_key": "N"}).status_code == 204
        assert (emulator.api_key, http.get(METADATA).status_code) == ("N", 401)


@pytest.mark.parametrize("body", [{}, {"api_key": ""}, {"api_key": 5}])
def test_key_must_be_a_text(emulator: Emulator, control: httpx.Client, body: object) -> None:
    """What is no key does not replace one."""
    assert control.post("/key", json=body).status_code == 400
    assert emulator.api_key == "EMULATED_KEY"


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/x", 404), ("PUT", "/key", 405)])
def test_unknown_control_is_a_json_error(
    control: httpx.Client, method: str, path: str, status: int
) -> None:
    """The controls' own errors are JSON too."""
    answer = control.request(method, path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/json")


def test_controls_are_no_requests(emulator: Emulator, control: httpx.Client) -> None:
    """Who looks does not change what is seen, and no fault hits the controls."""
    emulator.fail(None, Fault.drop())
    assert control.get("/health").status_code == 200
    assert emulator.requests == []


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("127.0.0.1", 200),
        ("127.8.0.1", 200),
        ("::1", 200),
        ("testclient", 200),
        ("192.0.2.1", 403),
        ("2001:db8::1", 403),
    ],
)
def test_only_this_machine_controls(address: str, status: int) -> None:
    """A caller from the network may use the API, but not the controls."""
    transport = httpx.ASGITransport(create_app(), client=(address, 5000))

    async def scenario() -> tuple[int, int]:
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            health = await client.get("/_emulator/health")
            return health.status_code, (await client.get("/v1" + METADATA)).status_code

    assert asyncio.run(scenario()) == (status, 401)


@pytest.mark.parametrize(
    "headers",
    [{"Host": "evil.example"}, {"Origin": "https://evil.example"}, {"Origin": "null"}],
)
def test_page_of_another_site_controls_nothing(
    control: httpx.Client, headers: dict[str, str]
) -> None:
    """Though it asks from this machine, through its browser."""
    assert control.post("/reset", headers=headers).status_code == 403
    assert control.post("/reset", headers={"Origin": "http://localhost:3000"}).status_code == 204


def test_forwarded_address_is_not_believed(control: httpx.Client, http: httpx.Client) -> None:
    """Headers of a proxy decide nothing."""
    headers = {"X-Forwarded-For": "192.0.2.1"}
    assert control.get("/health", headers=headers).status_code == 200
    assert http.get(METADATA, headers=headers).status_code == 200
