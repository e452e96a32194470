"""Converts httpx's requests to ours, and our responses to httpx's."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

import httpx

from .messages import Request, Response

__all__ = ["from_httpx", "request_from_arguments", "to_httpx"]

_FRAMING: Final = frozenset({"content-length", "host", "transfer-encoding"})
"""Headers that the backend adds."""
_OF_THE_BODY: Final = frozenset({"content-encoding", "content-length", "transfer-encoding"})
"""Headers of the body as sent; with them, httpx would decompress it again."""


def request_from_arguments(arguments: Mapping[str, Any]) -> Request:
    """Make the request that httpx would make from a generated function's arguments."""
    request = httpx.Request(**arguments)
    request.read()
    return from_httpx(request)


def from_httpx(request: httpx.Request) -> Request:
    """Convert a request that has been read to ours."""
    own = tuple(one for one in request.headers.multi_items() if one[0] not in _FRAMING)
    return Request(request.method, str(request.url), own, request.content)


def to_httpx(response: Response) -> httpx.Response:
    """Convert our response to httpx's."""
    if response.content or response.status_code == HTTPStatus.OK:
        response.json()  # generated code would raise its own error for a gateway's page
    headers = [one for one in response.headers.items() if one[0].lower() not in _OF_THE_BODY]
    return httpx.Response(response.status_code, headers=headers, content=response.content)
