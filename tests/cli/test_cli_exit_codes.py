"""What went wrong shows in the exit code, and in one line on stderr."""

from __future__ import annotations

import socket
import subprocess
import sys

import pytest

from cli.helpers import CUSTOMER, Invoke
from moengage_personalize.cli.exit_codes import MEANINGS, ExitCode, exit_code_for
from moengage_personalize.emulator import Emulator, Fault
from moengage_personalize.errors import PartialReportError, PersonalizeError, RateLimitedError

FAILURES = [
    (Fault.status(400), 2),
    (Fault.status(401), 3),
    (Fault.rate_limited(retry_after=60), 4),
    (Fault.status(500), 5),
    (Fault.status(503), 5),
    (Fault.status(418), 5),
    (Fault.hang(), 6),
    (Fault.drop(), 7),
    (Fault.status(200, html=True), 8),
]
COMMANDS = ["demo", "emulate", "doctor", "fetch", "metadata", "shown", "clicked", "types"]


@pytest.mark.parametrize(("fault", "code"), FAILURES)
def test_each_failure_has_its_exit_code_and_one_line(
    pointed: Emulator, invoke: Invoke, fault: Fault, code: int
) -> None:
    """Nothing on stdout, one line on stderr, and no customer or key in it."""
    pointed.fail(None, fault)
    outcome = invoke("fetch", "--customer-id", CUSTOMER, "--timeout", "1")
    assert (outcome.code, outcome.stdout) == (code, "")
    assert outcome.stderr.startswith("Error: ")
    assert outcome.stderr.count("\n") == 1
    assert CUSTOMER not in outcome.stderr
    assert pointed.api_key not in outcome.stderr


def test_every_meaning_is_unique_to_its_number() -> None:
    """The numbers run from 0 and each has words."""
    assert [int(code) for code in MEANINGS] == list(range(10))
    assert len(set(MEANINGS.values())) == len(MEANINGS)


@pytest.mark.parametrize("command", [(), *([name] for name in COMMANDS)])
def test_help_lists_the_exit_codes(invoke: Invoke, command: tuple[str, ...]) -> None:
    """Of every command."""
    outcome = invoke(*command, "--help")
    assert outcome.code == 0
    for code, meaning in MEANINGS.items():
        assert f"{code.value}  {meaning[:40]}" in outcome.stdout


def test_failure_is_a_document_for_machines(pointed: Emulator, invoke: Invoke) -> None:
    """With --json, stdout has the error, and stderr still has its line."""
    pointed.fail(None, Fault.rate_limited(retry_after=60))
    outcome = invoke("metadata", "--json")
    assert outcome.code == 4
    error = outcome.json["error"]
    assert (error["kind"], error["exit_code"], error["status"]) == ("rate_limited", 4, 429)
    assert error["retry_after"] == 60
    assert outcome.stderr.startswith("Error: 429")


def test_attempts_are_told(pointed: Emulator, invoke: Invoke) -> None:
    """Where there was more than one."""
    pointed.fail(None, Fault.status(503))
    assert "(after 4 attempts)" in invoke("metadata").stderr


def test_refused_connection_is_no_timeout(invoke: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    """A port that nobody listens on gives 7."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    monkeypatch.setenv("MOENGAGE_PERSONALIZE_API_KEY", "key")
    outcome = invoke("metadata", "--workspace-id", "w", "--base-url", f"http://127.0.0.1:{port}/v1")
    assert outcome.code == 7


def test_wrong_key_gives_three(
    pointed: Emulator, invoke: Invoke, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A real refusal by the emulator; the wrong key is not repeated."""
    assert pointed.api_key != "not-the-key"
    monkeypatch.setenv("MOENGAGE_PERSONALIZE_API_KEY", "not-the-key")
    outcome = invoke("metadata")
    assert outcome.code == 3
    assert "not-the-key" not in outcome.said


def test_unknown_option_gives_two(invoke: Invoke) -> None:
    """As the shell's convention has it."""
    assert invoke("metadata", "--nonsense").code == 2


def test_api_key_is_no_option(invoke: Invoke) -> None:
    """It would show in process lists and in the shell's history."""
    assert invoke("metadata", "--api-key", "secret").code == 2


def test_partial_failure_has_the_code_of_its_first_part() -> None:
    """Of a report in several requests."""
    error = PartialReportError("1 of 2")
    error.failures = (RateLimitedError("429"),)
    assert exit_code_for(error) is ExitCode.RATE_LIMITED


def test_error_of_no_known_kind_counts_as_the_servers() -> None:
    """So that no error of the client's ends in 0 or in a traceback."""
    assert exit_code_for(PersonalizeError("new")) is ExitCode.SERVER


@pytest.mark.parametrize(
    ("missing", "command", "extra"),
    [
        ("typer", "metadata", "with the extra cli"),
        ("rich", "metadata", "with the extra cli"),
        ("starlette", "demo", "with the extra emulator"),
        ("uvicorn", "emulate", "with the extra emulator"),
    ],
)
@pytest.mark.usefixtures("measured")
def test_missing_extra_is_named(missing: str, command: str, extra: str) -> None:
    """In one line, with exit code 9."""
    program = (
        "import sys\n"
        f"sys.modules[{missing!r}] = None\n"
        f"sys.argv = ['moengage-personalize', {command!r}]\n"
        "from moengage_personalize.__main__ import main\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=20, check=False
    )
    assert (done.returncode, done.stdout) == (9, "")
    assert extra in done.stderr
    assert done.stderr.count("\n") == 1


def test_other_missing_module_is_not_taken_for_an_extra() -> None:
    """A broken installation must not be told to install the extra."""
    program = (
        "import sys\n"
        "sys.modules['moengage_personalize.cli.fetch'] = None\n"
        "from moengage_personalize.__main__ import main\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=20, check=False
    )
    assert done.returncode == 1
    assert "ModuleNotFoundError" in done.stderr
