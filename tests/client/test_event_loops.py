"""One async client for one event loop after the other: none leaves anything behind."""

from __future__ import annotations

import asyncio
import gc
import os
import time
from collections.abc import Callable, Coroutine
from typing import Any

import anyio
import pytest

from moengage_personalize import AsyncPersonalizeClient
from moengage_personalize.emulator import Emulator

Ask = Callable[[], Coroutine[Any, Any, object]]
pytestmark = pytest.mark.skipif(
    not os.path.isdir("/proc/self/fd"),  # noqa: PTH112  (a path of the system's)
    reason="descriptors are counted in /proc",
)


def open_descriptors(limit: int = 0) -> int:
    """How many are open; above the limit, once the emulator has closed its ends of them, too."""
    give_up = time.monotonic() + 3 * bool(limit)
    while True:
        count = len(os.listdir("/proc/self/fd"))  # noqa: PTH208  (a path of the system's)
        if count <= limit or time.monotonic() >= give_up:
            return count
        time.sleep(0.01)


@pytest.fixture
def ask(emulator: Emulator, transport: str) -> Ask:  # noqa: ARG001  (set before)
    client = AsyncPersonalizeClient(
        emulator.workspace_id, emulator.api_key, base_url=emulator.base_url
    )
    return client.metadata


@pytest.mark.parametrize("library", ["asyncio", "trio"])
def test_fifty_event_loops_leave_no_descriptor_open(ask: Ask, library: str) -> None:
    """An async view or task each, on one client of the application."""
    anyio.run(ask, backend=library)
    before = open_descriptors()
    for _ in range(50):
        anyio.run(ask, backend=library)
    limit = before + 4
    assert open_descriptors(limit) <= limit, "a connection is closed when its loop ends"


@pytest.mark.filterwarnings("ignore:unclosed")  # the loop is not ended as asyncio.run ends it
def test_a_loop_closed_without_ceremony_keeps_nothing_in_memory(ask: Ask) -> None:
    """Which leaves its generators and connections open, to be collected with it."""

    def run_in_a_loop() -> None:
        loop = asyncio.new_event_loop()
        loop.run_until_complete(ask())
        loop.close()

    run_in_a_loop()
    before = open_descriptors()
    for _ in range(20):
        run_in_a_loop()
    gc.collect()
    limit = before + 4
    assert open_descriptors(limit) <= limit, "those of the last loop"
    anyio.run(ask)  # lets go of the last loop, whose warnings would disturb another test
    gc.collect()
