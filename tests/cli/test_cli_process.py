"""The installed console script, as a shell runs it."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version

import pytest

from cli.helpers import CUSTOMER, SCRIPT, Invoke
from moengage_personalize.emulator import Emulator, Fault


def test_pipe_from_fetch_to_shown(pointed: Emulator, script: Invoke) -> None:
    """Two processes and one event."""
    who = ("--customer-id", CUSTOMER)
    fetched = script("fetch", "homepage-banner", "promo-strip", *who, "--json")
    assert (fetched.code, fetched.stderr) == (0, "")
    shown = script(
        "shown", "--context", "-", "homepage-banner", *who, "--json",
        stdin=fetched.stdout,
    )  # fmt: skip
    assert (shown.code, shown.stderr) == (0, "")
    assert shown.json["events"][0]["uuid"] == pointed.events[0].uuid


def test_failure_is_no_traceback(pointed: Emulator, script: Invoke) -> None:
    """One line, no key, no customer."""
    pointed.fail(None, Fault.status(401))
    outcome = script("fetch", "--customer-id", CUSTOMER)
    assert (outcome.code, outcome.stdout) == (3, "")
    assert outcome.stderr.count("\n") == 1
    for secret in (pointed.api_key, pointed.workspace_id, CUSTOMER):
        assert secret not in outcome.stderr


def test_demo_runs_as_a_process(script: Invoke) -> None:
    """Its exit code is 0 and it ends."""
    assert script("demo").code == 0


@pytest.mark.usefixtures("measured")
def test_module_runs_too() -> None:
    """As `python -m moengage_personalize`, under the same name."""
    done = subprocess.run(
        [sys.executable, "-m", "moengage_personalize", "metadata", "--nonsense"],
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert done.returncode == 2
    assert "Usage: moengage-personalize metadata" in done.stderr


def test_terminal_without_the_signs_is_no_failure(
    pointed: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where ✓ has no encoding, it is escaped."""
    del pointed
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    done = subprocess.run(
        [SCRIPT, "doctor"], capture_output=True, text=True, timeout=20, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert r"\u2713 ok" in done.stdout


def test_version_is_the_distributions(invoke: Invoke) -> None:
    """And nothing else."""
    assert invoke("--version").stdout == f"{version('moengage-personalize')}\n"


def test_importing_the_package_imports_no_extra() -> None:
    """An application that only calls the API pays for no command line and no server."""
    program = (
        "import sys, moengage_personalize\n"
        "extras = {'typer', 'starlette', 'uvicorn', 'jsonschema_rs', 'ruamel', 'genson', 'ruff'}\n"
        "sys.exit(', '.join(extras & set(sys.modules)) or None)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=20, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
