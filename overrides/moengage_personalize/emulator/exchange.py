"""One request and its answer, with failures of the connection that ASGI cannot express.

An ASGI application cannot close a connection. So the emulator's server gives each request the
transport of its connection (`connection.py`). In-process, there is no connection, and a close
raises `ConnectionResetError` to the caller.
"""

import asyncio
import contextlib
import socket
import struct
from collections.abc import Callable
from typing import Final

from starlette.types import Receive, Scope, Send

from moengage_personalize.emulator.responses import Answer

TRANSPORT: Final = "moengage_personalize.emulator.transport"
"""The key of the `asyncio.Transport` in a scope's `state`."""

# On, for 0 seconds: closing then sends a reset instead of an orderly end.
_LINGER_NOT_AT_ALL: Final = struct.pack("ii", 1, 0)


class Exchange:
    """A request that has arrived, and its answer."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self.query: str = scope["query_string"].decode("latin-1")
        self.headers = _by_name(scope["headers"])
        self.on_answer: Callable[[int], None] | None = None
        self._transport: asyncio.Transport | None = scope.get("state", {}).get(TRANSPORT)
        self._receive = receive
        self._send = send

    async def read_body(self) -> bytes | None:
        """Return the whole body; None if the client disconnected before its end."""
        chunks = []
        while True:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                return None
            chunks.append(message.get("body", b""))
            if not message.get("more_body", False):
                return b"".join(chunks)

    async def answer(self, answer: Answer) -> None:
        """Send a complete answer."""
        await self.start(answer)
        await self.send_body(answer.body, more=False)

    async def start(self, answer: Answer) -> None:
        """Send the status and the headers, with the length of the whole body."""
        if self.on_answer is not None:
            # Before the first byte is sent, so that a client with the answer finds it recorded.
            self.on_answer(answer.status)
        headers = [
            (b"content-type", answer.media_type.encode()),
            (b"content-length", str(len(answer.body)).encode()),
            *((name.lower().encode(), value.encode()) for name, value in answer.headers),
        ]
        await self._send(
            {"type": "http.response.start", "status": answer.status, "headers": headers}
        )

    async def send_body(self, part: bytes, *, more: bool) -> None:
        """Send a part of the body."""
        await self._send({"type": "http.response.body", "body": part, "more_body": more})

    async def is_gone_within(self, seconds: float | None) -> bool:
        """Wait until the client disconnects, for some seconds or (None) without a limit.

        Returns:
            Whether the client has disconnected, or the server stops.
        """
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while (await self._receive())["type"] != "http.disconnect":
                    pass
                return True
        return False

    async def drop(self, *, reset: bool) -> None:
        """Close the connection at once, even if data has not been sent yet."""
        transport = self._open_transport()
        if reset:
            transport.get_extra_info("socket").setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT_AT_ALL
            )
        transport.abort()
        # The server reports a return without an answer as a bug until it has noticed the close.
        await self.is_gone_within(None)

    async def close(self) -> None:
        """Close the connection once everything is sent."""
        self._open_transport().close()
        await self.is_gone_within(None)

    def _open_transport(self) -> asyncio.Transport:
        if self._transport is None:
            raise ConnectionResetError("the emulator closed the connection")
        return self._transport


def _by_name(headers: list[tuple[bytes, bytes]]) -> dict[str, str]:
    by_name: dict[str, str] = {}
    for raw_name, raw_value in headers:
        name = raw_name.decode("latin-1").lower()
        value = raw_value.decode("latin-1")
        by_name[name] = f"{by_name[name]}, {value}" if name in by_name else value
    return by_name
