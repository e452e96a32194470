"""What all tests share: servers on loopback, and one way to call both clients."""

from __future__ import annotations

import contextlib
import inspect
import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from moengage_personalize import PersonalizeClient
from moengage_personalize.emulator import Emulator
from moengage_personalize.transport.backends import select
from support import Driver, Handler, ScriptedServer, Start, http

pytest_plugins = ["pytester"]

# A busy machine is no reason to fail: what is slow, benchmarks tell.
settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("any machine")
MEASURING = {"COVERAGE_PROCESS_CONFIG"}


# The sync client and the one on asyncio send with either library; on trio there is one.
WAYS = [
    *((kind, transport) for kind in ("sync", "asyncio") for transport in ("pyreqwest", "httpx")),
    ("trio", "httpx"),
]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what sends on every transport: with `call`, on both clients and event loops too.

    A test sends that has a server, or takes the transport itself.
    """
    if "call" in metafunc.fixturenames:
        ids = ["-".join(way) for way in WAYS]
        metafunc.parametrize(("call", "transport"), WAYS, ids=ids, indirect=True)
    elif "transport" in metafunc.fixturenames:
        sends = {"serve", "emulator"} & {*metafunc.fixturenames}
        takes = "transport" in inspect.signature(metafunc.function).parameters
        every = ["pyreqwest", "httpx"] if sends or takes else ["pyreqwest"]
        metafunc.parametrize("transport", every, indirect=True)


@pytest.fixture
def transport(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """What clients send with unless told otherwise; child processes take what is installed."""
    monkeypatch.setattr(select, "DEFAULT", request.param)
    name: str = request.param
    return name


@pytest.fixture
def call(request: pytest.FixtureRequest, transport: str) -> Driver:  # noqa: ARG001  (set before)
    """Each test with it runs on the sync client, on asyncio and on trio."""
    return Driver(request.param)


@pytest.fixture(scope="session")
def _running_emulator() -> Iterator[Emulator]:
    with Emulator() as emulator:
        yield emulator


@pytest.fixture
def emulator(_running_emulator: Emulator) -> Emulator:
    """The API on loopback, as new."""
    _running_emulator.reset()
    return _running_emulator


@pytest.fixture
def client(emulator: Emulator) -> Iterator[PersonalizeClient]:
    """A blocking client of the emulator."""
    with PersonalizeClient(
        emulator.workspace_id, emulator.api_key, base_url=emulator.base_url
    ) as client:
        yield client


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate of this machine's own for localhost, valid for 30 days, and its key."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl, which makes the certificate, is not installed")
    folder = tmp_path_factory.mktemp("tls")
    own, key = folder / "certificate.pem", folder / "key.pem"
    subprocess.run(
        [
            openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
            "-nodes", "-keyout", key, "-out", own, "-days", "30", "-subj", "/CN=localhost",
            "-addext", "subjectAltName=DNS:localhost",
        ],
        check=True,
        capture_output=True,
    )  # fmt: skip
    return own, key


@pytest.fixture(scope="session", autouse=True)
def measuring() -> Iterator[dict[str, str]]:
    """The variables that let coverage measure a child process, which doubles what one costs."""
    with pytest.MonkeyPatch.context() as patch:
        variables = {name: os.environ[name] for name in MEASURING & {*os.environ}}
        for name in variables:
            patch.delenv(name)
        yield variables


@pytest.fixture
def measured(measuring: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Measure the child processes of a test: they run lines that no other test runs."""
    for name, value in measuring.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def start() -> Iterator[Start]:
    """Start programs, with pipes; whatever still runs when the test ends is killed."""
    with contextlib.ExitStack() as stack:

        def run(command: Sequence[str | Path], **options: Any) -> subprocess.Popen[str]:
            pipes: dict[str, Any] = {
                "stdout": subprocess.PIPE,
                "stderr": subprocess.PIPE,
                "text": True,
            }
            process: subprocess.Popen[str] = subprocess.Popen(command, **pipes | options)
            stack.enter_context(process)  # closes its pipes, and waits for it
            stack.callback(process.kill)
            return process

        yield run


@pytest.fixture
def serve() -> Iterator[Callable[[Handler], ScriptedServer]]:
    """Start servers that handle each connection with the given function."""
    servers: list[ScriptedServer] = []

    def start(handle: Handler) -> ScriptedServer:
        servers.append(ScriptedServer(handle))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def answering(
    serve: Callable[[Handler], ScriptedServer],
) -> Callable[..., ScriptedServer]:
    """Start a server that gives the given answers in turn, the last one for ever."""

    def start(*answers: bytes | dict[str, Any]) -> ScriptedServer:
        left = list(answers)
        lock = threading.Lock()

        def handle(connection: socket.socket, server: ScriptedServer) -> None:
            while server.read_request(connection):
                with lock:
                    answer = left.pop(0) if len(left) > 1 else left[0]
                connection.sendall(answer if isinstance(answer, bytes) else http(200, answer))

        return serve(handle)

    return start
