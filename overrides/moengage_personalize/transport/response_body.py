"""Reads and decompresses response bodies, in the encodings that our requests accept.

A server that never stops sending, or a few kilobytes that decompress to gigabytes, must not fill
the memory of a process, or take longer than a call's deadline.
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
MAX_SIZE: Final = 8 * 1024 * 1024
"""The most bytes of a body, as sent and decompressed; 10,000 listed experiences have 2 MB."""
_GZIP_OR_ZLIB: Final = zlib.MAX_WBITS | 32
_RAW: Final = -zlib.MAX_WBITS
"""Raw deflate, which some servers send as `deflate`."""
_PIECE: Final = 1024 * 1024
"""The bytes to decompress between two checks of the deadline."""

Chunk = Any
"""Bytes; pyreqwest has its own type for them, which Python's types cannot express yet."""


def read(response: Response, chunks: Iterable[Chunk]) -> Response:
    """Return the response with its body; an error while reading becomes its `trouble`."""
    body = bytearray()
    try:
        for chunk in chunks:
            body += chunk
            _check_size(len(body))
    except Exception as error:  # noqa: BLE001  (the status is checked first)
        response.trouble = error
    response.content = bytes(body)
    return response


async def read_async(response: Response, chunks: AsyncIterable[Chunk]) -> Response:
    """Like `read`, for async code."""
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
    """Decompress a body with a `Content-Encoding`.

    Raises:
        UnreadableAnswerError: The body is damaged or too large, or the encoding is not accepted by
            our requests.
        RequestTimeoutError: The deadline has passed.
    """
    if not body:
        return body  # a 204 may have the header without a body
    for name in reversed([part.strip().lower() for part in encoding.split(",")]):
        if name in {"gzip", "x-gzip"}:
            body = _inflate(body, _GZIP_OR_ZLIB, deadline, limit)
        elif name == "deflate":
            try:
                body = _inflate(body, _GZIP_OR_ZLIB, deadline, limit)
            except UnreadableAnswerError:
                body = _inflate(body, _RAW, deadline, limit)
        elif name not in {"", "identity"}:
            raise UnreadableAnswerError(  # without the name, which may repeat the customer
                f"the response has an unknown Content-Encoding; accepted: {ACCEPTED}"
            )
    return body


def _inflate(body: bytes, window: int, deadline: Deadline, limit: int) -> bytes:
    inflater = zlib.decompressobj(window)
    content = bytearray()
    try:
        for start in range(0, len(body), _PIECE):
            left = body[start : start + _PIECE]
            piece = b""
            while left or len(piece) == _PIECE:  # after a full piece, the inflater may have more
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
