"""HTTP/1.1 connections that give their transport to each request."""

import asyncio
import logging
import socket
from typing import Any, Final

from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from moengage_personalize.emulator.exchange import TRANSPORT

_LOGGER: Final = logging.getLogger("moengage_personalize.emulator")
_LOGGER.addHandler(logging.NullHandler())


class Connection(H11Protocol):
    """One connection.

    uvicorn copies the application's state into the scope of each request. Here each connection has
    its own state, with its transport in it. This uses only public arguments.
    """

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        self._state = dict(app_state)
        super().__init__(config, server_state, self._state, _loop)
        # The program under test may run uvicorn too, so uvicorn's loggers are not changed.
        self.logger = _LOGGER
        self.access_log = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn narrows it
        """Take the transport that the event loop made."""
        # asyncio does this only for listeners that name TCP as their protocol. Without it, a body
        # waits for the acknowledgement of its headers, which takes 40 ms for each answer.
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._state[TRANSPORT] = transport
        super().connection_made(transport)
