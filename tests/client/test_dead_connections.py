"""Connections that went silent while nobody used them, as after an outage of the network."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import anyio
import pytest

from moengage_personalize import AsyncPersonalizeClient, PersonalizeClient, RequestTimeoutError
from support import Handler, ScriptedServer, experiences, http

POOLED = 15
KINDS = ["sync", "asyncio", "trio"]


class Outage:
    """A server that answers so many requests only together; silent on the connections it had."""

    def __init__(self, serve: Callable[[Handler], ScriptedServer]) -> None:
        self.is_over = False
        self._together = threading.Barrier(POOLED)
        self.server = serve(self._handle)

    def _handle(self, connection: socket.socket, server: ScriptedServer) -> None:
        is_new = self.is_over
        while server.read_request(connection):
            if self.is_over and not is_new:
                server.stopped.wait()
            elif not self.is_over:
                self._together.wait(20)
            connection.sendall(http(200, experiences("a")))


@pytest.fixture
def outage(serve: Callable[[Handler], ScriptedServer]) -> Outage:
    return Outage(serve)


def failures_sync(outage: Outage) -> int:
    failed = 0
    with PersonalizeClient("W", "K", base_url=outage.server.base_url) as client:
        with ThreadPoolExecutor(POOLED) as threads:
            for _ in range(POOLED):
                threads.submit(client.fetch, "a", timeout=20)
        outage.is_over = True
        for _ in range(POOLED):
            with contextlib.suppress(RequestTimeoutError):
                client.fetch("a", timeout=0.5)
                continue
            failed += 1
    return failed


async def failures_async(outage: Outage) -> int:
    failed = 0
    async with AsyncPersonalizeClient("W", "K", base_url=outage.server.base_url) as client:
        async with anyio.create_task_group() as tasks:
            for _ in range(POOLED):
                tasks.start_soon(lambda: client.fetch("a", timeout=20))
        outage.is_over = True
        for _ in range(POOLED):
            with contextlib.suppress(RequestTimeoutError):
                await client.fetch("a", timeout=0.5)
                continue
            failed += 1
    return failed


@pytest.mark.parametrize("kind", KINDS)
def test_an_outage_that_has_ended_costs_one_call_not_one_for_each_connection(
    outage: Outage, kind: str
) -> None:
    """A time-out takes the idle connections with it; two, should a busy machine add one."""
    if kind == "sync":
        failed = failures_sync(outage)
    else:
        failed = anyio.run(failures_async, outage, backend=kind)
    assert failed in {1, 2}


def test_calls_under_way_outlive_the_time_out_of_another(
    serve: Callable[[Handler], ScriptedServer],
) -> None:
    """Only idle connections are closed."""
    release = threading.Event()

    def handle(connection: socket.socket, server: ScriptedServer) -> None:
        while request := server.read_request(connection):
            if b"slow" in request:
                release.wait(10)
            elif b"never" in request:
                server.stopped.wait()
            connection.sendall(http(200, experiences("a")))

    base_url = serve(handle).base_url
    with (
        PersonalizeClient("W", "K", base_url=base_url, retries=0) as client,
        ThreadPoolExecutor(1) as threads,
    ):
        client.fetch("a")
        slow = threads.submit(client.fetch, "a", visitor="slow")
        with pytest.raises(RequestTimeoutError):
            client.fetch("a", visitor="never", timeout=0.5)
        release.set()
        assert list(slow.result()) == ["a"]
