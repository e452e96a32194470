"""Decompresses response bodies: what `Accept-Encoding` of our requests offers."""

from __future__ import annotations

import zlib
from typing import Final

from moengage_personalize.errors import UnreadableAnswerError

__all__ = ["ACCEPTED", "decompress"]

ACCEPTED: Final = "gzip, deflate"
_GZIP_OR_ZLIB: Final = zlib.MAX_WBITS | 32
_MAX_SIZE: Final = 64 * 1024 * 1024
"""Bytes of a decompressed body; a few kilobytes can be made to decompress to gigabytes."""
_RAW: Final = -zlib.MAX_WBITS
"""Some servers mean this by `deflate`."""


def decompress(body: bytes, encoding: str) -> bytes:
    """The body before the server applied a `Content-Encoding` to it.

    Raises:
        UnreadableAnswerError: The body is damaged, or the encoding is not one that we accept.
    """
    for name in reversed([part.strip().lower() for part in encoding.split(",")]):
        if name in {"gzip", "x-gzip"}:
            body = _inflate(body, _GZIP_OR_ZLIB)
        elif name == "deflate":
            try:
                body = _inflate(body, _GZIP_OR_ZLIB)
            except UnreadableAnswerError:
                body = _inflate(body, _RAW)
        elif name not in {"", "identity"}:
            raise UnreadableAnswerError(
                f"the response has the Content-Encoding {name!r}; accepted: {ACCEPTED}"
            )
    return body


def _inflate(body: bytes, window: int) -> bytes:
    inflater = zlib.decompressobj(window)
    try:
        content = inflater.decompress(body, _MAX_SIZE)
    except zlib.error as error:
        raise UnreadableAnswerError(f"the response cannot be decompressed: {error}") from None
    if inflater.unconsumed_tail:
        raise UnreadableAnswerError(f"the response decompresses to more than {_MAX_SIZE:,} bytes")
    if not inflater.eof:
        raise UnreadableAnswerError("the response cannot be decompressed: it is cut short")
    return content
