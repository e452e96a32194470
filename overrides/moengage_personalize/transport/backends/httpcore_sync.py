"""The sync backend without extras: httpcore's pool on sockets that keep the deadline."""

from __future__ import annotations

import os

import httpcore

from moengage_personalize.transport.deadline import Deadline
from moengage_personalize.transport.messages import Request, Response
from moengage_personalize.transport.response_body import read

from .base import Backend
from .deadline_sockets import DeadlineNetwork
from .httpcore_common import HttpcoreBase, received
from .mocked_httpx import is_mocked, send_to_mock

__all__ = ["HttpcoreBackend"]


class HttpcoreBackend(HttpcoreBase):
    """Kept-alive connections to one host, through the environment's proxy if it has one."""

    def __init__(self, base_url: str) -> None:
        super().__init__(base_url)
        self._of_process = (os.getpid(), self._open())

    def send(self, request: Request, deadline: Deadline) -> Response:
        """Send with a pooled connection."""
        if is_mocked():
            return send_to_mock(request, deadline)
        process, pool = self._of_process
        if process != os.getpid():
            pool = self._open()
            self._of_process = (os.getpid(), pool)
        # The last limit is for a lock, which takes only seconds.
        wait = deadline.remaining_or_raise()
        limits = {"connect": deadline, "read": deadline, "write": deadline, "pool": wait}
        response = pool.handle_request(self._made(request, limits))
        try:
            return read(received(response), response.iter_stream())
        finally:
            response.close()

    def close_idle(self) -> None:
        """Close idle connections; if another thread takes one meanwhile, its call is retried."""
        for connection in self._of_process[1].connections:
            if connection.is_idle():
                connection.close()

    def for_background(self) -> Backend:
        """Make another backend like this."""
        return HttpcoreBackend(self._base_url)

    def close(self) -> None:
        """Close all connections."""
        self._of_process[1].close()

    def _open(self) -> httpcore.ConnectionPool:
        kind = httpcore.ConnectionPool if self._proxy is None else httpcore.HTTPProxy
        return kind(network_backend=DeadlineNetwork(), **self._pool_options())
