"""Under a clock that a test has frozen, the emulator answers and stops, and deadlines pass."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import pytest
import time_machine
from freezegun import freeze_time

from moengage_personalize import EventReporter, PersonalizeClient, RequestTimeoutError
from moengage_personalize.emulator import Emulator, Fault
from support import CONTEXT, Driver

MONDAY = "2026-01-05 09:00"
Freeze = Callable[[], AbstractContextManager[Any]]

frozen = pytest.mark.parametrize(
    "freeze",
    [
        pytest.param(
            lambda: freeze_time(MONDAY, real_asyncio=True, ignore=["trio"]), id="freezegun"
        ),
        pytest.param(lambda: time_machine.travel(MONDAY, tick=False), id="time-machine"),
    ],
)


@frozen
def test_an_emulator_starts_and_stops(freeze: Freeze) -> None:
    """Its timers are its own, whichever of the two steps sees the frozen clock."""
    running = Emulator()
    running.start()
    with freeze():
        running.stop()
        with Emulator() as emulator:
            emulator.fail(None, Fault.latency(0.01))
            with PersonalizeClient(
                emulator.workspace_id, emulator.api_key, base_url=emulator.base_url
            ) as client:
                assert client.metadata()


@frozen
@pytest.mark.parametrize("fault", [Fault.hang(), Fault.trickle(0.05)], ids=["hang", "trickle"])
def test_a_deadline_passes(emulator: Emulator, call: Driver, freeze: Freeze, fault: Fault) -> None:
    """Though the clock that a test froze never reaches it."""
    emulator.fail(None, fault)
    with freeze(), pytest.raises(RequestTimeoutError):
        call(emulator.base_url, "metadata", timeout=0.3)


@frozen
def test_a_reporter_delivers_before_in_and_after_a_frozen_clock(
    emulator: Emulator, client: PersonalizeClient, freeze: Freeze
) -> None:
    """It sleeps and wakes by the real one."""
    with EventReporter(client, flush_interval=0.05) as reporter:
        for number in range(3):
            with freeze() if number == 1 else nullcontext():
                reporter.shown(CONTEXT, visitor=f"user-{number}")
                emulator.wait_for_events(number + 1, timeout=20)


def test_a_package_first_imported_under_a_frozen_clock_has_the_real_one() -> None:
    """As by a fixture that freezes the clock before another one imports the application."""
    program = f"""if True:
        from freezegun import freeze_time
        with freeze_time("{MONDAY}"):
            from moengage_personalize.clock import monotonic
            first = monotonic()
            while monotonic() == first:
                pass
    """
    subprocess.run([sys.executable, "-c", program], timeout=60, check=True)
