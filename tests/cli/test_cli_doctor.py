"""`doctor`: each check tells what is wrong and what to do, and all of it is bounded in time."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import attrs
import pytest

from cli.helpers import Invoke
from moengage_personalize.cli.client_options import Connection
from moengage_personalize.cli.doctor import command
from moengage_personalize.cli.doctor.diagnosis import Diagnosis, diagnose
from moengage_personalize.cli.doctor.findings import Check, Status
from moengage_personalize.cli.doctor.survey import Verdict, data_centers
from moengage_personalize.emulator import Emulator, Fault
from support import Handler, ScriptedServer, Stopwatch, http

Serve = Callable[[Handler], ScriptedServer]

NAMES = [
    "workspace ID",
    "API key",
    "host",
    "name lookup",
    "TCP connection",
    "TLS certificate",
    "credentials",
    "experiences",
]


def connection(emulator: Emulator, **changed: Any) -> Connection:
    """What leads to an emulator, with some of it changed."""
    right = Connection(
        workspace_id=emulator.workspace_id,
        api_key=emulator.api_key,
        data_center=None,
        base_url=emulator.base_url,
        timeout=1.0,
    )
    return attrs.evolve(right, **changed)


def row(checks: Sequence[Check], name: str) -> Check:
    (found,) = (check for check in checks if check.name == name)
    return found


def failed(diagnosis: Diagnosis) -> list[str]:
    return [check.name for check in diagnosis.checks if check.status is Status.FAILED]


@pytest.fixture
def elsewhere() -> Iterator[Emulator]:
    """A data center that does not know the credentials."""
    with Emulator(workspace_id="OTHER", api_key="OTHER") as emulator:
        yield emulator


@pytest.fixture
def closed_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def test_all_is_well(pointed: Emulator, invoke: Invoke) -> None:
    """Every check has its row, none fails, and the data centers are left alone."""
    del pointed
    document = invoke("doctor", "--json").json
    assert document["healthy"] is True
    assert [check["name"] for check in document["checks"]] == NAMES
    assert {check["status"] for check in document["checks"]} == {"ok", "skipped"}
    assert document["checks"][-1]["detail"] == "10 (8 Active, 1 Paused, 1 Scheduled)"
    assert document["data_centers"] == []


def test_table_says_what_to_do(
    pointed: Emulator, invoke: Invoke, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a sign and a word, and exit code 1; the wrong key is not shown."""
    del pointed
    monkeypatch.setenv("MOENGAGE_PERSONALIZE_API_KEY", "not-the-key")
    outcome = invoke("doctor")
    assert outcome.code == 1
    assert "✓ ok        TCP connection" in outcome.stdout
    assert "✗ failed    credentials" in outcome.stdout
    assert "compare both with the dashboard" in outcome.stdout
    assert "not-the-key" not in outcome.said


@pytest.mark.parametrize(
    ("changed", "name", "advice"),
    [
        ({"workspace_id": None}, "workspace ID", "MOENGAGE_WORKSPACE_ID"),
        ({"workspace_id": "a:b"}, "workspace ID", "MOENGAGE_WORKSPACE_ID"),
        ({"api_key": None}, "API key", "MOENGAGE_PERSONALIZE_API_KEY"),
        ({"api_key": "hush\n"}, "API key", "MOENGAGE_PERSONALIZE_API_KEY"),
        ({"base_url": "http://example.com/v1"}, "host", "MOENGAGE_DATA_CENTER"),
        ({"data_center": "03"}, "host", "exactly one"),
        ({"data_center": "99", "base_url": None}, "host", "MOENGAGE_DATA_CENTER"),
    ],
)
def test_configuration_is_judged_piece_by_piece(
    emulator: Emulator, changed: dict[str, Any], name: str, advice: str
) -> None:
    """Only the wrong piece fails, its value does not show, and nothing is sent."""
    diagnosis = diagnose(connection(emulator, **changed), {})
    assert failed(diagnosis) == [name]
    assert advice in row(diagnosis.checks, name).advice
    assert "hush" not in repr(diagnosis)
    assert row(diagnosis.checks, "credentials").status is Status.SKIPPED
    assert emulator.requests == []


