"""The sample of fault runs finds what it is there to find: a reporter that loses events."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.workshop


@pytest.mark.parametrize(
    ("module", "code", "mutated"),
    [
        pytest.param(
            "reporter.py",
            "self._spool.put(event)",
            "event.uuid.int % 7 == 0 or self._spool.put(event)",
            id="an event in seven is not stored",
        ),
        pytest.param(
            "dispatcher.py",
            "return error",
            "return None",
            id="failed deliveries are noted as delivered",
        ),
    ],
)
def test_the_sample_catches_a_reporter_that_loses_events(
    tmp_path: Path, module: str, code: str, mutated: str
) -> None:
    """On files and in Redis, and it names a seed."""
    overrides = tmp_path / "overrides"
    shutil.copytree(ROOT / "overrides", overrides, ignore=shutil.ignore_patterns("__pycache__"))
    path = overrides / "moengage_personalize" / "reporter" / module
    text = path.read_text(encoding="utf-8")
    assert text.count(code) == 1
    path.write_text(text.replace(code, mutated), encoding="utf-8")
    own = ("COV", "FAULT_", "PYTEST_")  # this run's, not the sample's
    environment = {name: value for name, value in os.environ.items() if not name.startswith(own)}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, "-m", "not workshop", ROOT / "tests" / "faults"],
        cwd=ROOT,
        env={**environment, "PYTHONPATH": str(overrides)},
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1, done.stdout[-4000:] + done.stderr[-2000:]
    for kind in ("nothing", "nothing_in_redis"):
        assert re.search(rf"FAILED .*test_random_faults_lose_and_double_{kind}\[", done.stdout)
    assert re.search(r"seed \d+: \d+ of \d+ events are nowhere", done.stdout)
