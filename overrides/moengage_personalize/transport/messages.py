"""The HTTP request and response, independent of the HTTP library that carries them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from moengage_personalize.errors import UnreadableAnswerError
from moengage_personalize.models.values import decode_json

__all__ = ["Request", "Response", "encode_json"]

_encode: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


def encode_json(value: object) -> bytes:
    """A request's body, in the bytes that httpx would send."""
    return _encode(value).encode()


class Request:
    """A request without `Host` and `Content-Length`, which the HTTP library adds.

    Args:
        method: In capitals.
        url: The whole address.
        headers: Names and values.
        body: Empty for none.
    """

    __slots__ = ("body", "headers", "method", "url")

    def __init__(
        self, method: str, url: str, headers: tuple[tuple[str, str], ...], body: bytes
    ) -> None:
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body


class Response:
    """A response with its whole body. Generated code reads it as it reads httpx's.

    Args:
        status_code: The status.
        headers: Values by name, to be asked for in lower case.
        content: The body.
        encoding: The `Content-Encoding` that the body still has.

    Attributes:
        trouble: Why the body is not whole, which matters once the status is known to be a success.
    """

    __slots__ = ("content", "encoding", "headers", "status_code", "trouble")

    def __init__(
        self,
        status_code: int,
        headers: Mapping[str, str],
        content: bytes = b"",
        encoding: str | None = None,
    ) -> None:
        self.status_code = status_code
        self.headers = headers
        self.content = content
        self.encoding = encoding
        self.trouble: Exception | None = None

    @property
    def text(self) -> str:
        """The body as text."""
        return self.content.decode(errors="replace")

    def json(self) -> Any:  # noqa: ANN401  (any JSON value)
        """The body as JSON.

        Raises:
            UnreadableAnswerError: The body is not a JSON object or array.
        """
        try:
            text = self.content.decode()
            body, end = decode_json(text)
            if text[end:].strip():
                body = None
        except (ValueError, RecursionError):
            body = self._unusual_json()
        if type(body) not in {dict, list}:
            kind = self.headers.get("content-type", "no content type")
            raise UnreadableAnswerError(
                f"the API answered {self.status_code} with a body that is no JSON "
                f"({kind}, {len(self.content)} bytes)"
            )
        return body

    def _unusual_json(self) -> Any:  # noqa: ANN401  (any JSON value)
        """JSON in another encoding, or after white space; None if it is neither."""
        try:
            text = self.content.decode(json.detect_encoding(self.content), "replace").strip()
            body, end = decode_json(text)
        except (ValueError, RecursionError):
            return None
        return body if end == len(text) else None
