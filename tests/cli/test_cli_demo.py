"""`demo` and `scripts/demo`: what is shown is what happens."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from cli.helpers import Invoke
from moengage_personalize.emulator import Emulator

OPERATIONS = [
    "fetchExperiences",
    "reportExperienceEvents",
    "reportExperienceEvents",
    "listExperienceMetadata",
]


def test_demo_tells_a_whole_visit(invoke: Invoke) -> None:
    """The values, both receipts, the listing and what arrived."""
    outcome = invoke("demo")
    assert (outcome.code, outcome.stderr) == (0, "")
    assert "Fresh arrivals, picked for you" in outcome.stdout
    assert outcome.stdout.count("Accepted: 1. Request ID") == 2
    assert "black-friday" in outcome.stdout
    assert "MOE_PERSONALIZATION_MESSAGE_CLICKED" in outcome.stdout


def test_printed_python_does_the_same(invoke: Invoke, emulator: Emulator) -> None:
    """Copied as it is printed, it makes the same calls."""
    stdout = invoke("demo").stdout
    code = "\n".join(line[4:] for line in stdout.splitlines() if line.startswith("    "))
    (printed_url,) = {word for word in code.split("'") if word.startswith("http://")}
    printed: dict[str, Any] = {}
    exec(code.replace(printed_url, emulator.base_url), printed)
    printed["client"].close()
    assert [request.operation for request in emulator.requests] == OPERATIONS
    assert [request.status for request in emulator.requests] == [200] * 4
    assert emulator.events[1].attributes["b_id"] == "Add to Cart"


@pytest.mark.parametrize("kept", ["events", "requests"])
def test_demo_fails_where_the_emulator_received_less(
    invoke: Invoke, monkeypatch: pytest.MonkeyPatch, kept: str
) -> None:
    """Receipts alone are no proof."""
    nothing: list[object] = []
    monkeypatch.setattr(Emulator, kept, property(lambda _: nothing))
    outcome = invoke("demo")
    assert outcome.code == 1
    assert "did not receive all" in outcome.stderr


def test_script_installs_and_then_runs_the_demo(tmp_path: Path) -> None:
    """From any folder, with its arguments, and with the demo's exit code."""
    scripts, binaries = tmp_path / "a b" / "scripts", tmp_path / "a b" / ".venv" / "bin"
    scripts.mkdir(parents=True)
    shutil.copy(Path(__file__).parents[2] / "scripts" / "demo", scripts)
    stand_in = (
        f"#!/bin/sh\nmkdir -p '{binaries}'\n"
        f"printf '#!/bin/sh\\necho \"ran $*\"\\nexit 5\\n' > '{binaries}/moengage-personalize'\n"
        f"chmod +x '{binaries}/moengage-personalize'\n"
    )
    (scripts / "bootstrap").write_text(stand_in)
    (scripts / "bootstrap").chmod(0o755)
    done = subprocess.run(
        [scripts / "demo", "--help"],
        cwd=os.sep,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert (done.stdout, done.stderr, done.returncode) == ("ran demo --help\n", "", 5)
