"""The caller's own httpx client as a backend.

It does not know the deadline, so the backend enforces it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import attrs
import httpx

from moengage_personalize.errors import InvalidArgumentError
from moengage_personalize.transport.deadline import Deadline
from moengage_personalize.transport.messages import Request, Response
from moengage_personalize.transport.response_body import read, read_async
from moengage_personalize.transport.thread_timeout import run_with_timeout

from .base import AsyncBackend, Backend

__all__ = ["async_custom_backend", "custom_backend"]

_OPTIONS: Final[dict[str, Any]] = {"auth": None, "stream": True, "follow_redirects": False}


def custom_backend(http_client: object, transport: object) -> Backend:
    """Make a backend that sends with the caller's httpx client or transport.

    Raises:
        InvalidArgumentError: The object is async, or of another type.
    """
    if isinstance(transport, httpx.BaseTransport):
        return _CustomBackend(httpx.Client(transport=transport, trust_env=False), owned=True)
    if isinstance(http_client, httpx.Client):
        return _CustomBackend(http_client, owned=False)
    raise _mismatch(http_client, "httpx.Client", "httpx.BaseTransport")


def async_custom_backend(http_client: object, transport: object) -> AsyncBackend:
    """Like `custom_backend`, for async code."""
    if isinstance(transport, httpx.AsyncBaseTransport):
        client = httpx.AsyncClient(transport=transport, trust_env=False)
        return _AsyncCustomBackend(client, owned=True)
    if isinstance(http_client, httpx.AsyncClient):
        return _AsyncCustomBackend(http_client, owned=False)
    raise _mismatch(http_client, "httpx.AsyncClient", "httpx.AsyncBaseTransport")


def _mismatch(http_client: object, client: str, transport: str) -> InvalidArgumentError:
    if http_client is None:
        return InvalidArgumentError(f"must be an {transport}", field="transport")
    return InvalidArgumentError(f"must be an {client}", field="http_client")


@attrs.define
class _CustomBackend:
    """Sends in a thread, which is abandoned when the deadline has passed.

    Attributes:
        client: The client to send with; its own headers are added to ours.
        owned: Whether to close it.
    """

    client: httpx.Client
    owned: bool

    def send(self, request: Request, deadline: Deadline) -> Response:
        def send_and_read() -> Response:
            try:
                sent = _built(self.client, request, deadline)
                response = self.client.send(sent, **_OPTIONS)
            except httpx.HTTPStatusError as error:
                return _whole(error.response) or _head(error.response)
            try:
                return _whole(response) or read(_head(response), _before(response, deadline))
            finally:
                response.close()

        return run_with_timeout(send_and_read, deadline.remaining_or_raise())

    def close_idle(self) -> None:
        """Leave them; they are the caller's."""

    def for_background(self) -> Backend:
        return _CustomBackend(self.client, owned=False)

    def close(self) -> None:
        if self.owned:
            self.client.close()


@attrs.define
class _AsyncCustomBackend:
    """The same for async code, which can be cancelled."""

    client: httpx.AsyncClient
    owned: bool

    async def send(self, request: Request, deadline: Deadline) -> Response:
        return await deadline.enforced_on(self._send(request, deadline))

    async def _send(self, request: Request, deadline: Deadline) -> Response:
        try:
            sent = _built(self.client, request, deadline)
            response = await self.client.send(sent, **_OPTIONS)
        except httpx.HTTPStatusError as error:
            return _whole(error.response) or _head(error.response)
        try:
            return _whole(response) or await read_async(_head(response), response.aiter_raw())
        finally:
            await response.aclose()

    async def close_idle(self) -> None:
        """Leave them; they are the caller's."""

    def for_background(self) -> Backend:
        raise InvalidArgumentError(
            "has your own async httpx object; for a reporter, make a PersonalizeClient with a "
            "sync one",
            field="client",
        )

    async def close(self) -> None:
        if self.owned:
            await self.client.aclose()


def _built(
    client: httpx.Client | httpx.AsyncClient, request: Request, deadline: Deadline
) -> httpx.Request:
    return client.build_request(
        request.method,
        request.url,
        headers=list(request.headers),
        content=request.body,
        timeout=deadline.remaining_or_raise(),
    )


def _before(response: httpx.Response, deadline: Deadline) -> Iterator[bytes]:
    """Yield the body until the deadline, so that an abandoned call releases its connection."""
    for chunk in response.iter_raw():
        deadline.remaining_or_raise()
        yield chunk


def _whole(response: httpx.Response) -> Response | None:
    """Return the response, if an event hook or the caller's transport has read its body."""
    try:
        body = response.content
    except httpx.ResponseNotRead:
        return None
    return read(Response(response.status_code, response.headers), [body])


def _head(response: httpx.Response) -> Response:
    """Return the response without its body; httpx must not decode it before the status is known."""
    encoding = response.headers.get("content-encoding")
    return Response(response.status_code, response.headers, encoding=encoding)
