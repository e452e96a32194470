"""What test modules import: a server to script, answers, one way to call both clients."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import anyio
import attrs

from moengage_personalize import AsyncPersonalizeClient, PersonalizeClient

ROOT = Path(__file__).parents[1]
CONTEXT = {
    "cid": "66d55ae445921e4d35ae4368_F_T_WP_AB_2_P_0_AU_5A",
    "experience": "Promo strip",
    "moe_locale_id": "0",
    "moe_variation_id": "2",
    "audience_name": "All Users",
    "audience_id": "5A",
    "type": "Web Personalization",
}


def blocks(language: str, *pages: str) -> list[str]:
    """The code blocks of pages, which are named from the top of the project."""
    text = "\n".join((ROOT / page).read_text(encoding="utf-8") for page in pages)
    return re.findall(rf"^```{language}\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)


class Stopwatch:
    """Times a block, beside a control that shows how busy the machine was meanwhile.

    The control is a thread that sleeps five milliseconds again and again. What it sleeps longer,
    something else had the processor, and a limit on the block's time must not count.
    """

    NAP = 0.005

    def __init__(self) -> None:
        self.seconds = 0.0
        self._held_up = 0.0
        self._is_over = threading.Event()
        self._control = threading.Thread(target=self._sleep, daemon=True)

    def __enter__(self) -> Self:
        self._control.start()
        self._start = time.monotonic()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds = time.monotonic() - self._start
        self._is_over.set()
        self._control.join()

    def _sleep(self) -> None:
        while not self._is_over.is_set():
            before = time.monotonic()
            time.sleep(self.NAP)
            self._held_up += time.monotonic() - before - self.NAP

    @property
    def own_seconds(self) -> float:
        """Seconds without those that a busy machine added, to the server as to the client."""
        return self.seconds - 2 * self._held_up


@attrs.define
class Driver:
    """Calls a client's methods by name: the sync one, or the async one on an event loop.

    Attributes:
        kind: `sync`, `asyncio` or `trio`.
        stopwatch: Times the last call, without making and closing the client.
    """

    kind: str
    stopwatch: Stopwatch = attrs.field(factory=Stopwatch)

    @property
    def seconds(self) -> float:
        """How long the last call took."""
        return self.stopwatch.seconds

    @property
    def own_seconds(self) -> float:
        """The same, without what a busy machine added."""
        return self.stopwatch.own_seconds

    def __call__(self, base_url: str, method: str, *args: Any, **options: Any) -> Any:
        """Make a client, call one method, and close the client."""
        made = {
            name: options.pop(name)
            for name in ("retries", "defaults", "http_client", "transport")
            if name in options
        }
        credentials = ("EMULATED_WORKSPACE", "EMULATED_KEY")
        if self.kind == "sync":
            with (
                PersonalizeClient(*credentials, base_url=base_url, **made) as client,
                self._timed(),
            ):
                return getattr(client, method)(*args, **options)

        async def call() -> Any:
            async with AsyncPersonalizeClient(*credentials, base_url=base_url, **made) as client:
                with self._timed():
                    return await getattr(client, method)(*args, **options)

        return anyio.run(call, backend=self.kind)

    def _timed(self) -> Stopwatch:
        self.stopwatch = Stopwatch()
        return self.stopwatch


Handler = Callable[[socket.socket, "ScriptedServer"], None]
Start = Callable[..., subprocess.Popen[str]]


class ScriptedServer:
    """A server whose every connection is handled by a function of the test's."""

    def __init__(self, handle: Handler) -> None:
        self.connections = 0
        self.requests: list[bytes] = []
        self.stopped = threading.Event()
        self._handle = handle
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(0.05)
        self._threads: list[tuple[threading.Thread, socket.socket]] = []
        self._accepting = threading.Thread(target=self._accept)
        self._accepting.start()
        self.base_url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/v1"

    def _accept(self) -> None:
        while not self.stopped.is_set():
            with contextlib.suppress(OSError):
                connection, _ = self._listener.accept()
                self.connections += 1
                thread = threading.Thread(target=self._serve, args=(connection,))
                self._threads.append((thread, connection))
                thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            self._handle(connection, self)

    def read_request(self, connection: socket.socket) -> bytes:
        """One request, headers and body; empty when the peer has gone."""
        connection.settimeout(5)
        received = b""
        while b"\r\n\r\n" not in received:
            chunk = connection.recv(65536)
            if not chunk:
                return b""
            received += chunk
        head, _, body = received.partition(b"\r\n\r\n")
        length = 0
        for line in head.split(b"\r\n"):
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        while len(body) < length:
            chunk = connection.recv(65536)
            if not chunk:  # the client gave up in the middle of its request
                return b""
            body += chunk
        self.requests.append(body)
        return head + b"\r\n\r\n" + body

    def stop(self) -> None:
        """End every thread, also one whose client goes on asking: a test that failed leaves it."""
        self.stopped.set()
        with contextlib.suppress(OSError):  # not every system ends an `accept` so
            self._listener.shutdown(socket.SHUT_RDWR)
        self._accepting.join()
        self._listener.close()
        for thread, connection in self._threads:
            with contextlib.suppress(OSError):  # closed already
                connection.shutdown(socket.SHUT_RDWR)
            thread.join()


def http(
    status: int,
    body: dict[str, Any] | bytes = b"",
    *,
    content_type: str = "application/json",
    **headers: str,
) -> bytes:
    """The bytes of an HTTP answer."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [
        f"HTTP/1.1 {status} Status",
        f"Content-Type: {content_type}",
        f"Content-Length: {len(content)}",
        *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content


def experiences(*keys: str, context: dict[str, Any] | None = None) -> dict[str, Any]:
    """The body of an answer to a fetch."""
    return {
        "experiences": {
            key: {
                "payload": {"Title": {"value": f"Hello from {key}", "data_type": "string"}},
                "experience_context": context or CONTEXT,
            }
            for key in keys
        }
    }
