"""The samples of docs/running.md, under the servers that they are for: everything arrives."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from generator.document import ROOT
from moengage_personalize.emulator import Emulator
from reporter.servers import environment, free_port, servers
from support import CONTEXT, Start

pytestmark = pytest.mark.workshop

SAMPLES = {
    name: text
    for text, name in re.findall(
        r"```python\n(# (\w+\.py)\n.*?)```", (ROOT / "docs" / "running.md").read_text(), re.DOTALL
    )
}
VISITS = 40
PYTHON = [sys.executable, "-m"]
GUNICORN = [*PYTHON, "gunicorn", "--bind", "127.0.0.1:{port}", "--workers", "2"]
UWSGI = [
    *("{servers}/bin/uwsgi", "--http-socket", "127.0.0.1:{port}", "--master", "--workers", "2"),
    *("--enable-threads", "--die-on-term"),
]
UVICORN = [*PYTHON, "uvicorn", "--port", "{port}", "--log-level", "warning"]


def write(folder: Path, name: str, *, spool: str | None = "moengage.db") -> None:
    """A sample as it is printed, or with events in memory."""
    assert name in SAMPLES
    text = SAMPLES[name].replace('spool="moengage.db"', f"spool={spool!r}")
    (folder / name).write_text(text)


def visit(port: int) -> None:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10) as response:
        response.read()


def wait_until_it_listens(port: int, server: subprocess.Popen[str]) -> None:
    """With a first visit, which is an event too."""
    deadline = time.monotonic() + 60
    while True:
        try:
            visit(port)
        except urllib.error.URLError:
            assert server.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.1)
        else:
            return


@pytest.mark.parametrize(
    ("sample", "spool", "command"),
    [
        pytest.param("shop.py", None, [*GUNICORN, "shop"], id="gunicorn, memory"),
        pytest.param("shop.py", "s.db", [*GUNICORN, "--preload", "shop"], id="gunicorn --preload"),
        pytest.param("shop.py", "s.db", [*GUNICORN, "-k", "gthread", "shop"], id="gthread"),
        pytest.param("shop.py", "s.db", [*GUNICORN, "-k", "gevent", "shop"], id="gevent"),
        pytest.param("shop.py", None, [*UWSGI, "--module", "shop"], id="uWSGI, memory"),
        pytest.param("shop.py", "s.db", [*UWSGI, "--module", "shop"], id="uWSGI"),
        pytest.param("pages.py", None, [*UVICORN, "pages:app"], id="uvicorn, memory"),
        pytest.param("pages.py", "s.db", [*UVICORN, "--workers", "2", "pages:app"], id="uvicorn"),
    ],
)
def test_a_server_that_is_told_to_end_has_delivered_everything(  # noqa: PLR0913, PLR0917  (fixtures)
    emulator: Emulator,
    start: Start,
    tmp_path: Path,
    sample: str,
    spool: str | None,
    command: list[str],
) -> None:
    """Each visit is an event; the last ones are accepted just before SIGTERM."""
    write(tmp_path, sample, spool=spool)
    port = free_port()
    filled = [word.format(port=port, servers=servers()) for word in command]
    server = start(filled, cwd=tmp_path, env=environment(emulator, tmp_path))
    wait_until_it_listens(port, server)
    for _ in range(VISITS):
        visit(port)
    server.terminate()
    server.communicate(timeout=60)
    assert len({event.uuid for event in emulator.events}) == VISITS + 1


def test_a_celery_worker_that_is_told_to_end_has_delivered_everything(
    emulator: Emulator, start: Start, tmp_path: Path
) -> None:
    """In memory: its processes end without Python's exit handlers."""
    write(tmp_path, "tasks.py", spool=None)
    for folder in ("queue", "processed"):
        (tmp_path / folder).mkdir()
    (tmp_path / "celeryconfig.py").write_text(
        'broker_url = "filesystem://"\nbroker_transport_options = {"data_folder_in": "queue", '
        '"data_folder_out": "queue", "processed_folder": "processed"}\n'
    )
    variables = environment(emulator, tmp_path)
    send = f"from tasks import report\nfor n in range(20): report.delay({CONTEXT!r}, f'user_{{n}}')"
    subprocess.run([sys.executable, "-c", send], cwd=tmp_path, env=variables, check=True)
    command = [*PYTHON, "celery", "--app", "tasks", "worker", "--concurrency", "2"]
    worker = start(command, cwd=tmp_path, env=variables, stderr=subprocess.STDOUT)
    deadline = time.monotonic() + 60
    while any((tmp_path / "queue").iterdir()):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    worker.terminate()
    worker.communicate(timeout=60)
    assert {event.customer_id for event in emulator.events} == {f"user_{n}" for n in range(20)}


@pytest.mark.parametrize("spool", [None, "s.db"], ids=["memory", "file"])
def test_children_of_multiprocessing_deliver(
    emulator: Emulator, tmp_path: Path, spool: str | None
) -> None:
    """They end by `os._exit`."""
    write(tmp_path, "jobs.py", spool=spool)
    variables = environment(emulator, tmp_path)
    subprocess.run([sys.executable, "jobs.py"], cwd=tmp_path, env=variables, check=True)
    assert {event.customer_id for event in emulator.events} == {f"user_{n}" for n in range(3)}


def test_a_function_delivers_before_it_returns(emulator: Emulator, tmp_path: Path) -> None:
    """As the platform freezes it then: nothing is run at the end."""
    write(tmp_path, "function.py")
    program = (
        "import os, function\n"
        "print(function.handler({'customer': 'user_8821'}, None), flush=True)\n"
        "os._exit(0)"
    )
    variables = environment(emulator, tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env=variables,
        check=True,
        capture_output=True,
    )
    assert b"title" in done.stdout
    assert [event.customer_id for event in emulator.events] == ["user_8821"]


def test_a_nightly_job_that_is_run_twice_counts_once(emulator: Emulator, tmp_path: Path) -> None:
    """Its UUIDs follow from the day and the customer, so the second run adds nothing."""
    write(tmp_path, "nightly.py")
    for _ in range(2):
        subprocess.run(
            [sys.executable, "nightly.py"],
            cwd=tmp_path,
            env=environment(emulator, tmp_path),
            timeout=120,
            check=True,
        )
    assert len({event.customer_id for event in emulator.events}) == len(emulator.events) == 200
    assert {event.deliveries for event in emulator.events} == {2}


def test_every_sample_is_run() -> None:
    """Those of this module, and the script's, whose handler has tests of its own."""
    run = {"shop.py", "pages.py", "tasks.py", "jobs.py", "function.py", "script.py", "nightly.py"}
    assert set(SAMPLES) == run
    assert json.dumps(CONTEXT["cid"]) in SAMPLES["jobs.py"]
