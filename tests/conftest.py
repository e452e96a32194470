"""What all tests share: servers on loopback, and one way to call both clients."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from moengage_personalize import PersonalizeClient
from moengage_personalize.emulator import Emulator
from moengage_personalize.wires import choice
from support import Driver, Handler, ScriptedServer, http

pytest_plugins = ["pytester"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--transport httpx` runs the tests as where the extra `fast` is not installed."""
    parser.addoption("--transport", choices=["httpx", "pyreqwest"], default="pyreqwest")


@pytest.fixture(autouse=True, scope="session")
def _transport(request: pytest.FixtureRequest) -> Iterator[None]:
    """What clients send with that are told nothing; child processes take what is installed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(choice, "DEFAULT", request.config.getoption("--transport"))
        yield


@pytest.fixture(params=["sync", "asyncio", "trio"])
def call(request: pytest.FixtureRequest) -> Driver:
    """Each test with it runs on the blocking client, on asyncio and on trio."""
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
