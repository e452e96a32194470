"""Serves the emulator on a port until it is stopped."""

import asyncio
import os
import socket
import sys
import time
from collections.abc import Callable
from types import FrameType
from typing import Final

import uvicorn

from moengage_personalize.emulator.contract import document
from moengage_personalize.emulator.recorder import RecordedRequest
from moengage_personalize.emulator.server.app import EmulatedApi
from moengage_personalize.emulator.server.connection import Connection
from moengage_personalize.emulator.workspace import API_KEY, WORKSPACE_ID, Workspace

HISTORY: Final = 10_000
"""The number of requests, and of events, that an emulator in the foreground keeps."""

_LARGEST_GRACE: Final = 1
"""The longest time that a stopping server waits for requests, in seconds."""

_KEEP_ALIVE: Final = 75
"""How long an idle connection is kept open, in seconds, as in a typical gateway."""


def serve(  # noqa: PLR0913 -- each is an option of the command, by its own name
    host: str = "127.0.0.1",
    port: int = 8080,
    experiences: str | os.PathLike[str] | None = None,
    workspace_id: str = WORKSPACE_ID,
    api_key: str = API_KEY,
    *,
    history: int | None = HISTORY,
    on_ready: Callable[[str], None] | None = None,
    on_request: Callable[[RecordedRequest], None] | None = None,
) -> None:
    """Run the emulator in the foreground until SIGINT or SIGTERM, then return.

    Call it in the main thread, because no other thread receives signals.

    Args:
        host: The address to listen on. With any address, the controls under `/_emulator` answer
            only this machine.
        port: The port to listen on; 0 for a free one.
        experiences: A YAML file of experiences; None for the ones that ship with the emulator.
        workspace_id: The workspace ID to accept.
        api_key: The Personalize API key to accept.
        history: The number of requests, and of events, to keep; None for all.
        on_ready: Called once with the base URL, as soon as requests are answered.
        on_request: Called with every request once it is answered or dropped; it must be quick.

    Raises:
        ExperienceFileError: The file cannot be used.
        OSError: The address or port is not available.
    """
    workspace = Workspace(experiences, workspace_id, api_key, history)
    listener = listen(host, port)
    url = base_url(listener)
    server = StoppableServer(
        EmulatedApi(workspace, on_request),
        on_ready=lambda: on_ready(url) if on_ready is not None else None,
    )
    run(server, listener)


class _EventLoop(asyncio.SelectorEventLoop):
    """An event loop whose timers run while a test's clock stands still."""

    def __init__(self) -> None:
        # freezegun replaces the function in every module, but not on an object that has it before.
        frozen = sys.modules.get("freezegun.api")
        self._monotonic: Callable[[], float] = getattr(frozen, "real_monotonic", time.monotonic)
        super().__init__()

    def time(self) -> float:
        return self._monotonic()


def run(server: uvicorn.Server, listener: socket.socket) -> None:
    """Serve the connections of a listening socket until the server is stopped."""
    with listener, asyncio.Runner(loop_factory=_EventLoop) as runner:
        runner.run(server.serve(sockets=[listener]))


class StoppableServer(uvicorn.Server):
    """A uvicorn server that stops within two seconds, even if requests still wait."""

    def __init__(self, app: EmulatedApi, on_ready: Callable[[], None]) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=Connection,
                ws="none",
                lifespan="off",
                log_config=None,
                proxy_headers=False,  # a forwarded address must not pass for a local one
                server_header=False,
                headers=[("server", "moengage-personalize-emulator")],
                timeout_keep_alive=_KEEP_ALIVE,
                timeout_graceful_shutdown=_LARGEST_GRACE,
            )
        )
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to answer, and call `on_ready`."""
        await super().startup(sockets)
        self._on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop, and close the connections of requests that still wait (a hang, a latency)."""
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        await super().shutdown(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop on a signal, and do not raise it again, because the caller wants to stop."""
        del sig, frame
        self.should_exit = True


def listen(host: str, port: int) -> socket.socket:
    """Open a port, so that its number is known before the server runs.

    Raises:
        OSError: The address or port is not available.
    """
    family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    return socket.create_server(address[:2], family=family)


def base_url(listener: socket.socket) -> str:
    """Return the base URL for a client, with the document's base path."""
    return origin(listener) + document.load().base_path


def origin(listener: socket.socket) -> str:
    """Return scheme, host and port of a listening socket."""
    host, port, *_ = listener.getsockname()
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
