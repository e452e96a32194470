"""Places to open spools at, and a Redis server."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from moengage_personalize.reporter.spool import Limits, Spool
from reporter.spool.harness import (
    KINDS,
    ClockedPlace,
    Place,
    RedisPlace,
    RedisServer,
    command,
    running_redis,
)
from support import Start

Open = Callable[..., Spool]


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """One server for all tests; each uses names of its own."""
    yield from running_redis()


@pytest.fixture
def own_redis_server(request: pytest.FixtureRequest) -> Iterator[RedisServer]:
    """A server that a test may stop, kill or fill; its options are the parameter."""
    yield from running_redis(*getattr(request, "param", ()))


@pytest.fixture
def python(start: Start) -> Start:
    """Start scripts, which may use `event` and `say`."""

    def run(script: str, *arguments: object, **options: Any) -> subprocess.Popen[str]:
        return start(command(script, *arguments), **{"stderr": None} | options)

    return run


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    """Each test with it runs on every kind of spool."""
    return str(request.param)


@pytest.fixture
def place(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> Place:
    """Where spools of the test's `kind` are opened."""
    if kind == "redis":
        server: RedisServer = request.getfixturevalue("redis_server")
        return RedisPlace(server.url, f"test:{uuid4().hex}")
    return ClockedPlace(kind, tmp_path / "events.db")


@pytest.fixture
def opened(place: Place) -> Iterator[Open]:
    """Open spools, which are closed at the end."""
    spools: list[Spool] = []

    def open_(limits: Limits | None = None) -> Spool:
        spools.append(place.open(limits))
        return spools[-1]

    yield open_
    for spool in spools:
        spool.close()
