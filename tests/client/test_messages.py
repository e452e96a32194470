"""A response's body as JSON, however it is written."""

from __future__ import annotations

import codecs

import pytest

from moengage_personalize import UnreadableAnswerError
from moengage_personalize.transport.messages import Response


def response(body: bytes) -> Response:
    return Response(200, {}, body, None)


@pytest.mark.parametrize(
    "body",
    [
        b'{"a": 1}',
        b'\r\n {"a": 1}',
        b'{"a": 1} \n',
        codecs.BOM_UTF8 + b'{"a": 1}',
        '{"a": 1}'.encode("utf-16"),
    ],
    ids=["plain", "white space before", "white space after", "byte order mark", "UTF-16"],
)
def test_json_is_read_as_pythons_own_reader_reads_bytes(body: bytes) -> None:
    """Though most of it takes a shorter way."""
    assert response(body).json() == {"a": 1}


@pytest.mark.parametrize(
    "body", [b"", b'{"a": 1} {}', b'{"a": 1}x', b"1", b'"a"', b"\xff\xff", b"[" * 100_000]
)
def test_what_is_no_json_object_or_array_is_unreadable(body: bytes) -> None:
    """One error for nothing, half, too much, or a bare value."""
    with pytest.raises(UnreadableAnswerError, match="not JSON"):
        response(body).json()


def test_numbers_keep_their_precision() -> None:
    """Identifiers may have more digits than a float: faster readers make floats of these."""
    assert response(b"[12345678901234567890123]").json() == [12345678901234567890123]