def test_unreached_port_skips_what_follows(emulator: Emulator, closed_port: int) -> None:
    """It is the TCP connection that fails, not the credentials."""
    unreached = connection(emulator, base_url=f"http://127.0.0.1:{closed_port}/v1")
    diagnosis = diagnose(unreached, {})
    assert failed(diagnosis) == ["TCP connection"]
    tcp = row(diagnosis.checks, "TCP connection")
    assert tcp.detail == f"nothing listens on port {closed_port} of this machine"
    assert "firewall" not in tcp.advice
    assert row(diagnosis.checks, "TLS certificate").status is Status.SKIPPED
    assert row(diagnosis.checks, "credentials").status is Status.SKIPPED


def test_a_base_url_without_the_version_is_recognized(emulator: Emulator) -> None:
    """It reaches the host, and no operation."""
    shortened = emulator.base_url.removesuffix("/v1")
    diagnosis = diagnose(connection(emulator, base_url=shortened), {})
    assert failed(diagnosis) == ["credentials"]
    advice = row(diagnosis.checks, "credentials").advice
    assert advice == f"add the API's version to the base URL: {shortened}/v1"


@pytest.mark.parametrize(
    ("fault", "advice"),
    [
        (Fault.status(401), "compare both with the dashboard"),
        (Fault.status(400), "compare both with the dashboard"),
        (Fault.status(503), "ask MoEngage's support"),
        (Fault.hang(), "ask MoEngage's support"),
        (Fault.status(200, html=True), "ask MoEngage's support"),
    ],
)
def test_failing_call_is_the_credentials_row(emulator: Emulator, fault: Fault, advice: str) -> None:
    """A refusal has other advice than a failure."""
    emulator.fail(None, fault)
    diagnosis = diagnose(connection(emulator), {})
    assert failed(diagnosis) == ["credentials"]
    assert advice in row(diagnosis.checks, "credentials").advice


def test_workspace_without_experiences_is_healthy(
    emulator: Emulator, answering: Callable[..., ScriptedServer]
) -> None:
    """They are simply not made yet."""
    server = answering({"metadata": {"count": 0, "experiences": []}})
    diagnosis = diagnose(connection(emulator, base_url=server.base_url), {})
    assert diagnosis.healthy
    assert row(diagnosis.checks, "experiences").detail == "none yet"


def test_refusal_by_a_data_center_finds_the_right_one(
    emulator: Emulator, elsewhere: Emulator, closed_port: int
) -> None:
    """Every other one is asked; the advice names the one that accepts."""
    candidates = {
        "01": elsewhere.base_url,
        "02": emulator.base_url,
        "03": f"http://127.0.0.1:{closed_port}/v1",
    }
    diagnosis = diagnose(connection(emulator, base_url=elsewhere.base_url), candidates)
    assert [(answer.data_center, answer.verdict) for answer in diagnosis.answers] == [
        ("01", Verdict.REFUSED),
        ("02", Verdict.ACCEPTED),
        ("03", Verdict.UNDECIDED),
    ]
    assert failed(diagnosis) == ["credentials", "data center"]
    assert "MOENGAGE_DATA_CENTER=02" in row(diagnosis.checks, "data center").advice


def test_no_data_center_named_asks_all(emulator: Emulator, elsewhere: Emulator) -> None:
    """The configuration still fails, and the advice completes it."""
    candidates = {"01": elsewhere.base_url, "02": emulator.base_url}
    diagnosis = diagnose(connection(emulator, base_url=None), candidates)
    assert failed(diagnosis) == ["host", "data center"]
    assert "--data-center 02" in row(diagnosis.checks, "data center").advice


def test_refusal_by_another_host_is_sent_nowhere_else(
    emulator: Emulator, elsewhere: Emulator
) -> None:
    """An emulator's credentials, or a proxy's, are none of MoEngage's business."""
    diagnosis = diagnose(
        connection(emulator, base_url=elsewhere.base_url), {"02": emulator.base_url}
    )
    assert diagnosis.answers == ()
    assert emulator.requests == []


