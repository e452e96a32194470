"""An emulator on a real port, a plain HTTP client for it, and what a right request looks like."""

import base64
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from moengage_personalize.emulator import Emulator

CONTEXT = {
    "cid": "66d55ae445921e4d35ae4368_F_T_WP_AB_2_P_0_AU_5A",
    "experience": "Promo strip",
    "moe_locale_id": "0",
    "moe_variation_id": "2",
    "audience_name": "All Users",
    "audience_id": "42D",
}

Connect = Callable[[Emulator], httpx.Client]
MakeEvent = Callable[..., dict[str, Any]]
MakeReport = Callable[..., dict[str, Any]]


def right_headers(emulator: Emulator) -> dict[str, str]:
    """Return both credentials, as the API wants them."""
    pair = base64.b64encode(f"{emulator.workspace_id}:{emulator.api_key}".encode()).decode()
    return {"Authorization": f"Basic {pair}", "MOE-APPKEY": emulator.workspace_id}


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Make HTTP clients with the right credentials, and close them."""
    clients: list[httpx.Client] = []

    def make(emulator: Emulator) -> httpx.Client:
        client = httpx.Client(
            base_url=emulator.base_url,
            headers=right_headers(emulator),
            timeout=5,
            trust_env=False,
            verify=False,  # there is no TLS here, and certificates take long to load
        )
        clients.append(client)
        return client

    yield make
    for client in clients:
        client.close()


@pytest.fixture(scope="module")
def shared_emulator() -> Iterator[Emulator]:
    """One emulator for a module; `emulator` hands it out as good as new."""
    with Emulator() as emulator:
        yield emulator


@pytest.fixture
def emulator(shared_emulator: Emulator) -> Emulator:
    """An emulator that has seen nothing yet."""
    shared_emulator.reset()
    return shared_emulator


@pytest.fixture
def http(emulator: Emulator, connect: Connect) -> httpx.Client:
    """A client of the emulator with the right credentials."""
    return connect(emulator)


@pytest.fixture
def make_event() -> MakeEvent:
    """Make one action of an element, with some fields changed; `...` removes one."""

    def make(**changed: Any) -> dict[str, Any]:
        event = {
            "action": "MOE_PERSONALIZATION_MESSAGE_SHOWN",
            "moe_event_uuid": str(uuid.uuid4()),
            "event_time": 1725258666,
            "platform": "web",
            "attributes": CONTEXT,
            **changed,
        }
        return {name: value for name, value in event.items() if value is not ...}

    return make


@pytest.fixture
def make_report() -> MakeReport:
    """Make the body of a report about one customer."""

    def make(*events: dict[str, Any], **changed: Any) -> dict[str, Any]:
        return {"elements": [{"customer_id": "user_8821", "actions": list(events), **changed}]}

    return make


@pytest.fixture
def report_event(
    http: httpx.Client, make_report: MakeReport, make_event: MakeEvent
) -> Callable[..., httpx.Response]:
    """Report one event, with some of its fields changed."""

    def send(**changed: Any) -> httpx.Response:
        return http.post("/experiences/events", json=make_report(make_event(**changed)))

    return send
