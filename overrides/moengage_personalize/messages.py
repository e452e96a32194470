"""What goes over the wire and what comes back, whichever HTTP library carries it."""

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
"""They tell of the body as it came, and httpx would decode it once more."""


@attrs.define
class Message:
    """A request, complete but for what frames it: `Host` and `Content-Length` are the carrier's.

    Attributes:
        method: In capitals.
        url: The whole address.
        headers: Names and values.
        content: The body.
    """

    method: str
    url: str
    headers: RawHeaders = attrs.field(repr=False)
    content: bytes = attrs.field(repr=False)

    @classmethod
    def of(cls, request: httpx.Request) -> Message:
        """A request of httpx's, whose body is read for it."""
        content = request.read()
        headers = (one for one in request.headers.raw if one[0].lower() not in _FRAMING)
        return cls(request.method, str(request.url), tuple(headers), content)

    def for_httpx(self) -> httpx.Request:
        """The same, for httpx."""
        return httpx.Request(
            self.method, self.url, headers=list(self.headers), content=self.content
        )


class _Late:
    """Calls its class's constructor only where somebody asks for what that would have set."""

    _late: Callable[[], None]

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  (whatever the class has)
        late = self.__dict__.pop("_late", None)
        if late is None:
            raise AttributeError(name)
        late()
        return getattr(self, name)


class _Headers(_Late, httpx.Headers):
    """Headers that are taken apart with their first use: few callers look at any."""

    def __init__(self, raw: Callable[[], RawHeaders]) -> None:
        self._late = lambda: httpx.Headers.__init__(self, list(raw()))


class Answer(_Late, httpx.Response):
    """A response that has its whole body, and says clearly when that cannot be read.

    It is httpx's in every respect. What httpx would make of it beforehand costs more than reading
    it, so that is made with its first use.

    Args:
        status_code: The status.
        raw_headers: Gives names and values, should anybody want them.
        body: Without what `Content-Encoding` did to it.
        sent: What it answers.
    """

    def __init__(
        self, status_code: int, raw_headers: Callable[[], RawHeaders], body: bytes, sent: Message
    ) -> None:
        self.status_code = status_code
        self.headers = _Headers(raw_headers)
        self.sent = sent
        self._body = body
        self._late = self._complete

    @classmethod
    def decoded(cls, status_code: int, raw: RawHeaders, body: bytes, sent: Message) -> Answer:
        """An answer whose body is as it came.

        Raises:
            httpx.DecodingError: The body cannot be decoded.
        """
        if any(name.lower() == b"content-encoding" for name, _ in raw):
            body = httpx.Response(status_code, headers=list(raw), content=body).content
        return cls(status_code, lambda: raw, body, sent)

    def _complete(self) -> None:
        headers = [one for one in self.headers.raw if one[0].lower() not in _OF_THE_BODY]
        httpx.Response.__init__(
            self,
            self.status_code,
            headers=headers,
            content=self._body,
            request=self.sent.for_httpx(),
        )

    @property
    def content(self) -> bytes:
        """The body."""
        return self._body

    def json(self, **kwargs: Any) -> Any:  # noqa: ANN401  (the signature of the class above)
        """The body as JSON.

        Raises:
            UnreadableAnswerError: It is no JSON object or array.
        """
        try:
            body: Any = json.loads(self._body, **kwargs)
        except (ValueError, RecursionError):
            body = None
        if type(body) not in {dict, list}:
            kind = self.headers.get("Content-Type", "no content type")
            raise UnreadableAnswerError(
                f"the API answered {self.status_code} with a body that is no JSON "
                f"({kind}, {len(self._body)} bytes)"
            )
        return body
