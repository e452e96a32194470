"""What is built once, however many processes and threads ask for it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from generator.document import ROOT
from provisioning.once import made_once
from support import Start

pytestmark = pytest.mark.workshop

PROGRAM = """
import sys, time
from pathlib import Path
from provisioning.once import made_once

place = Path(sys.argv[1])

def make(folder):
    with (place.parent / "makers").open("a") as makers:
        makers.write("one ")
    time.sleep(0.5)
    (folder / "content").write_text("whole")

print((made_once(place, make) / "content").read_text())
"""


def test_processes_that_ask_at_once_make_it_once(tmp_path: Path, start: Start) -> None:
    """One makes it, and all others get what it made."""
    asking = [
        start(
            [sys.executable, "-c", PROGRAM, str(tmp_path / "cache" / "place")],
            cwd=ROOT / "scripts" / "tools",
        )
        for _ in range(3)
    ]
    assert [process.communicate(timeout=60)[0] for process in asking] == ["whole\n"] * 3
    assert (tmp_path / "cache" / "makers").read_text() == "one "


def test_a_failure_leaves_nothing_and_the_next_caller_tries_again(tmp_path: Path) -> None:
    """A half-made folder is never taken for a whole one."""

    def fail(folder: Path) -> None:
        (folder / "half").touch()
        raise OSError

    with pytest.raises(OSError, match=r"^$"):
        made_once(tmp_path / "place", fail)
    assert not (tmp_path / "place").exists()
    made_once(tmp_path / "place", lambda folder: (folder / "whole").touch())
    assert [path.name for path in (tmp_path / "place").iterdir()] == ["whole"]


def test_what_is_there_is_not_made_again(tmp_path: Path) -> None:
    """So that a program that was built before needs no tools and no network."""
    (tmp_path / "place").mkdir()
    made_once(tmp_path / "place", lambda _: pytest.fail("it was made again"))
