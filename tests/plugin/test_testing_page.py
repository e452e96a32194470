"""What docs/testing-your-pages.md shows runs as it is printed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from support import blocks

SNIPPETS = blocks("python", "docs/testing-your-pages.md")
TESTS = [snippet for snippet in SNIPPETS if "def test_" in snippet]
PROGRAMS = [snippet for snippet in SNIPPETS if "def test_" not in snippet]


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What pytest prints, run once for all of the page's tests."""
    folder = tmp_path_factory.mktemp("project")
    for number, snippet in enumerate(TESTS):
        (folder / f"test_{number}.py").write_text(snippet)
    (page,) = (snippet for snippet in blocks("python", "README.md") if "Flask" in snippet)
    (folder / "shop.py").write_text(page)
    command = [sys.executable, "-m", "pytest", "-v", "-W", "error", "--strict-markers"]
    done = subprocess.run(
        [*command, "-p", "no:schemathesis", "-p", "no:hypothesispytest"],
        cwd=folder,
        env={name: value for name, value in os.environ.items() if "MOENGAGE" not in name},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.stdout + done.stderr


@pytest.mark.parametrize(
    ("number", "name"),
    [
        (number, name)
        for number, snippet in enumerate(TESTS)
        for name in re.findall(r"def (test_\w+)", snippet)
    ],
)
def test_a_test_of_the_page_passes(printed: str, number: int, name: str) -> None:
    """With no credentials in the environment."""
    outcomes = re.findall(rf"^test_{number}\.py::{name}(?:\[.*\])? (\w+)", printed, re.MULTILINE)
    assert set(outcomes) == {"PASSED"}, printed


def test_a_program_of_the_page_runs(tmp_path: Path) -> None:
    """There is one, without pytest."""
    (program,) = PROGRAMS
    (tmp_path / "program.py").write_text(program)
    done = subprocess.run(
        [sys.executable, "-W", "error", "program.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout == "{'Title': 'Hi', 'Discount': 15}\n"
