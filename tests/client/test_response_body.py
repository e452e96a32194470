"""Bodies of responses: both compressions that are offered, damage of every kind, and bounds."""

from __future__ import annotations

import gzip
import itertools
import json
import socket
import tracemalloc
import zlib
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from moengage_personalize import (
    AuthenticationError,
    ConnectionFailedError,
    RequestTimeoutError,
    ServerError,
    UnreadableAnswerError,
)
from moengage_personalize.transport import response_body
from moengage_personalize.transport.attempt import Attempt
from moengage_personalize.transport.deadline import Deadline
from moengage_personalize.transport.messages import Request, Response
from moengage_personalize.transport.response_body import decompress, read
from support import Driver, Handler, ScriptedServer, experiences, http

Answering = Callable[..., ScriptedServer]
Serve = Callable[[Handler], ScriptedServer]
BODY = json.dumps(experiences("a")).encode()
MEGABYTE = 1024 * 1024


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
    assert decompress(compressed, encoding, Deadline(5)) == BODY


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", b"no gzip"),
        ("gzip", gzip.compress(BODY)[:-9]),
        ("deflate", b"no deflate"),
        ("br", BODY),
    ],
    ids=["damaged", "cut short", "neither deflate", "not offered"],
)
def test_what_cannot_be_decompressed_is_unreadable(encoding: str, body: bytes) -> None:
    """And not a failed connection, which would be retried."""
    with pytest.raises(UnreadableAnswerError):
        decompress(body, encoding, Deadline(5))


def test_a_small_body_that_decompresses_to_a_huge_one_is_refused() -> None:
    """A process must not die of an answer: 100 kB may stand for 100 MB."""
    bomb = gzip.compress(bytes(100 * MEGABYTE))
    tracemalloc.start()
    with pytest.raises(UnreadableAnswerError, match="larger than 8,388,608 bytes"):
        decompress(bomb, "gzip", Deadline(60))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20 * MEGABYTE


def test_what_is_read_has_a_bound() -> None:
    """However long the server sends."""
    response = read(Response(200, {}), itertools.repeat(bytes(MEGABYTE), 100))
    assert "larger than 8,388,608 bytes" in str(response.trouble)


