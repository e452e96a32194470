"""Reads and decompresses response bodies: what `Accept-Encoding` of our requests offers.

Neither a server that never stops sending nor a few kilobytes that decompress to gigabytes may take
the memory of a process, or outlast a call's deadline.
"""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterable, Iterable
from typing import Any, Final

from moengage_personalize.errors import UnreadableAnswerError

from .deadline import Deadline
from .messages import Response

__all__ = ["ACCEPTED", "MAX_SIZE", "decompress", "read", "read_async"]

ACCEPTED: Final = "gzip, deflate"
MAX_SIZE: Final = 64 * 1024 * 1024
"""Bytes of a body, as it is sent and decompressed."""
_GZIP_OR_ZLIB: Final = zlib.MAX_WBITS | 32
_RAW: Final = -zlib.MAX_WBITS
"""Some servers mean this by `deflate`."""
_PIECE: Final = 1024 * 1024
"""Bytes that are decompressed between two looks at the clock."""

Chunk = Any
"""Bytes; pyreqwest's are of its own type, which types of Python cannot tell yet."""


def read(response: Response, chunks: Iterable[Chunk]) -> Response:
    """The response with its body; what goes wrong meanwhile is `trouble` of the response."""
    body = bytearray()
    try:
        for chunk in chunks:
            body += chunk
            _check_size(len(body))
    except Exception as error:  # noqa: BLE001  (the status is judged first)
        response.trouble = error
    response.content = bytes(body)
    return response


async def read_async(response: Response, chunks: AsyncIterable[Chunk]) -> Response:
    """As `read`, for async code."""
    body = bytearray()
    try:
        async for chunk in chunks:
            body += chunk
            _check_size(len(body))
    except Exception as error:  # noqa: BLE001  (as above)
        response.trouble = error
    response.content = bytes(body)
    return response


def decompress(body: bytes, encoding: str, deadline: Deadline, limit: int = MAX_SIZE) -> bytes:
    """The body before the server applied a `Content-Encoding` to it.

    Raises:
        UnreadableAnswerError: The body is damaged or too large, or the encoding is not one that we
            accept.
        RequestTimeoutError: The deadline has passed.
    """
    if not body:
        return body  # a 204 with the header of a body
    for name in reversed([part.strip().lower() for part in encoding.split(",")]):
        if name in {"gzip", "x-gzip"}:
            body = _inflate(body, _GZIP_OR_ZLIB, deadline, limit)
        elif name == "deflate":
            try:
                body = _inflate(body, _GZIP_OR_ZLIB, deadline, limit)
            except UnreadableAnswerError:
                body = _inflate(body, _RAW, deadline, limit)
        elif name not in {"", "identity"}:
            raise UnreadableAnswerError(
                f"the response has the Content-Encoding {name!r}; accepted: {ACCEPTED}"
            )
    return body


def _inflate(body: bytes, window: int, deadline: Deadline, limit: int) -> bytes:
    inflater = zlib.decompressobj(window)
    content = bytearray()
    try:
        for start in range(0, len(body), _PIECE):
            left = body[start : start + _PIECE]
            piece = b""
            while left or len(piece) == _PIECE:  # a full one may leave a rest in the inflater
                deadline.remaining_or_raise()
                piece = inflater.decompress(left, _PIECE)
                content += piece
                _check_size(len(content), limit)
                left = inflater.unconsumed_tail
    except zlib.error as error:
        raise UnreadableAnswerError(f"the response cannot be decompressed: {error}") from None
    if not inflater.eof:
        raise UnreadableAnswerError("the response cannot be decompressed: it is cut short")
    return bytes(content)


def _check_size(size: int, limit: int = MAX_SIZE) -> None:
    if size > limit:
        raise UnreadableAnswerError(f"the response is larger than {limit:,} bytes")
