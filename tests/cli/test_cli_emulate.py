"""`emulate`: a server in the foreground, and the lines that point a program at it."""

from __future__ import annotations

import os
import shlex
import signal
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cli.helpers import SCRIPT, Invoke
from moengage_personalize import PersonalizeClient
from moengage_personalize.cli.emulate import misplaced
from support import Start

Emulate = Callable[..., tuple[subprocess.Popen[str], dict[str, str]]]


@pytest.fixture
def emulate(start: Start) -> Emulate:
    """Start the command, and read what it prints up to the last line of the instructions."""

    def run(*arguments: str, **variables: str) -> tuple[subprocess.Popen[str], dict[str, str]]:
        command = [SCRIPT, "emulate", "--port", "0", *arguments]
        process = start(command, env=os.environ | variables)
        assert process.stdout is not None
        exported: dict[str, str] = {}
        for line in process.stdout:
            reason = (
                shlex.split(line, comments=False) if line.startswith(("export", "unset")) else []
            )
            if reason[:1] == ["export"]:
                name, _, exported[name] = reason[1].partition("=")
            if reason[:1] == ["unset"]:
                exported[reason[1]] = ""
            if line.startswith("Ctrl-C"):
                break
        return process, exported

    return run


@pytest.mark.usefixtures("measured")
def test_exported_variables_lead_to_it(emulate: Emulate) -> None:
    """As printed; requests are told on stderr, and Ctrl-C ends it with 0."""
    process, exported = emulate()
    with PersonalizeClient.from_env(exported) as client:
        assert "homepage-banner" in client.fetch(visitor="user_8821")
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=10)
    assert process.returncode == 0
    assert "POST /v1/experiences/fetch  200\nStopped.\n" in errors
    assert "user_8821" not in errors


def test_contradicting_variable_is_unset_too(emulate: Emulate) -> None:
    """from_env refuses two hosts."""
    _, exported = emulate(MOENGAGE_DATA_CENTER="03")
    assert exported["MOENGAGE_DATA_CENTER"] == ""


def test_exported_address_is_this_machines(emulate: Emulate) -> None:
    """A client refuses plain http to 0.0.0.0."""
    _, exported = emulate("--host", "0.0.0.0")
    with PersonalizeClient.from_env(exported) as client:
        assert client.metadata()


def test_file_of_experiences_is_served(emulate: Emulate, tmp_path: Path) -> None:
    """Instead of those that ship with the emulator."""
    file = tmp_path / "mine.yaml"
    file.write_text("experiences:\n  - key: mine\n    payload:\n      Title: Hello\n")
    _, exported = emulate("--experiences", str(file))
    with PersonalizeClient.from_env(exported) as client:
        assert client.fetch("mine")["mine"]["Title"] == "Hello"


def test_printed_experiences_are_a_file_to_begin_from(
    emulate: Emulate, invoke: Invoke, tmp_path: Path
) -> None:
    """Served again, they are those that ship with the emulator."""
    file = tmp_path / "mine.yaml"
    outcome = invoke("emulate", "--print-experiences")
    assert (outcome.code, outcome.stderr) == (0, "")
    file.write_text(outcome.stdout, encoding="utf-8")
    _, exported = emulate("--experiences", str(file))
    with PersonalizeClient.from_env(exported) as client:
        assert "black-friday" in {entry.experience_key for entry in client.metadata()}


def test_broken_file_is_told_by_line(invoke: Invoke, tmp_path: Path) -> None:
    """And nothing is served."""
    file = tmp_path / "broken.yaml"
    file.write_text("experiences:\n  - key: 5\n")
    outcome = invoke("emulate", "--experiences", str(file))
    assert (outcome.code, outcome.stdout) == (2, "")
    assert f"{file}:2: " in outcome.stderr


def test_port_in_use_is_told(invoke: Invoke) -> None:
    """With exit code 7 and what to do."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        outcome = invoke("emulate", "--port", port)
    assert (outcome.code, outcome.stdout) == (7, "")
    assert f"port {port} of 127.0.0.1 is in use" in outcome.stderr
    assert "--port" in outcome.stderr


def test_address_of_another_machine_is_told(invoke: Invoke) -> None:
    """It cannot be listened on."""
    outcome = invoke("emulate", "--port", "0", "--host", "192.0.2.1")
    assert outcome.code == 7
    assert "cannot listen on port 0 of 192.0.2.1" in outcome.stderr


def test_impossible_port_is_refused(invoke: Invoke) -> None:
    """Before anything is imported."""
    assert invoke("emulate", "--port", "70000").code == 2


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"customer_id": "u"}, "customer_id"),
        ({"user_identifiers": {}, "identifiers": {}}, "user_identifiers"),
        ({"identifiers": {"customer_id": "u"}, "utm_medium": "email"}, None),
        (None, None),
        ([], None),
    ],
)
def test_an_identifier_at_the_top_of_a_fetch_is_warned_about(body: Any, named: str | None) -> None:
    """The API takes it for an in-session attribute, and the visitor for nobody."""
    hint = misplaced(body)
    assert (hint == "") if named is None else (f"warning: {named} at the top" in hint)
