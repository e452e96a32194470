"""Sends a request and returns the response before a deadline: credentials, retries, typed errors.

A backend makes each attempt, and `Attempt` decides what follows. The two classes here differ only
in how they wait.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import lru_cache, partial
from typing import Any, Final, Generic, TypeVar

from moengage_personalize.errors import ClientClosedError, RequestTimeoutError

from .attempt import Attempt
from .backends import AsyncBackend, Backend
from .deadline import Deadline
from .error_mapping import typed_error
from .httpx_adapter import request_from_arguments
from .messages import Request, Response, encode_json
from .settings import Settings

__all__ = ["AsyncTransport", "Transport"]

_SIMPLE: Final = frozenset({"method", "url", "headers", "json"})

BackendT = TypeVar("BackendT", Backend, AsyncBackend)


class _Transport(Generic[BackendT]):
    """The common parts of both: settings, a backend, and the common headers of requests."""

    def __init__(self, settings: Settings, backend: BackendT) -> None:
        self.settings = settings
        self._backend: BackendT = backend
        self._headers = lru_cache(maxsize=256)(partial(_merged, settings.headers))
        self._is_closed = False

    def request(self, arguments: Mapping[str, Any]) -> Request:
        """Make the request from the result of a generated `_get_kwargs`."""
        url = self.settings.base_url + arguments["url"]
        own: Mapping[str, str] = arguments.get("headers") or {}
        headers = self._headers(*own.items())
        if not arguments.keys() <= _SIMPLE:
            return request_from_arguments({**arguments, "url": url, "headers": headers})
        body = encode_json(arguments["json"]) if "json" in arguments else b""
        return Request(arguments["method"].upper(), url, headers, body)

    def for_background(self) -> Transport:
        """Make a sync transport without retries and with its own connections, for the reporter.

        Raises:
            InvalidArgumentError: The caller passed an async httpx object.
        """
        return Transport(self.settings.without_retries(), self._backend.for_background())

    def _check_open(self) -> None:
        if self._is_closed or self.settings.is_disabled:
            why = "was closed" if self._is_closed else "is disabled"
            raise ClientClosedError(f"nothing can be sent, because the client {why}")


class Transport(_Transport[Backend]):
    """Sends the requests of one client. Threads may share it."""

    def exchange(self, request: Request, deadline: Deadline) -> Response:
        """Send a request, and retry until the deadline if the failure may pass.

        Raises:
            PersonalizeError: There is no successful response.
        """
        self._check_open()
        attempt = Attempt(request, deadline)
        while True:
            try:
                return attempt.accepted(self._backend.send(request, deadline))
            except Exception as error:  # noqa: BLE001  (whatever a library, proxy or hook raises)
                failure = typed_error(error, request, deadline)
            # Raised here, because an error raised in the handler would refer to the handled one.
            if isinstance(failure, RequestTimeoutError):
                self._backend.close_idle()
            time.sleep(attempt.pause_after(failure, self.settings.policy))

    def close(self) -> None:
        """Close the connections."""
        self._is_closed = True
        self._backend.close()


class AsyncTransport(_Transport[AsyncBackend]):
    """Like `Transport`, for async code."""

    async def exchange(self, request: Request, deadline: Deadline) -> Response:
        """Like `Transport.exchange`."""
        self._check_open()
        attempt = Attempt(request, deadline)
        while True:
            try:
                return attempt.accepted(await self._backend.send(request, deadline))
            except Exception as error:  # noqa: BLE001  (as above)
                failure = typed_error(error, request, deadline)
            if isinstance(failure, RequestTimeoutError):
                await self._backend.close_idle()
            pause = attempt.pause_after(failure, self.settings.policy)
            import anyio  # noqa: PLC0415  (import time, and needed after failures only)

            await anyio.sleep(pause)

    async def close(self) -> None:
        """Close the connections."""
        self._is_closed = True
        await self._backend.close()


def _merged(common: Mapping[str, str], *own: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    """Merge the headers of every request with those of an operation, which override them."""
    merged = {name.lower(): (name, value) for name, value in (*common.items(), *own)}
    return tuple(merged.values())
