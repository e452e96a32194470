"""Every snippet of the README and of docs/ runs as it is printed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from moengage_personalize.emulator import Emulator
from support import ROOT, blocks

PAGES = ("README.md", *(str(page.relative_to(ROOT)) for page in sorted(ROOT.glob("docs/**/*.md"))))
FIRST_READ = "README.md"
"""What scripts/test runs; scripts/test --all runs the rest."""
# These need more than a process of their own.
RUN_ELSEWHERE = {
    "docs/languages": "scripts/languages runs the samples of every language",
    "docs/running.md": "tests/reporter/test_servers.py runs it under its server",
    "docs/testing-your-pages.md": "tests/plugin/test_testing_page.py runs it in one run of pytest",
}
NOT_RUN = {"RedisSpool(": "needs a Redis server; tests/reporter/spool starts one where it can"}
COMMAND_PAGES = (
    *("README.md", "docs/getting-started.md", "docs/client.md", "docs/pages.md"),
    *("docs/proxies.md", "docs/typed-experiences.md"),
)


def snippets(*, of_pytest: bool) -> list[Any]:
    """The snippets of Python, each once; those that are not run here say why."""
    found: dict[str, Any] = {}
    for page in PAGES:
        reasons = [reason for name, reason in RUN_ELSEWHERE.items() if page.startswith(name)]
        for number, block in enumerate(blocks("python", page), 1):
            why = reasons + [reason for mark, reason in NOT_RUN.items() if mark in block]
            marks = [pytest.mark.skip(reason=f"{page}: {why[0]}")] if why else []
            marks += [] if page == FIRST_READ else [pytest.mark.workshop]
            if ("def test_" in block) == of_pytest:
                found.setdefault(block, pytest.param(block, id=f"{page} {number}", marks=marks))
    return list(found.values())


def commands(*pages: str) -> list[str]:
    return [
        line.removeprefix("$ ").partition("  #")[0].strip()
        for block in blocks("console", *pages)
        for line in block.splitlines()
    ]


# These are run by .ci/run itself, or would install, serve for ever, write to the checkout, or run
# this test again.
ELSEWHERE = {
    "pip install './moengage_personalize-1.0.0-py3-none-any.whl[emulator,cli]'",
    "PIP_INDEX_URL=\"$YOUR_INDEX\" pip install 'moengage-personalize[emulator,cli]'",
    "PIP_INDEX_URL=\"$YOUR_INDEX\" pip install 'moengage-personalize[cli,types]'",
    "pip install '.[emulator,cli]'",
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


NO_SERVER = "http://127.0.0.1:9/"
# On a busy machine, half a second may be over before the connection is refused.
OUTAGE = "fetches from MoEngage fail; pages show defaults: (connection failed: |no response ).*\n"
EXPECTED_OUTPUT = {
    "len(api.events)": "2 events arrived",
    "nothing listens": "Welcome from default\nConnectionFailedError",
    'client.metadata("active")': "status: 'active' is not accepted; case matters",
    "experiences.items()": "homepage-banner {",
    "banner.Title.upper()": "FRESH ARRIVALS, PICKED FOR YOU 16 network",
    "print(reporter.stats.delivered": "1 delivered, 0 pending",
    "event.action for event": "source: network\nvalues: {",
    "print(banner.reason)": "Welcome from default\nConnectionFailedError: connection failed",
    "trusted_proxies=1": "203.0.113.7",
    "banner.Discount + 5": "20\n",
}


@pytest.mark.parametrize("snippet", snippets(of_pytest=False))
def test_a_python_snippet_runs_as_printed(
    snippet: str, environment: dict[str, str], tmp_path: Path
) -> None:
    """In a process of its own, with the variables that the README says."""
    (tmp_path / "snippet.py").write_text(snippet)
    done = run([sys.executable, "-W", "error", "snippet.py"], environment, tmp_path)
    assert done.returncode == 0, done.stderr
    log = OUTAGE if NO_SERVER in snippet else ""
    assert re.fullmatch(log, done.stderr)
    printed = done.stdout.replace("RequestTimeoutError", "ConnectionFailedError")
    for mark, output in EXPECTED_OUTPUT.items():
        if mark in snippet:
            assert output in printed


def test_each_expected_output_belongs_to_a_snippet() -> None:
    """Else the check above would check nothing."""
    for mark in EXPECTED_OUTPUT:
        assert sum(mark in snippet.values[0] for snippet in snippets(of_pytest=False)) == 1, mark


def test_each_reason_not_to_run_belongs_to_a_snippet() -> None:
    """One that is no longer needed would hide the next."""
    for page in RUN_ELSEWHERE:
        assert any(name.startswith(page) for name in PAGES)
    for mark in NOT_RUN:
        assert any(mark in block for block in blocks("python", *PAGES))


@pytest.mark.parametrize("snippet", snippets(of_pytest=True))
def test_a_pytest_snippet_passes_as_printed(
    snippet: str, environment: dict[str, str], tmp_path: Path
) -> None:
    """With the fixtures that installing the package brings."""
    (tmp_path / "test_snippet.py").write_text(snippet)
    # It loads in every run of pytest where it is installed, for a second.
    command = [sys.executable, "-m", "pytest", "-q", "-W", "error", "-p", "no:schemathesis"]
    done = run(command, environment, tmp_path)
    assert done.returncode == 0, done.stdout
    assert "1 passed" in done.stdout


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(page, marks=[] if page == FIRST_READ else [pytest.mark.workshop])
        for page in COMMAND_PAGES
    ],
)
def test_the_commands_run_as_printed(
    page: str, environment: dict[str, str], tmp_path: Path
) -> None:
    """One after the other, in one folder, as a reader would."""
    for command in commands(page):
        if command not in ELSEWHERE:
            done = run(["bash", "-o", "pipefail", "-c", command], environment, tmp_path)
            assert done.returncode == 0, (command, done.stdout, done.stderr)
    kept = tmp_path / "moengage-personalize.yaml"
    original = (ROOT / "openapi" / "moengage-personalize.yaml").read_text()
    assert not kept.exists() or kept.read_text() == original


def test_what_is_not_run_here_is_still_in_the_readme() -> None:
    """An entry that the README has no more is a leftover."""
    assert set(commands(*COMMAND_PAGES)) >= ELSEWHERE


@pytest.mark.parametrize("name", ["demo", "test", "bootstrap"])
def test_a_script_of_the_readme_exists_and_can_be_run(name: str) -> None:
    """The run bit is lost easily."""
    assert os.access(ROOT / "scripts" / name, os.X_OK)