def test_all_data_centers_are_asked_on_request(emulator: Emulator, elsewhere: Emulator) -> None:
    """And the configured one that accepts is right."""
    candidates = {"01": elsewhere.base_url, "02": emulator.base_url}
    diagnosis = diagnose(connection(emulator), candidates, everywhere=True)
    assert diagnosis.healthy
    assert (
        row(diagnosis.checks, "data center").detail == "02 accepts the credentials, as configured"
    )


def test_malformed_credentials_are_sent_nowhere(emulator: Emulator) -> None:
    """Not even on request."""
    diagnosis = diagnose(
        connection(emulator, api_key=None), {"02": emulator.base_url}, everywhere=True
    )
    assert diagnosis.answers == ()
    assert emulator.requests == []


@pytest.mark.parametrize(
    ("fault", "advice"),
    [(Fault.status(401), "with the dashboard"), (Fault.status(503), "on a network that reaches")],
)
def test_no_verdict_is_no_refusal(emulator: Emulator, fault: Fault, advice: str) -> None:
    """Only when all have refused are the credentials wrong."""
    emulator.fail(None, fault)
    diagnosis = diagnose(connection(emulator, base_url=None), {"02": emulator.base_url})
    assert advice in row(diagnosis.checks, "data center").advice


def test_survey_is_side_by_side(serve: Serve, emulator: Emulator) -> None:
    """Seven silent data centers take the time of one."""

    def hang(peer: socket.socket, server: ScriptedServer) -> None:
        server.read_request(peer)
        server.stopped.wait(10)

    server = serve(hang)
    silent = {str(number): server.base_url for number in range(7)}
    with Stopwatch() as stopwatch:
        diagnosis = diagnose(connection(emulator, base_url=None, timeout=0.4), silent)
    assert stopwatch.own_seconds < 1.5
    assert {answer.verdict for answer in diagnosis.answers} == {Verdict.UNDECIDED}


def test_sign_in_page_of_a_network_is_no_acceptance(
    emulator: Emulator, answering: Callable[..., ScriptedServer]
) -> None:
    """It answers 200 to everything."""
    server = answering(http(200, b"<html>Sign in", content_type="text/html"))
    diagnosis = diagnose(connection(emulator, base_url=None), {"01": server.base_url})
    assert diagnosis.answers[0].verdict is Verdict.UNDECIDED


def test_candidates_are_the_known_data_centers() -> None:
    """By number, at their own addresses."""
    assert data_centers()["03"] == "https://sdk-03.moengage.com/v1"
    assert list(data_centers()) == ["01", "02", "03", "04", "05", "06", "101"]


def test_command_shows_what_each_data_center_said(
    pointed: Emulator, elsewhere: Emulator, invoke: Invoke, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a table of its own."""
    candidates = {"01": elsewhere.base_url, "02": pointed.base_url}
    monkeypatch.setattr(command, "data_centers", lambda: candidates)
    outcome = invoke("doctor", "--all-data-centers")
    assert outcome.code == 0
    rows = [" ".join(line.split()) for line in outcome.stdout.splitlines()]
    assert "✗ refused 01 does not know these credentials" in rows
    assert "✓ accepted 02 10 experiences" in rows


def test_unusable_timeout_is_refused(pointed: Emulator, invoke: Invoke) -> None:
    """With exit code 2, as everywhere."""
    assert invoke("doctor", "--timeout", "-1").code == 2
    assert pointed.requests == []


@pytest.mark.usefixtures("no_proxy")
def test_unusable_proxy_is_told(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """In its row and by every data center asked; its password does not show."""
    monkeypatch.setenv("HTTPS_PROXY", "http://user:hush@127.0.0.1:port")
    direct = connection(emulator, base_url="https://sdk-03.moengage.com/v1")
    diagnosis = diagnose(direct, data_centers(), everywhere=True)
    assert failed(diagnosis) == ["name lookup", "data center"]
    assert "HTTPS_PROXY" in row(diagnosis.checks, "name lookup").advice
    assert {answer.verdict for answer in diagnosis.answers} == {Verdict.UNDECIDED}
    assert "hush" not in repr(diagnosis)
