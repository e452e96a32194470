"""Schemathesis: whatever is asked, the answer is one that the document describes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

REQUESTS = Path(__file__).with_name("any_request.py")


@pytest.mark.parametrize(
    "name",
    [
        "test_right_requests_are_carried_out",
        "test_any_request_is_answered_within_the_document",
        "test_any_stranger_is_answered_within_the_document",
    ],
)
def test_answers_are_documented(name: str) -> None:
    """For hundreds of requests to each operation: right, wrong, and without credentials."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "schemathesis", f"{REQUESTS}::{name}"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 passed" in done.stdout
