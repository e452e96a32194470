"""The stock generated client on our transport, for `client.api`."""

from __future__ import annotations

import httpx

from moengage_personalize.errors import InvalidArgumentError
from moengage_personalize.transport.deadline import Deadline
from moengage_personalize.transport.exchange import AsyncTransport, Transport
from moengage_personalize.transport.httpx_adapter import from_httpx, to_httpx
from moengage_personalize_api import AuthenticatedClient

__all__ = ["AuthenticatedClient", "generated_client"]


def generated_client(transport: Transport | AsyncTransport) -> AuthenticatedClient:
    """Make the generated client that sends with a transport.

    httpx's time limit becomes the deadline of each call, with all of its attempts and pauses.
    """
    settings = transport.settings
    return AuthenticatedClient(
        base_url=settings.base_url,
        token=settings.credentials.basic_token,
        prefix="Basic",
        headers=settings.headers,
        timeout=httpx.Timeout(settings.timeout),
        httpx_args={"transport": _Adapter(transport)},
    )


class _Adapter(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Sends httpx's requests with a transport, so that generated functions have its features.

    It closes nothing, because the client owns the connections.
    """

    def __init__(self, transport: Transport | AsyncTransport) -> None:
        self._transport = transport

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if not isinstance(self._transport, Transport):
            raise _mismatch("AsyncPersonalizeClient", "asyncio", "PersonalizeClient")
        request.read()
        return to_httpx(self._transport.exchange(from_httpx(request), self._deadline(request)))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if isinstance(self._transport, Transport):  # it would block the event loop
            raise _mismatch("PersonalizeClient", "sync", "AsyncPersonalizeClient")
        await request.aread()
        deadline = self._deadline(request)
        return to_httpx(await self._transport.exchange(from_httpx(request), deadline))

    def _deadline(self, request: httpx.Request) -> Deadline:
        """Return the longest of httpx's time limits for the steps of a request."""
        limits: dict[str, float | None] = request.extensions.get("timeout", {})
        return Deadline(
            max(filter(None, limits.values()), default=self._transport.settings.timeout)
        )


def _mismatch(owner: str, functions: str, other: str) -> InvalidArgumentError:
    return InvalidArgumentError(
        f"belongs to {owner}; call the generated {functions} functions with it, or use {other}",
        field="client",
    )
