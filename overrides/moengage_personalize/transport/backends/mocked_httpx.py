"""Sends with httpx while a test mocks it with respx, pytest-httpx or VCR.py.

Each of them replaces one function of httpx or httpcore, and does not see requests that bypass it.
Without this module, such a test would call the real host. So while one of them is active, every
backend sends with a plain httpx client, whose requests pass all of these functions.
"""

from __future__ import annotations

import sys
from functools import lru_cache
from typing import Final

import httpx

from moengage_personalize.transport.deadline import Deadline
from moengage_personalize.transport.messages import Request, Response

from .custom_httpx import async_custom_backend, custom_backend

__all__ = ["is_mocked", "send_to_mock", "send_to_mock_async"]

_tls: Final = lru_cache(maxsize=1)(httpx.create_ssl_context)  # once, because it reads certificates


def is_mocked() -> bool:
    """Return whether one of these libraries is active; pytest loads two even if no test does."""
    modules = sys.modules
    if not ("respx" in modules or "pytest_httpx" in modules or "vcr" in modules):
        return False
    import httpcore  # noqa: PLC0415  (import time: not needed where nothing is mocked)

    return (
        _is_replaced(httpcore.ConnectionPool, "handle_request")
        or _is_replaced(httpx.HTTPTransport, "handle_request")
        or _is_replaced(httpx.Client, "_transport_for_url")
    )


def send_to_mock(request: Request, deadline: Deadline) -> Response:
    """Like `Backend.send`; a request that the mock passes through goes to its host."""
    with httpx.Client(verify=_tls()) as client:
        return custom_backend(client, None).send(request, deadline)


async def send_to_mock_async(request: Request, deadline: Deadline) -> Response:
    """Like `AsyncBackend.send`."""
    async with httpx.AsyncClient(verify=_tls()) as client:
        return await async_custom_backend(client, None).send(request, deadline)


def _is_replaced(owner: type, name: str) -> bool:
    """Return whether a method's code is no longer from the module of its class."""
    close = vars(owner)["close"]
    return getattr(getattr(owner, name, close), "__globals__", None) is not close.__globals__
