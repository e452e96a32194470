"""A driver that fails, whatever way, is told from one that gives an outcome."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from conformance.driving import Driver, DriverError

ECHO = """
import json, sys
for line in sys.stdin:
    asked = json.loads(line)
    {step}
    print(json.dumps({{"read": asked}}), flush=True)
"""


@contextmanager
def driver(tmp_path: Path, step: str = "", seconds: float = 20.0) -> Generator[Driver]:
    (tmp_path / "driver.py").write_text(ECHO.format(step=step))
    command = [sys.executable, "driver.py"]
    with Driver(command, tmp_path, dict(os.environ), seconds) as made:
        yield made


def test_a_call_goes_in_and_its_outcome_comes_out(tmp_path: Path) -> None:
    """One process takes them all, each on a line, in any script."""
    with driver(tmp_path, "asked['process'] = __import__('os').getpid()") as one:
        first = one.ask("fetch", {"body": {"name": "Zoë\n日本"}})["read"]
        second = one.ask("list", {})["read"]
    assert first == {
        "operation": "fetch",
        "arguments": {"body": {"name": "Zoë\n日本"}},
        "process": second["process"],
    }


def test_a_driver_that_ends_is_told_with_its_last_words_and_started_again(tmp_path: Path) -> None:
    """One case that kills a driver leaves the next one alone."""
    step = "asked['operation'] == 'bad' and sys.exit('no such thing')"
    with driver(tmp_path, step) as one:
        with pytest.raises(DriverError, match=r"the driver ended: no such thing$"):
            one.ask("bad", {})
        assert one.ask("good", {})["read"]["operation"] == "good"
        with pytest.raises(DriverError, match=r"the driver ended: no such thing$"):
            one.ask("bad", {})


def test_a_driver_that_hangs_is_told_and_ended(tmp_path: Path) -> None:
    """It is not waited for beyond its time."""
    with (
        driver(tmp_path, "__import__('time').sleep(60)", seconds=0.5) as one,
        pytest.raises(DriverError, match=r"no outcome within 0\.5 s"),
    ):
        one.ask("fetch", {})


@pytest.mark.parametrize("said", ["Hello", "[1]", "{"])
def test_what_is_no_outcome_is_told(tmp_path: Path, said: str) -> None:
    """A driver prints outcomes only."""
    with (
        driver(tmp_path, f"print({said!r}, flush=True)") as one,
        pytest.raises(DriverError, match="which is no JSON object"),
    ):
        one.ask("fetch", {})


def test_a_driver_that_is_not_there_is_told(tmp_path: Path) -> None:
    """Its program may be missing."""
    with (
        Driver(["./none"], tmp_path, dict(os.environ)) as one,
        pytest.raises(DriverError, match="cannot be started"),
    ):
        one.ask("fetch", {})
