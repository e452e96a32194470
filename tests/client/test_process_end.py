"""How a process ends that has called the API: with its own exit status, whatever is under way."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from moengage_personalize.emulator import Emulator
from support import Handler, ScriptedServer

ONE_CALL = """
import asyncio, sys
from moengage_personalize import AsyncPersonalizeClient

async def main():
    async with AsyncPersonalizeClient.from_env(transport=sys.argv[1]) as client:
        await client.fetch("homepage-banner", visitor="u")

asyncio.run(main())
"""
# The thread that wakes the loop lingers there, and the interpreter lingers in its last steps.
LINGERING = """
import asyncio, threading, time

class Late:
    def __del__(self, sleep=time.sleep):
        sleep(0.3)

late = Late()
wake = asyncio.BaseEventLoop.call_soon_threadsafe

def call_soon_threadsafe(*args, **options):
    try:
        return wake(*args, **options)
    finally:
        if threading.current_thread() is not threading.main_thread():
            time.sleep(0.1)

asyncio.BaseEventLoop.call_soon_threadsafe = call_soon_threadsafe
"""


def ended(emulator: Emulator, script: str, transport: str) -> tuple[int, str]:
    environment = os.environ | {
        "MOENGAGE_WORKSPACE_ID": emulator.workspace_id,
        "MOENGAGE_PERSONALIZE_API_KEY": emulator.api_key,
        "MOENGAGE_BASE_URL": emulator.base_url,
    }
    done = subprocess.run(
        [sys.executable, "-c", script, transport],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stderr


def test_a_thread_that_wakes_the_loop_does_not_outlive_the_interpreter(
    emulator: Emulator, transport: str
) -> None:
    """It would abort the process: "PyGILState_Release … finalizing"."""
    assert [ended(emulator, LINGERING + ONE_CALL, transport) for _ in range(2)] == [(0, "")] * 2


@pytest.mark.workshop
def test_short_scripts_end_well_on_a_busy_machine(emulator: Emulator, transport: str) -> None:
    """As above, without widening the window: 7 of 150 aborted when nothing waited for them."""
    with ThreadPoolExecutor(12) as threads:
        runs = [threads.submit(ended, emulator, ONE_CALL, transport) for _ in range(60)]
    assert [run.result() for run in runs] == [(0, "")] * 60


IN_THE_LAST_STEPS = """
import sys
from moengage_personalize import EventReporter, PersonalizeClient

class Late:
    def __init__(self):
        self.client = PersonalizeClient.from_env(transport=sys.argv[1])
        self.reporter = EventReporter(self.client)
        self.client.experience("homepage-banner", "u", {"Title": "x"})
        self.reporter.flush(1)

    def __del__(self):
        print(self.client.experience("homepage-banner", "u", {"Title": "x"}, timeout=2)["Title"])
        self.reporter.flush(1)
        print("over", flush=True)

late = Late()
"""


def test_an_object_that_dies_with_the_interpreter_may_call(
    emulator: Emulator, transport: str
) -> None:
    """No thread starts there: Python 3.11 waits for it for ever. pyreqwest crashes on 3.13."""
    script = (
        f"import faulthandler; faulthandler.dump_traceback_later(30, exit=True){IN_THE_LAST_STEPS}"
    )
    assert ended(emulator, script, transport)[0] == 0


INTERRUPTED = """
import os, signal, sys, threading, time
from moengage_personalize import PersonalizeClient

signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell in the background ignores it
client = PersonalizeClient("W", "K", base_url=sys.argv[2], transport=sys.argv[1])
threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
began = time.monotonic()
try:
    client.fetch("a", timeout=float(sys.argv[3]))
except KeyboardInterrupt:
    print(time.monotonic() - began)
"""


def test_ctrl_c_ends_a_call_at_once_or_in_rust_at_its_deadline(
    serve: Callable[[Handler], ScriptedServer], transport: str
) -> None:
    """A wait in Rust sees no signals until it is over; there is no further attempt."""

    def handle(connection: socket.socket, server: ScriptedServer) -> None:
        server.read_request(connection)
        server.stopped.wait()

    server = serve(handle)
    timeout = {"httpx": 30, "pyreqwest": 1}[transport]
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED, transport, server.base_url, str(timeout)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert float(done.stdout) < 10
