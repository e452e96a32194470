"""The blocking wire without extras: httpcore's pool on sockets that keep to the budget."""

from __future__ import annotations

import os

import httpcore

from moengage_personalize.deadline import Deadline
from moengage_personalize.messages import Answer, Message

from .connecting import proxy_for, ssl_context_for
from .httpcore_requests import ERRORS, as_httpx, pool_options, request_of
from .network import BudgetedBackend

__all__ = ["PooledWire"]


class PooledWire:
    """Kept-alive connections to one host, through the environment's proxy where it names one."""

    def __init__(self, base_url: str) -> None:
        self._tls = ssl_context_for(base_url)
        self._proxy = proxy_for(base_url)
        self._of_process = (os.getpid(), self._open())

    def send(self, message: Message, deadline: Deadline) -> Answer:
        """Send over a pooled connection, within the budget of the call."""
        process, pool = self._of_process
        if process != os.getpid():
            pool = self._open()
            self._of_process = (os.getpid(), pool)
        try:
            response = pool.handle_request(request_of(message, deadline))
            try:
                body = response.read()
            finally:
                response.close()
        except ERRORS as error:
            raise as_httpx(error) from error
        return Answer.decoded(response.status, tuple(response.headers), body, message)

    def close(self) -> None:
        """Close all connections."""
        self._of_process[1].close()

    def _open(self) -> httpcore.ConnectionPool:
        kind = httpcore.ConnectionPool if self._proxy is None else httpcore.HTTPProxy
        options = pool_options(self._tls, self._proxy)
        return kind(network_backend=BudgetedBackend(), **options)
