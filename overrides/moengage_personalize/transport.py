"""Exchanges a request for a response before a deadline: credentials, retries, typed errors.

`exchange` decides what follows an attempt and a backend makes it; the two classes here differ only
in how they wait.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import lru_cache, partial
from typing import Any, Final

from .deadline import Deadline
from .exchange import FAILURES, accepted, pause_after
from .httpx_adapter import request_from_arguments
from .messages import Request, Response, encode_json
from .settings import Settings
from .wires import AsyncBackend, Backend

__all__ = ["AsyncTransport", "Transport"]

_SIMPLE: Final = frozenset({"method", "url", "headers", "json"})


class _Requests:
    """Makes the requests of one client.

    Args:
        settings: Whom to call and as whom.
    """

    def __init__(self, settings: Settings) -> None:
        self._base_url = settings.base_url
        # Nearly all of a client's requests differ in their body only.
        self._headers = lru_cache(maxsize=256)(partial(_merged, settings.headers))

    def make(self, arguments: Mapping[str, Any]) -> Request:
        """The request for what a generated `_get_kwargs` returns."""
        url = self._base_url + arguments["url"]
        own = arguments.get("headers") or {}
        headers = self._headers(*own.items())
        if not arguments.keys() <= _SIMPLE:
            return request_from_arguments({**arguments, "url": url, "headers": headers})
        body = encode_json(arguments["json"]) if "json" in arguments else b""
        return Request(arguments["method"].upper(), url, headers, body)


def _merged(common: Mapping[str, str], *own: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    """Headers of every request and of this operation; the latter win, in any case of letters."""
    merged = {name.lower(): (name, value) for name, value in (*common.items(), *own)}
    return tuple(merged.values())


class Transport:
    """Sends the requests of one client. Threads may share it.

    Args:
        settings: Whom to call, as whom, and how often to retry.
        backend: Sends one request.
    """

    def __init__(self, settings: Settings, backend: Backend) -> None:
        self.settings = settings
        self.request = _Requests(settings).make
        self._backend = backend
        self._is_closed = False

    def exchange(self, request: Request, deadline: Deadline) -> Response:
        """Send a request, and retry until the deadline if that may help.

        Raises:
            PersonalizeError: There is no successful response.
        """
        if self._is_closed:
            raise _closed()
        attempt = 0
        while True:
            attempt += 1
            try:
                return accepted(request, self._backend.send(request, deadline))
            except FAILURES as error:
                pause = pause_after(error, request, attempt, self.settings.policy, deadline)
            time.sleep(pause)

    def for_background(self) -> Transport:
        """A transport without retries, on connections of its own, for the reporter."""
        return Transport(self.settings.without_retries(), self._backend.for_background())

    def close(self) -> None:
        """Close the connections."""
        self._is_closed = True
        self._backend.close()


class AsyncTransport:
    """The same as `Transport`, for async code."""

    def __init__(self, settings: Settings, backend: AsyncBackend) -> None:
        self.settings = settings
        self.request = _Requests(settings).make
        self._backend = backend
        self._is_closed = False

    async def exchange(self, request: Request, deadline: Deadline) -> Response:
        """As `Transport.exchange`."""
        if self._is_closed:
            raise _closed()
        attempt = 0
        while True:
            attempt += 1
            try:
                return accepted(request, await self._backend.send(request, deadline))
            except FAILURES as error:
                pause = pause_after(error, request, attempt, self.settings.policy, deadline)
            import anyio  # noqa: PLC0415  (import time, and needed after failures only)

            await anyio.sleep(pause)

    def for_background(self) -> Transport:
        """As `Transport.for_background`; the reporter's thread is sync.

        Raises:
            InvalidArgumentError: The caller brought an async httpx object.
        """
        return Transport(self.settings.without_retries(), self._backend.for_background())

    async def close(self) -> None:
        """Close the connections."""
        self._is_closed = True
        await self._backend.close()


def _closed() -> RuntimeError:
    return RuntimeError("Cannot send a request, as the client has been closed.")
