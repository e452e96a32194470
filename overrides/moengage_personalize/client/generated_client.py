"""The stock generated client on our transport: what `client.api` is."""

from __future__ import annotations

import httpx

from moengage_personalize.transport.exchange import AsyncTransport, Transport
from moengage_personalize.transport.httpx_adapter import AsyncHttpxAdapter, HttpxAdapter
from moengage_personalize_api import AuthenticatedClient

__all__ = ["AuthenticatedClient", "generated_client"]


def generated_client(transport: Transport | AsyncTransport) -> AuthenticatedClient:
    """Make the generated client whose functions are sent with a transport.

    httpx's time limit for it is the deadline of each call, with all of its attempts and pauses.
    """
    settings = transport.settings
    adapter = (
        HttpxAdapter(transport.exchange, settings.timeout)
        if isinstance(transport, Transport)
        else AsyncHttpxAdapter(transport.exchange, settings.timeout)
    )
    return AuthenticatedClient(
        base_url=settings.base_url,
        token=settings.credentials.basic_token,
        prefix="Basic",
        headers=settings.headers,
        timeout=httpx.Timeout(settings.timeout),
        httpx_args={"transport": adapter},
    )