@pytest.mark.parametrize("size", [MEGABYTE - 1, MEGABYTE, MEGABYTE + 1, 5 * MEGABYTE])
@pytest.mark.parametrize("level", [0, 9])
def test_what_is_decompressed_in_pieces_is_whole(size: int, level: int) -> None:
    """Whether a piece ends before or behind its compressed bytes."""
    content = b"%08d" * (size // 8) + b"x" * (size % 8)
    assert decompress(gzip.compress(content, level), "gzip", Deadline(60)) == content


def test_decompressing_ends_at_the_deadline() -> None:
    """However small the body is."""
    with pytest.raises(RequestTimeoutError):
        decompress(gzip.compress(BODY), "gzip", Deadline(0))


def test_a_body_that_came_after_the_deadline_is_not_parsed() -> None:
    """Parsing megabytes takes seconds, which a call whose time is over does not have."""
    attempt = Attempt(Request("POST", "http://127.0.0.1:9", (), b""), Deadline(0))
    with pytest.raises(RequestTimeoutError):
        attempt.accepted(Response(200, {}, BODY))


def own_client(kind: str) -> Any:
    """An httpx client as an application has it."""
    limits = httpx.Limits(max_keepalive_connections=0)
    return httpx.Client(limits=limits) if kind == "sync" else httpx.AsyncClient(limits=limits)


def endless(head: bytes) -> Handler:
    """Send a head, and a body for as long as somebody reads it."""

    def handle(connection: socket.socket, server: ScriptedServer) -> None:
        server.read_request(connection)
        connection.sendall(head + b"\r\n\r\n")
        while not server.stopped.is_set():
            connection.sendall(bytes(MEGABYTE))

    return handle


OWN_CLIENT = pytest.mark.parametrize("brought", [False, True], ids=["ours", "own client"])


@pytest.fixture
def lower_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bound that is quickly passed, instead of 8 MB, which the tests above pass."""
    monkeypatch.setattr(response_body._check_size, "__defaults__", (MEGABYTE,))
    monkeypatch.setattr(decompress, "__defaults__", (MEGABYTE,))


@pytest.mark.usefixtures("lower_bound")
@OWN_CLIENT
@pytest.mark.parametrize(
    ("status", "error"), [(200, UnreadableAnswerError), (401, AuthenticationError)]
)
@pytest.mark.filterwarnings("ignore:Async generator:ResourceWarning")  # httpcore's, on trio
def test_an_endless_body_is_not_read_to_the_end_of_memory(
    call: Driver, serve: Serve, status: int, error: type[Exception], *, brought: bool
) -> None:
    """Once more than the bound has come; the status is known by then."""
    server = serve(endless(b"HTTP/1.1 %d Status" % status))
    options = {"http_client": own_client(call.kind)} if brought else {}
    with pytest.raises(error):
        call(server.base_url, "fetch", "a", timeout=30, **options)


@pytest.mark.usefixtures("lower_bound")
@OWN_CLIENT
def test_a_bomb_is_refused_by_every_client(
    call: Driver, answering: Answering, *, brought: bool
) -> None:
    """Also over httpx, which would decompress it whole."""
    server = answering(http(200, gzip.compress(bytes(2 * MEGABYTE)), Content_Encoding="gzip"))
    options = {"http_client": own_client(call.kind)} if brought else {}
    with pytest.raises(UnreadableAnswerError, match="larger"):
        call(server.base_url, "fetch", "a", timeout=30, **options)


@OWN_CLIENT
@pytest.mark.parametrize(
    "answer",
    [
        http(401, b"<html>", Content_Encoding="gzip"),
        http(401, b"<html>", Content_Encoding="br"),
        http(401, b"<html>", content_type="text/html"),
        http(401, gzip.compress(BODY)[:-9], Content_Encoding="gzip"),
        http(401, gzip.compress(bytes(2 * MEGABYTE)), Content_Encoding="gzip"),
    ],
    ids=["no gzip", "not offered", "a page", "cut gzip", "a bomb"],
)
def test_the_status_is_judged_before_the_body(
    call: Driver, serve: Serve, answer: bytes, *, brought: bool
) -> None:
    """Wrong credentials are told as such, and not tried again."""

    def handle(connection: socket.socket, server: ScriptedServer) -> None:
        server.read_request(connection)
        connection.sendall(answer)

    server = serve(handle)
    options = {"http_client": own_client(call.kind)} if brought else {}
    with pytest.raises(AuthenticationError):
        call(server.base_url, "fetch", "a", **options)
    assert len(server.requests) == 1


@OWN_CLIENT
def test_a_success_whose_body_breaks_off_is_a_failed_connection(
    call: Driver, serve: Serve, *, brought: bool
) -> None:
    """And so retried."""

    def handle(connection: socket.socket, server: ScriptedServer) -> None:
        server.read_request(connection)
        connection.sendall(http(200, BODY)[:-9])

    server = serve(handle)
    options = {"http_client": own_client(call.kind)} if brought else {}
    with pytest.raises(ConnectionFailedError):
        call(server.base_url, "fetch", "a", retries=1, **options)
    assert len(server.requests) == 2


@OWN_CLIENT
def test_a_damaged_body_hides_no_status(
    call: Driver, answering: Answering, *, brought: bool
) -> None:
    """A gateway that mislabels its 503 is still busy, and the request is retried."""
    server = answering(
        http(503, b"busy", Content_Encoding="gzip"),
        http(200, gzip.compress(BODY), Content_Encoding="gzip"),
    )
    options = {"http_client": own_client(call.kind)} if brought else {}
    assert list(call(server.base_url, "fetch", "a", **options)) == ["a"]
    broken = answering(http(503, b"busy", Content_Encoding="gzip"))
    with pytest.raises(ServerError, match="503"):
        call(broken.base_url, "fetch", "a", retries=0)


def test_a_compressed_error_keeps_its_words(call: Driver, answering: Answering) -> None:
    """The API's own title is read."""
    body = gzip.compress(json.dumps({"title": "Busy"}).encode())
    server = answering(http(503, body, Content_Encoding="gzip"))
    with pytest.raises(ServerError, match="503 Busy"):
        call(server.base_url, "fetch", "a", retries=0)
