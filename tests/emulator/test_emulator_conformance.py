"""Schemathesis: whatever is asked, the answer is one that the document describes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

REQUESTS = Path(__file__).with_name("any_request.py")


def test_answers_are_documented() -> None:
    """For hundreds of requests to each operation: right, wrong, and without credentials."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "schemathesis", REQUESTS],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "9 passed" in done.stdout  # three tests of each operation
