"""Every snippet of the README and of the pages about the client runs as it is printed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from moengage_personalize.emulator import Emulator

ROOT = Path(__file__).parents[2]
PAGES = ("README.md", "docs/client.md", "docs/pages.md", "docs/typed-experiences.md")
TEXT = "\n".join((ROOT / page).read_text() for page in PAGES)


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", TEXT, flags=re.MULTILINE | re.DOTALL)


COMMANDS = [
    line.removeprefix("$ ").partition("  #")[0].strip()
    for block in blocks("console")
    for line in block.splitlines()
]
# These are run by .ci/run itself, or would install, serve for ever, write to the checkout, or run
# this test again.
ELSEWHERE = {
    "pip install .",
    "pip install moengage_personalize-1.0.0-py3-none-any.whl",
    "pip install --index-url $YOUR_INDEX moengage-personalize",
    "pip install 'moengage-personalize[cli,types]'",
    "scripts/demo",
    "scripts/test",
    "moengage-personalize emulate --port 8080",
}


@pytest.fixture
def environment(emulator: Emulator) -> dict[str, str]:
    """What a reader exported, with the programs of this environment first."""
    return {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "MOENGAGE_WORKSPACE_ID": emulator.workspace_id,
        "MOENGAGE_PERSONALIZE_API_KEY": emulator.api_key,
        "MOENGAGE_BASE_URL": emulator.base_url,
    }


def run(
    command: list[str], environment: dict[str, str], folder: Path
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


OUTAGE = "fetches fail; pages show defaults: connection failed: .*\n"
EXPECTED_OUTPUT = {
    "len(api.events)": "2 events arrived",
    "nothing listens": "Welcome from default\nConnectionFailedError",
    'client.metadata("active")': "status: 'active' is not accepted; case matters",
    "experiences.items()": "homepage-banner {",
    "banner.Title.upper()": "FRESH ARRIVALS, PICKED FOR YOU 16 network",
    "EventReporter(client": "1 delivered, 0 pending",
}


@pytest.mark.parametrize(
    "snippet", [block for block in blocks("python") if "def test_" not in block]
)
def test_a_python_snippet_runs_as_printed(
    snippet: str, environment: dict[str, str], tmp_path: Path
) -> None:
    """In a process of its own, with the variables that the README says."""
    (tmp_path / "snippet.py").write_text(snippet)
    done = run([sys.executable, "-W", "error", "snippet.py"], environment, tmp_path)
    assert done.returncode == 0, done.stderr
    log = OUTAGE if "nothing listens" in snippet else ""
    assert re.fullmatch(log, done.stderr)
    for mark, output in EXPECTED_OUTPUT.items():
        if mark in snippet:
            assert output in done.stdout


def test_each_expected_output_belongs_to_a_snippet() -> None:
    """Else the check above would check nothing."""
    for mark in EXPECTED_OUTPUT:
        assert sum(mark in block for block in blocks("python")) == 1


@pytest.mark.parametrize("snippet", [block for block in blocks("python") if "def test_" in block])
def test_a_pytest_snippet_passes_as_printed(
    snippet: str, environment: dict[str, str], tmp_path: Path
) -> None:
    """With the fixtures that installing the package brings."""
    (tmp_path / "test_snippet.py").write_text(snippet)
    done = run([sys.executable, "-m", "pytest", "-q", "-W", "error"], environment, tmp_path)
    assert done.returncode == 0, done.stdout
    assert "1 passed" in done.stdout


def test_the_commands_run_as_printed(environment: dict[str, str], tmp_path: Path) -> None:
    """One after the other, in one folder, as a reader would."""
    for command in COMMANDS:
        if command not in ELSEWHERE:
            done = run(["bash", "-o", "pipefail", "-c", command], environment, tmp_path)
            assert done.returncode == 0, (command, done.stdout, done.stderr)
    kept = tmp_path / "moengage-personalize.yaml"
    assert kept.read_text() == (ROOT / "openapi" / "moengage-personalize.yaml").read_text()


def test_what_is_not_run_here_is_still_in_the_readme() -> None:
    """An entry that the README has no more is a leftover."""
    assert set(COMMANDS) >= ELSEWHERE


@pytest.mark.parametrize("name", ["demo", "test", "bootstrap"])
def test_a_script_of_the_readme_exists_and_can_be_run(name: str) -> None:
    """The run bit is lost easily."""
    assert os.access(ROOT / "scripts" / name, os.X_OK)
