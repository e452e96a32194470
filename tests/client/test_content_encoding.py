"""Compressed responses: both compressions that are offered, and damage of every kind."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable

import pytest

from moengage_personalize import ServerError, UnreadableAnswerError
from moengage_personalize.transport.content_encoding import decompress
from support import Driver, ScriptedServer, experiences, http

Answering = Callable[..., ScriptedServer]
BODY = json.dumps(experiences("a")).encode()


def raw_deflate(content: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return compressor.compress(content) + compressor.flush()


@pytest.mark.parametrize(
    ("encoding", "compressed"),
    [
        ("gzip", gzip.compress(BODY)),
        ("GZIP", gzip.compress(BODY)),
        ("deflate", zlib.compress(BODY)),
        ("deflate", raw_deflate(BODY)),
        ("deflate, gzip", gzip.compress(zlib.compress(BODY))),
        ("identity", BODY),
    ],
)
def test_what_is_offered_is_decompressed(encoding: str, compressed: bytes) -> None:
    """Deflate in both of its meanings, and one compression over another."""
    assert decompress(compressed, encoding) == BODY


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", b"no gzip"),
        ("gzip", gzip.compress(BODY)[:-9]),
        ("gzip", b""),
        ("deflate", b"no deflate"),
        ("br", BODY),
    ],
    ids=["damaged", "cut short", "empty", "neither deflate", "not offered"],
)
def test_what_cannot_be_decompressed_is_unreadable(encoding: str, body: bytes) -> None:
    """And not a failed connection, which would be retried."""
    with pytest.raises(UnreadableAnswerError):
        decompress(body, encoding)


def test_a_small_body_that_decompresses_to_a_huge_one_is_refused() -> None:
    """A process must not die of an answer."""
    bomb = gzip.compress(bytes(65 * 1024 * 1024))
    with pytest.raises(UnreadableAnswerError, match="more than 67,108,864 bytes"):
        decompress(bomb, "gzip")


def test_a_damaged_body_hides_no_status(call: Driver, answering: Answering) -> None:
    """A gateway that mislabels its 503 is still busy, and the request is retried."""
    server = answering(
        http(503, b"busy", Content_Encoding="gzip"),
        http(200, gzip.compress(BODY), Content_Encoding="gzip"),
    )
    assert list(call(server.base_url, "fetch", "a")) == ["a"]
    broken = answering(http(503, b"busy", Content_Encoding="gzip"))
    with pytest.raises(ServerError, match="503"):
        call(broken.base_url, "fetch", "a", retries=0)


def test_a_compressed_error_keeps_its_words(call: Driver, answering: Answering) -> None:
    """The API's own title is read."""
    body = gzip.compress(json.dumps({"title": "Busy"}).encode())
    server = answering(http(503, body, Content_Encoding="gzip"))
    with pytest.raises(ServerError, match="503 Busy"):
        call(server.base_url, "fetch", "a", retries=0)
