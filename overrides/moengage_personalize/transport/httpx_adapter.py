"""Runs the stock generated client on our transport, through httpx's own extension point."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any, Final

import httpx

from moengage_personalize.errors import InvalidArgumentError

from .deadline import Deadline
from .messages import Request, Response

__all__ = ["AsyncHttpxAdapter", "HttpxAdapter", "request_from_arguments"]

_FRAMING: Final = frozenset({"content-length", "host", "transfer-encoding"})
"""Headers that the backend adds."""
_OF_THE_BODY: Final = frozenset({"content-encoding", "content-length", "transfer-encoding"})
"""Headers of the body as it was sent; httpx would decompress it again."""


class HttpxAdapter(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Hands httpx's requests to `exchange`, so that generated functions have all that we have.

    It closes nothing: the connections are the client's.

    Args:
        exchange: Sends a request before a deadline.
        timeout: Seconds for a request without a time limit of its own.
    """

    def __init__(self, exchange: Callable[[Request, Deadline], Response], timeout: float) -> None:
        self._exchange = exchange
        self._timeout = timeout

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request of a generated `sync` function."""
        request.read()
        return _to_httpx(self._exchange(_from_httpx(request), _deadline(request, self._timeout)))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:  # noqa: ARG002  (httpx's signature)
        """Refuse a generated `asyncio` function, which would wait for the network in the loop."""
        raise InvalidArgumentError(
            "is that of PersonalizeClient; call the generated sync functions with it, "
            "or use AsyncPersonalizeClient",
            field="client",
        )


class AsyncHttpxAdapter(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """The same as `HttpxAdapter`, for generated `asyncio` functions."""

    def __init__(
        self, exchange: Callable[[Request, Deadline], Awaitable[Response]], timeout: float
    ) -> None:
        self._exchange = exchange
        self._timeout = timeout

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request of a generated `asyncio` function."""
        await request.aread()
        deadline = _deadline(request, self._timeout)
        return _to_httpx(await self._exchange(_from_httpx(request), deadline))

    def handle_request(self, request: httpx.Request) -> httpx.Response:  # noqa: ARG002  (httpx's signature)
        """Refuse a generated `sync` function."""
        raise InvalidArgumentError(
            "is that of AsyncPersonalizeClient; call the generated asyncio functions with it, "
            "or use PersonalizeClient",
            field="client",
        )


def request_from_arguments(arguments: Mapping[str, Any]) -> Request:
    """The request that httpx would make of a generated function's arguments."""
    request = httpx.Request(**arguments)
    request.read()
    return _from_httpx(request)


def _from_httpx(request: httpx.Request) -> Request:
    headers = ((name, value) for name, value in request.headers.multi_items())
    own = tuple(one for one in headers if one[0] not in _FRAMING)
    return Request(request.method, str(request.url), own, request.content)


def _to_httpx(response: Response) -> httpx.Response:
    if response.content or response.status_code == HTTPStatus.OK:
        response.json()  # generated code would raise its own error for a page of a gateway
    headers = [one for one in response.headers.items() if one[0].lower() not in _OF_THE_BODY]
    return httpx.Response(response.status_code, headers=headers, content=response.content)


def _deadline(request: httpx.Request, timeout: float) -> Deadline:
    """The longest of the limits that httpx has for the steps of a request."""
    limits: dict[str, float | None] = request.extensions.get("timeout", {})
    return Deadline(max(filter(None, limits.values()), default=timeout))
