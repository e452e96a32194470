"""`scripts/versions`: which Pythons it finds, and what it says of those that it does not test."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.workshop

COMMAND = Path(__file__).parents[2] / "scripts" / "versions"
OWN = f"{sys.version_info.major}.{sys.version_info.minor}"


def versions(*wanted: str, path: Path | None = None) -> str:
    """What it prints about these versions."""
    environment = dict(os.environ)
    if path is not None:
        environment["PATH"] = f"{path}{os.pathsep}{environment['PATH']}"
    return subprocess.run(
        [COMMAND, *wanted], env=environment, capture_output=True, text=True, timeout=60, check=True
    ).stdout


def test_a_missing_version_is_named() -> None:
    """Nobody takes it for tested."""
    assert "3.99     not found on this machine: NOT TESTED" in versions("3.99")


def test_a_command_that_does_not_run_is_no_python(tmp_path: Path) -> None:
    """As a shim of pyenv whose version is not chosen."""
    shim = tmp_path / "python3.99"
    shim.write_text("#!/bin/sh\nexit 127\n")
    shim.chmod(0o755)
    assert "3.99     not found" in versions("3.99", path=tmp_path)


def test_a_python_of_another_version_is_not_taken_for_it(tmp_path: Path) -> None:
    """Whatever its name says."""
    (tmp_path / "python3.99").symlink_to(sys.executable)
    assert "3.99     not found" in versions("3.99", path=tmp_path)


def test_the_python_of_the_environment_is_not_tested_twice() -> None:
    """It is left to scripts/test."""
    assert f"{OWN}     is the Python of .venv: scripts/test tests it" in versions(OWN)
