"""What the tests of spools share: events, servers, and one way to make each kind of spool."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

import attrs
import pytest
import redis

from moengage_personalize.models.events import Event
from moengage_personalize.reporter.spool import (
    Limits,
    MemorySpool,
    ResilientSpool,
    Spool,
    SQLiteSpool,
)
from moengage_personalize.reporter.spool.redis.scripts import LONGEST_LEASE, MARK
from moengage_personalize.reporter.spool.redis.spool import RedisSpool
from moengage_personalize.reporter.spool.sqlite.file import SQLiteFile
from provisioning.debian import find_program
from support import CONTEXT

KINDS = ("memory", "sqlite", "resilient", "redis")
DURABLE = ("sqlite", "resilient", "redis")
PRELUDE = f"""
import os, sys, time
from moengage_personalize.models.events import Event
from moengage_personalize.reporter.spool import Limits, ResilientSpool, SQLiteSpool
from moengage_personalize.reporter.spool.sqlite.file import SQLiteFile

def event(customer_id="user"):
    return Event.shown({CONTEXT!r}, visitor=customer_id)

def say(*words):
    print(*words, flush=True)
"""


def event(customer_id: str = "user") -> Event:
    """An impression."""
    return Event.shown(CONTEXT, visitor=customer_id)


def command(script: str, *arguments: object) -> list[str]:
    """Run a script in a process of its own; it may use `event` and `say`."""
    return [sys.executable, "-c", PRELUDE + script, *map(str, arguments)]


def output(
    script: str, *arguments: object, prefix: Sequence[str] = (), stderr: int | None = None
) -> list[str]:
    """The lines that such a process says until its end, which must be a success."""
    run = [*prefix, *command(script, *arguments)]
    done = subprocess.run(
        run, stdout=subprocess.PIPE, stderr=stderr, text=True, timeout=30, check=True
    )
    return done.stdout.splitlines()


def go_together(processes: Sequence[subprocess.Popen[str]]) -> None:
    """Let processes go on that say "ready", once all have, and wait for a line."""
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()


def uuids(spool: Spool, owner: str = "all of it", *, seconds: float = 60) -> list[str]:
    """Lease everything; the UUIDs, in the spool's order."""
    found: list[str] = []
    while leased := spool.lease(owner, events=1_000, users=1_000, seconds=seconds):
        found += [str(one.event.uuid) for one in leased]
    return found


class Place(Protocol):
    """Where a spool may be opened, and time be let pass."""

    def open(self, limits: Limits | None = None) -> Spool: ...

    def let_pass(self, seconds: float) -> None: ...


@attrs.define
class ClockedPlace:
    """Memory or a file, with a clock of the test's."""

    kind: str
    path: Path
    now: float = 1_000.0

    def open(self, limits: Limits | None = None) -> Spool:
        if self.kind == "memory":
            return MemorySpool(limits, clock=lambda: self.now)
        if self.kind == "sqlite":
            return SQLiteSpool(self.path, limits, clock=lambda: self.now)
        return ResilientSpool(SQLiteFile(self.path, limits, clock=lambda: self.now), limits)

    def let_pass(self, seconds: float) -> None:
        self.now += seconds


@attrs.define
class RedisPlace:
    """A server; its clock cannot be moved, but how long an entry has been idle can."""

    url: str
    name: str

    def open(self, limits: Limits | None = None) -> Spool:
        # A generous timeout, as the machine may be busy with other tests.
        return RedisSpool(self.url, name=self.name, limits=limits, timeout=5)

    def let_pass(self, seconds: float) -> None:
        key, group = f"{{{self.name}}}:pending", MARK
        with redis.Redis.from_url(self.url, decode_responses=True) as client:
            if not client.exists(key):
                return
            rows: Any = client.xpending_range(key, group, "-", "+", 100_000)
            for row in rows:
                idle = row["time_since_delivered"] + int(seconds * 1_000)
                client.xclaim(
                    key,
                    group,
                    row["consumer"],
                    0,
                    [row["message_id"]],
                    idle=min(idle, 2 * LONGEST_LEASE * 1_000),
                    justid=True,
                )


@attrs.define
class RedisServer:
    """A `redis-server` of the tests' own, on a socket in a folder."""

    folder: Path
    options: tuple[str, ...] = ()
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"unix://{self.folder}/redis.sock"

    def start(self) -> None:
        # The kernel ends it with this process, should the tests be killed.
        with_parent = ["setpriv", "--pdeathsig", "KILL"] if shutil.which("setpriv") else []
        self.process = subprocess.Popen(
            [
                *with_parent,
                redis_server_binary(),
                *("--port", "0", "--unixsocket", str(self.folder / "redis.sock")),
                *("--dir", str(self.folder), "--save", "", "--appendonly", "no"),
                *self.options,
            ],
            stdout=subprocess.DEVNULL,
        )
        wait_until(self.is_up)

    def is_up(self) -> bool:
        try:
            with redis.Redis.from_url(self.url) as client:
                return bool(client.ping())
        except redis.AuthenticationError:
            return True
        except (redis.ConnectionError, OSError):
            return False

    def signal(self, number: signal.Signals) -> None:
        assert self.process is not None
        os.kill(self.process.pid, number)

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


def running_redis(*options: str) -> Iterator[RedisServer]:
    """A server until the end of a fixture."""
    # Not pytest's folder: a socket's path may have a hundred characters only.
    folder = Path(tempfile.mkdtemp(prefix="redis-"))
    server = RedisServer(folder, options)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder)


def redis_server_binary() -> str:
    """A real server: Debian's, which is installed where it is missing."""
    found = find_program("redis-server", "redis-server")
    if found is None:
        pytest.fail("these tests need a Redis server: apt-get install -y redis-server")
    return found


def wait_until(is_so: Callable[[], bool], seconds: float = 10) -> None:
    """Wait for it, and fail where it does not come."""
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.01)
