"""The HTTP request and response, independent of the HTTP library that carries them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

import attrs
import httpx

from .errors import UnreadableAnswerError

__all__ = ["Answer", "Message", "RawHeaders"]

RawHeaders = tuple[tuple[bytes, bytes], ...]

_FRAMING: Final = frozenset({b"content-length", b"host", b"transfer-encoding"})
_OF_THE_BODY: Final = frozenset({b"content-encoding", b"content-length", b"transfer-encoding"})


@attrs.define
class Message:
    """A request without `Host` and `Content-Length`, which the HTTP library adds."""

    method: str
    url: str
    headers: RawHeaders = attrs.field(repr=False)
    content: bytes = attrs.field(repr=False)

    @classmethod
    def of(cls, request: httpx.Request) -> Message:
        """An httpx request as a message."""
        content = request.read()
        headers = (one for one in request.headers.raw if one[0].lower() not in _FRAMING)
        return cls(request.method, str(request.url), tuple(headers), content)

    def for_httpx(self) -> httpx.Request:
        """The message as an httpx request."""
        return httpx.Request(
            self.method, self.url, headers=list(self.headers), content=self.content
        )


@attrs.define
class Answer:
    """A response with its whole body, already decompressed."""

    status_code: int
    raw_headers: Callable[[], RawHeaders] = attrs.field(repr=False)
    content: bytes = attrs.field(repr=False)
    sent: Message = attrs.field(repr=False)

    @classmethod
    def decoded(cls, status_code: int, raw: RawHeaders, body: bytes, sent: Message) -> Answer:
        """A response whose body is still compressed.

        Raises:
            httpx.DecodingError: The body cannot be decompressed.
        """
        if any(name.lower() == b"content-encoding" for name, _ in raw):
            body = httpx.Response(status_code, headers=list(raw), content=body).content
        return cls(status_code, lambda: raw, body, sent)

    @property
    def is_success(self) -> bool:
        """Whether the status is 2xx."""
        return httpx.codes.is_success(self.status_code)

    @property
    def headers(self) -> httpx.Headers:
        """The headers."""
        return httpx.Headers(list(self.raw_headers()))

    @property
    def text(self) -> str:
        """The body as text."""
        return self.for_httpx().text

    def json(self) -> Any:  # noqa: ANN401  (any JSON value)
        """The body as JSON.

        Raises:
            UnreadableAnswerError: The body is not a JSON object or array.
        """
        try:
            body: Any = json.loads(self.content)
        except (ValueError, RecursionError):
            body = None
        if type(body) not in {dict, list}:
            kind = self.headers.get("Content-Type", "no content type")
            raise UnreadableAnswerError(
                f"the API answered {self.status_code} with a body that is no JSON "
                f"({kind}, {len(self.content)} bytes)"
            )
        return body

    def for_httpx(self) -> httpx.Response:
        """The response as httpx's, for callers of the generated functions."""
        headers = [one for one in self.raw_headers() if one[0].lower() not in _OF_THE_BODY]
        return _JsonResponse(
            self.status_code, headers=headers, content=self.content, request=self.sent.for_httpx()
        )


class _JsonResponse(httpx.Response):
    """httpx's response, whose `json` raises this package's error."""

    def json(self, **_: Any) -> Any:  # noqa: ANN401  (the signature of the class above)
        sent = Message("", "", (), b"")
        return Answer(self.status_code, lambda: tuple(self.headers.raw), self.content, sent).json()
