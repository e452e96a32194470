"""Messages for the requests that the generated functions make, at a fraction of httpx's cost.

httpx merges headers, addresses and cookies anew for each request, though nearly all of a client's
requests differ in their body only.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

import httpx

from .messages import Message, RawHeaders

__all__ = ["PlainRequests"]

_PLAIN: Final = frozenset({"headers", "json"})
_MOST: Final = 256
"""Addresses or sets of headers that are remembered; a client seldom has more than ten."""
# As httpx writes JSON.
_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)


class PlainRequests:
    """Makes messages for one client, and remembers what they have in common."""

    def __init__(self) -> None:
        self._urls: dict[str, str] = {}
        # In one attribute, as threads may share a client while its headers are changed.
        self._headers: tuple[list[tuple[bytes, bytes]], dict[Any, RawHeaders]] = ([], {})

    def message(
        self,
        client: httpx.Client | httpx.AsyncClient,
        method: str,
        url: object,
        options: Mapping[str, Any],
    ) -> Message | None:
        """The message that httpx would send for these arguments of its `request`.

        `None`: it takes more than is done here.
        """
        if not isinstance(url, str) or not options.keys() <= _PLAIN or client.cookies:
            return None
        body = options.get("json")
        content = b"" if body is None else _ENCODER.encode(body).encode()
        headers = self._merged(client, options.get("headers") or {}, has_body=body is not None)
        return Message(method.upper(), self._whole(client, url), headers, content)

    def _whole(self, client: httpx.Client | httpx.AsyncClient, url: str) -> str:
        whole = self._urls.get(url)
        if whole is None:
            whole = str(client.build_request("GET", url).url)
            if len(self._urls) < _MOST:
                self._urls[url] = whole
        return whole

    def _merged(
        self,
        client: httpx.Client | httpx.AsyncClient,
        headers: Mapping[str, str],
        *,
        has_body: bool,
    ) -> RawHeaders:
        common = client.headers.raw
        known_common, known = self._headers
        if known_common != common:
            known = {}
            self._headers = (common, known)
        key = (has_body, *headers.items())
        merged = known.get(key)
        if merged is None:
            both = httpx.Headers(client.headers)
            if has_body:
                both["Content-Type"] = "application/json"
            both.update(headers)
            merged = tuple(both.raw)
            if len(known) < _MOST:
                known[key] = merged
        return merged
