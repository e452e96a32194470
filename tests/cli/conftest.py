"""The command line, in this process and as a process of its own, pointed at an emulator."""

from __future__ import annotations

import os
import subprocess

import pytest
from typer.testing import CliRunner

from cli.helpers import CUSTOMER, SCRIPT, Invoke, Outcome
from moengage_personalize.cli.app import app
from moengage_personalize.emulator import Emulator


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable of this machine's reaches a test."""
    for name in list(os.environ):
        if name.startswith("MOENGAGE_") or name == "COLUMNS":
            monkeypatch.delenv(name)


@pytest.fixture
def pointed(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Emulator:
    """An emulator that the environment's variables point at."""
    monkeypatch.setenv("MOENGAGE_WORKSPACE_ID", emulator.workspace_id)
    monkeypatch.setenv("MOENGAGE_PERSONALIZE_API_KEY", emulator.api_key)
    monkeypatch.setenv("MOENGAGE_BASE_URL", emulator.base_url)
    return emulator


@pytest.fixture
def invoke() -> Invoke:
    """Run a command in this process."""

    def run(*arguments: str, stdin: str | None = None) -> Outcome:
        result = CliRunner().invoke(app, arguments, input=stdin)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Outcome(result.exit_code, result.stdout, result.stderr)

    return run


@pytest.fixture
def script() -> Invoke:
    """Run the installed console script, in a process of its own."""

    def run(*arguments: str, stdin: str | None = None) -> Outcome:
        done = subprocess.run(
            [SCRIPT, *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=20,
            check=False,
        )
        return Outcome(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture
def fetched(pointed: Emulator, invoke: Invoke) -> str:
    """What `fetch --json` printed about two experiences."""
    outcome = invoke("fetch", "homepage-banner", "promo-strip", "--customer-id", CUSTOMER, "--json")
    pointed.reset()
    return outcome.stdout


@pytest.fixture
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxy of this machine's reaches a test."""
    for name in ("https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
