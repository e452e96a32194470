import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from moengage_personalize.emulator import ExperienceFileError, serve
from support import Start, Stopwatch

PROGRAM = """
from moengage_personalize.emulator import serve

serve(
    port=0,
    history=2,
    on_ready=lambda url: print(url, flush=True),
    on_request=lambda request: print(request, flush=True),
)
print("returned")
"""


@pytest.fixture
def program(start: Start) -> subprocess.Popen[str]:
    """A process that serves in its foreground."""
    return start([sys.executable, "-W", "error", "-c", PROGRAM])


def base_url(program: subprocess.Popen[str]) -> str:
    """Wait until the process is ready."""
    assert program.stdout is not None
    return program.stdout.readline().strip()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_ends_it_in_good_order(program: subprocess.Popen[str], number: int) -> None:
    """On either signal it stops though a request hangs, returns, and has written no error."""
    url = base_url(program)
    control = url.removesuffix("/v1") + "/_emulator"
    httpx.post(f"{control}/faults", json={"fault": "hang"}).raise_for_status()
    with pytest.raises(httpx.ReadTimeout):
        httpx.get(f"{url}/experiences/metadata", timeout=0.1)
    with Stopwatch() as stopwatch:
        program.send_signal(number)
        output, errors = program.communicate(timeout=5)
    assert stopwatch.own_seconds < 3
    assert (program.returncode, errors) == (0, "")
    assert output.endswith("returned\n")


def test_requests_are_told_and_the_oldest_forgotten(program: subprocess.Popen[str]) -> None:
    """Each request is told once it is answered; only the last ones are kept."""
    url = base_url(program)
    assert program.stdout is not None
    for _ in range(3):
        assert httpx.get(f"{url}/experiences/metadata").status_code == 401
        assert "status=401" in program.stdout.readline()
    control = url.removesuffix("/v1") + "/_emulator"
    assert httpx.get(f"{control}/health").json()["requests"] == 2


def test_broken_file_is_refused_before_listening(tmp_path: Path) -> None:
    """A file that cannot be used is told instead of served."""
    with pytest.raises(ExperienceFileError):
        serve(experiences=tmp_path / "missing.yaml")
