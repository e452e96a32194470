"""An event that the server always fails over keeps no other from delivery."""

from __future__ import annotations

import itertools
import json
import socket
import struct
import time
from collections.abc import Callable

import pytest

from moengage_personalize import EventReporter, Lost, PersonalizeClient
from moengage_personalize.reporter import suspicion
from support import CONTEXT, Handler, ScriptedServer, http

Serve = Callable[[Handler], ScriptedServer]
SECONDS = 20


def failing(how: str, arrived: set[str]) -> Handler:
    """Answers well, but for requests with poison in them."""
    statuses = itertools.cycle((500, 502, 503))

    def handle(connection: socket.socket, server: ScriptedServer) -> None:
        while request := server.read_request(connection):
            body = request.partition(b"\r\n\r\n")[2]
            if b"poison" in body:
                if how == "hang":
                    server.stopped.wait(5)
                elif how == "reset":
                    linger = struct.pack("ii", 1, 0)
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                else:
                    status = next(statuses) if how == "in turn" else int(how)
                    connection.sendall(http(status, {"message": "no"}))
                    continue
                return
            arrived.update(element["customer_id"] for element in json.loads(body)["elements"])
            connection.sendall(http(200, {"req_id": "r", "status": "Success"}))

    return handle


def show(reporter: EventReporter, *customers: str) -> None:
    for customer in customers:
        reporter.shown(CONTEXT, visitor=customer)


def insist(reporter: EventReporter, is_done: Callable[[], bool]) -> None:
    """Flush again and again, which waits for no backoff."""
    deadline = time.monotonic() + SECONDS
    while not is_done():
        assert time.monotonic() < deadline, (reporter.stats, reporter.stats.last_error)
        reporter.flush(0.1)


@pytest.mark.parametrize("how", ["500", "403", "in turn", "reset", "hang"])
def test_what_is_good_arrives_though_one_event_always_fails(serve: Serve, how: str) -> None:
    """And the one is pending, not dead: a server may fail for a while."""
    arrived: set[str] = set()
    server = serve(failing(how, arrived))
    good = [f"user-{number}" for number in range(29)]
    with PersonalizeClient("w", "k", base_url=server.base_url) as client:
        reporter = EventReporter(client, request_timeout=0.3, pause=0.05)
        show(reporter, *good[:3], "poison", *good[3:])
        insist(reporter, lambda: arrived == set(good))
        insist(reporter, lambda: reporter.stats.delivered == 29)
        assert (reporter.stats.pending, reporter.stats.dead) == (1, 0)
        reporter.close(0.1)


@pytest.mark.parametrize("how", ["500", "403"])
def test_what_is_good_arrives_behind_more_than_a_request_that_always_fails(
    serve: Serve, how: str
) -> None:
    """Whether a hundred customers fail, or two hundred."""
    arrived: set[str] = set()
    server = serve(failing(how, arrived))
    with PersonalizeClient("w", "k", base_url=server.base_url) as client:
        reporter = EventReporter(client, pause=0.05, rate_share=1.0)
        show(reporter, *(f"poison-{number}" for number in range(210)), "good")
        insist(reporter, lambda: reporter.stats.delivered == 1)
        assert arrived == {"good"}
        assert (reporter.stats.pending, reporter.stats.dead) == (210, 0)
        reporter.close(0.1)


def test_what_fails_while_others_arrive_becomes_a_dead_letter(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the server's words, after several times; by itself it never does."""
    monkeypatch.setattr(suspicion, "_LONGEST_WAIT", 0.01)
    arrived: set[str] = set()
    lost: list[Lost] = []
    server = serve(failing("500", arrived))
    with PersonalizeClient("w", "k", base_url=server.base_url) as client:
        reporter = EventReporter(client, on_lost=lost.append)
        show(reporter, "first", "poison")
        insist(reporter, lambda: reporter.stats.delivered == 1)
        requests = len(server.requests)
        insist(reporter, lambda: len(server.requests) > requests + 10)
        assert lost == []

        def is_told() -> bool:
            show(reporter, "other")
            return bool(lost)

        insist(reporter, is_told)
        assert [(one.event.customer_id, one.kind) for one in lost] == [("poison", "dead")]
        assert "500" in lost[0].reason
        assert reporter.stats.dead == 1
        reporter.close(1)
        assert reporter.stats.is_balanced
