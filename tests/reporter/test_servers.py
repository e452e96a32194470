"""Under the servers that applications run in, everything arrives."""

from __future__ import annotations

import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from moengage_personalize.emulator import Emulator
from reporter.servers import environment, free_port, servers
from support import CONTEXT

pytestmark = pytest.mark.workshop

APPLICATION = f"""
import os
from moengage_personalize import EventReporter, PersonalizeClient

reporter = EventReporter(
    PersonalizeClient.from_env(), spool=os.environ["SPOOL"] or None, flush_interval=0.2
)

def application(environ, start_response):
    reporter.shown({CONTEXT!r}, visitor=environ["QUERY_STRING"])
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"ok"]
"""


@contextmanager
def serving(
    command: list[str], port: int, variables: dict[str, str]
) -> Generator[subprocess.Popen[bytes]]:
    """A server that listens, until the block is over."""
    with subprocess.Popen(command, env=variables, stdout=subprocess.DEVNULL) as process:
        try:
            deadline = time.monotonic() + 30
            while process.poll() is None and time.monotonic() < deadline:
                try:
                    visit(port, "first")
                    break
                except urllib.error.URLError:
                    time.sleep(0.05)
            yield process
        finally:
            process.kill()


def visit(port: int, customer: str) -> None:
    url = f"http://127.0.0.1:{port}/?{customer}"
    with urllib.request.urlopen(url, timeout=10) as response:
        response.read()


@pytest.mark.parametrize("spool", ["", "events.db"], ids=["memory", "file"])
def test_workers_that_uwsgi_forks_deliver(emulator: Emulator, tmp_path: Path, spool: str) -> None:
    """The application is imported before the fork, of which Python is not told."""
    (tmp_path / "shop.py").write_text(APPLICATION)
    port = free_port()
    command = [str(servers() / "bin" / "uwsgi"), "--http-socket", f"127.0.0.1:{port}", "--master"]
    command += ["--workers", "2", "--enable-threads", "--module", "shop", "--die-on-term"]
    variables = environment(emulator, tmp_path, SPOOL=spool and str(tmp_path / spool))
    with serving(command, port, variables) as process:
        for number in range(50):
            visit(port, f"user-{number}")
        emulator.wait_for_events(51, timeout=10)
        for number in range(5):
            visit(port, f"last-{number}")
        process.terminate()
        process.wait(20)
    expected = {f"user-{number}" for number in range(50)} | {f"last-{n}" for n in range(5)}
    assert {event.customer_id for event in emulator.events} >= expected
