"""The HTTP request and response, independent of the HTTP library."""

from __future__ import annotations

import json
from collections.abc import Mapping
from mimetypes import types_map
from typing import Any, Final

import attrs

from moengage_personalize.errors import UnreadableAnswerError
from moengage_personalize.models.values import decode_json

__all__ = ["Request", "Response", "encode_json"]

_encode: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


def encode_json(value: object) -> bytes:
    """Encode a request's body as the bytes that httpx would send."""
    return _encode(value).encode()


@attrs.define(eq=False)
class Request:
    """A request without `Host` and `Content-Length`, which the HTTP library adds.

    Attributes:
        method: The method in upper case.
        url: The complete URL.
        headers: The names and values.
        body: The body; empty for none.
    """

    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


@attrs.define(eq=False)
class Response:
    """A response with its whole body. Generated code reads it like httpx's.

    Attributes:
        status_code: The status.
        headers: The values by name; use names in lower case.
        content: The body.
        encoding: The `Content-Encoding` that the body still has.
        trouble: Why the body is incomplete; it matters only if the status is a success.
    """

    status_code: int
    headers: Mapping[str, str]
    content: bytes = b""
    encoding: str | None = None
    trouble: Exception | None = None

    @property
    def text(self) -> str:
        """The body as text."""
        return self.content.decode(errors="replace")

    def json(self) -> Any:  # noqa: ANN401  (any JSON value)
        """The body as JSON.

        Raises:
            UnreadableAnswerError: The body is not a JSON object or array.
        """
        for encoding in ("utf-8", None):  # None detects the encoding
            try:
                known = encoding or json.detect_encoding(self.content)
                text = self.content.decode(known, "replace").strip()
                body, end = decode_json(text)
            except (ValueError, RecursionError):
                continue
            if type(body) in {dict, list} and not text[end:]:
                return body
        kind = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        kind = kind if kind in types_map.values() else "unknown type"  # may repeat the customer
        raise UnreadableAnswerError(
            f"the API answered {self.status_code} with a body that is not JSON "
            f"({kind}, {len(self.content)} bytes)"
        )
