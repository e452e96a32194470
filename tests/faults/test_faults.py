"""Random runs of everything that goes wrong: each accepted event arrives once, or is accounted for.

A run is a function of its seed; FAULT_SEED begins elsewhere, FAULT_RUNS changes their number, so
that FAULT_SEED=<seed> FAULT_RUNS=1 repeats one. The first runs are a sample that every test run
has; `-m workshop` has the others.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import random
import sys
import time
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import attrs
import pytest

from fault_worker import live, make_reporter
from moengage_personalize.emulator import Emulator, Fault
from reporter.spool.harness import RedisPlace, RedisServer

FIRST_SEED = int(os.environ.get("FAULT_SEED", "20261123"))
RUNS = int(os.environ.get("FAULT_RUNS", "200"))
REDIS_RUNS = -(-RUNS // 5)
AT_ONCE = 8  # a run mostly waits: for a lease that ends, a backoff, a process that dies
SAMPLE = 2 * AT_ONCE

FORKSERVER = multiprocessing.get_context("forkserver")
# What a process would else import for longer than it lives. The fork server has not this one's
# path, and passes over in silence what it cannot find: installed modules only.
FORKSERVER.set_forkserver_preload(
    [
        "moengage_personalize.reporter.spool.redis.spool",
        "moengage_personalize.transport.backends.pyreqwest",
        "pytest",
    ]
)


@attrs.define
class Told:
    """What the processes of a run told before they ended.

    Attributes:
        name: Which run, and of what kind.
        tried: The UUIDs of events that were to be accepted.
        accepted: Those that were.
        in_memory: Those of them that a process to be killed had accepted while its spool failed:
            where the machine is so busy that a file stays locked, they wait in memory.
        lost: Those that it told to be dead or dropped.
    """

    name: str
    tried: set[str] = attrs.field(factory=set)
    accepted: set[str] = attrs.field(factory=set)
    in_memory: set[str] = attrs.field(factory=set)
    lost: set[str] = attrs.field(factory=set)

    def __str__(self) -> str:
        counts = f"{len(self.accepted)} accepted, {len(self.lost)} dead or dropped"
        return f"{self.name}, {counts}, {len(self.in_memory)} in memory"

    def listen(
        self, pipe: Connection, seconds: float | None = None, *, first: bool = False
    ) -> bool:
        """Note what comes, until the time is over or the process has nothing more to say.

        With `first`, until it has accepted an event.
        """
        until = None if seconds is None else time.monotonic() + seconds
        with contextlib.suppress(EOFError, ConnectionResetError):
            while until is None or pipe.poll(max(0.0, until - time.monotonic())):
                kind, uuid = pipe.recv()
                if kind in {"closed", "idle"}:
                    return True
                getattr(self, kind).add(uuid)
                if first and kind == "accepted":
                    return True
        return False


def a_fault(rng: random.Random) -> Fault:
    times = rng.randint(1, 4)
    faults: list[Fault] = [
        Fault.status(rng.choice([500, 502, 503]), times=times),
        Fault.after_processing(Fault.status(500, times=times)),
        Fault.after_processing(Fault.drop(times=times)),
        Fault.drop(times=times),
        Fault.drop(reset=True, times=times),
        Fault.half_body(times=times),
        Fault.after_processing(Fault.half_body(times=times)),
        Fault.hang(times=1),
        Fault.after_processing(Fault.hang(times=1)),
        Fault.latency(rng.random() * 0.1, times=times),
        Fault.rate_limited(retry_after=1, times=1),
    ]
    return rng.choice(faults)


@contextlib.contextmanager
def processes(
    emulator: Emulator, place: Path | RedisPlace, rng: random.Random, *, full_disk: bool
) -> Generator[list[tuple[Any, Connection]]]:
    """One life, or two at once, on one spool; nobody outlives the block."""
    lives: list[tuple[Any, Connection]] = []
    for _ in range(rng.choice([1, 1, 2])):
        here, there = FORKSERVER.Pipe(duplex=False)
        process = FORKSERVER.Process(
            target=live,
            args=(emulator.base_url, place, rng.randrange(2**32), there),
            kwargs={"full_disk": full_disk},
            daemon=True,
        )
        process.start()
        there.close()
        lives.append((process, here))
    try:
        yield lives
    finally:
        for process, pipe in lives:
            process.kill()
            process.join(5)
            pipe.close()


def run(seed: int, folder: Path, server: RedisServer | None = None) -> Told:
    """One run; raises where an event is unaccounted for."""
    rng = random.Random(seed)
    place: Path | RedisPlace = folder / f"{seed}.db"
    full_disk = rng.random() < 0.15
    if server is not None:
        place, full_disk = RedisPlace(server.url, f"faults:{seed}"), False
    kind = "full disk" if full_disk else "killed" if server is None else "killed, Redis"
    told = Told(f"seed {seed}: {kind}")
    with Emulator() as emulator:
        for _ in range(rng.randint(1, 3)):
            for _ in range(rng.randint(0, 2)):
                emulator.fail(rng.choice(["reportExperienceEvents", None]), a_fault(rng))
            is_down = rng.random() < 0.2
            if is_down:
                emulator.stop()
            with processes(emulator, place, rng, full_disk=full_disk) as lives:
                for _, pipe in lives:  # however slow the machine is, something is at stake
                    assert told.listen(pipe, 60, first=True), f"seed {seed}: nothing was accepted"
                if full_disk:
                    end_in_order(emulator, lives, told, is_down=is_down)
                else:
                    kill(lives, told, rng)
            if is_down and not full_disk:
                emulator.start()
        emulator.heal()
        check(seed, emulator, place, told)
    return told


def end_in_order(
    emulator: Emulator, lives: list[tuple[Any, Connection]], told: Told, *, is_down: bool
) -> None:
    """Let processes close by themselves: what waits in memory would die with them."""
    for _, pipe in lives:
        told.listen(pipe, 0.2)
    if is_down:
        emulator.start()
    emulator.heal()
    for _, pipe in lives:
        told.listen(pipe)


def kill(lives: list[tuple[Any, Connection]], told: Told, rng: random.Random) -> None:
    """Kill processes at odd moments, and hear what they still had to say."""
    for process, pipe in lives:
        told.listen(pipe, rng.random() * 0.3)
        process.kill()  # SIGKILL, unless it has closed and gone by itself
        told.listen(pipe)


def check(seed: int, emulator: Emulator, place: Path | RedisPlace, told: Told) -> None:
    """Deliver the rest, and compare."""
    reporter = make_reporter(emulator.base_url, place)
    deadline = time.monotonic() + 60  # a busy machine is no loss
    while reporter.stats.pending and time.monotonic() < deadline:
        time.sleep(0.01)
    counts = reporter.stats
    dead = {str(letter.event.uuid) for letter in reporter._spool.dead_letters()}
    reporter.close(1)
    received = [str(event.uuid) for event in emulator.events]
    arrived = set(received)
    assert len(received) == len(arrived), f"seed {seed}: an event counts twice"
    assert counts.is_balanced, f"seed {seed}: {counts}"
    assert counts.pending == 0, f"seed {seed}: {counts}"
    missing = told.accepted - told.in_memory - arrived - dead - told.lost
    assert not missing, f"seed {seed}: {len(missing)} of {len(told.accepted)} events are nowhere"
    assert not arrived & dead, f"seed {seed}: an event is delivered and dead"
    assert arrived | dead <= told.tried, f"seed {seed}: an event came from nowhere"
    assert not (told.lost - dead) & arrived, f"seed {seed}: an event is lost and delivered"


def batches(runs: int, sample: int) -> list[Any]:
    """The seeds that run at once; those after the sample run only when asked for."""
    seeds = range(FIRST_SEED, FIRST_SEED + runs)
    return [
        pytest.param(
            seeds[start : start + AT_ONCE],
            id=f"from seed {seeds[start]}",
            marks=pytest.mark.workshop if start >= sample else (),
        )
        for start in range(0, runs, AT_ONCE)
    ]


@pytest.mark.parametrize("seeds", batches(RUNS, SAMPLE))
def test_random_faults_lose_and_double_nothing(
    seeds: range, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Kill -9, restarts, server down, 5xx, half answers, hangs, a full disk, two on one file."""
    run_all(seeds, partial(run, folder=tmp_path), capfd)


@pytest.mark.parametrize("seeds", batches(REDIS_RUNS, AT_ONCE))
def test_random_faults_lose_and_double_nothing_in_redis(
    seeds: range, redis_server: RedisServer, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """The same, but for what only a disk can do; the events wait in a real Redis server."""
    run_all(seeds, partial(run, folder=tmp_path, server=redis_server), capfd)


def run_all(seeds: range, one: Callable[[int], Told], capfd: pytest.CaptureFixture[str]) -> None:
    """All at once; prints their seeds and their count, and makes sure that they prove something."""
    with ThreadPoolExecutor(len(seeds)) as threads:
        runs = list(threads.map(one, seeds))
    counted = f"{len(runs)} fault runs:"
    with capfd.disabled():  # to standard error, as a worker of pytest-xdist has no other output
        print("", counted, *runs, sep="\n", file=sys.stderr)  # noqa: T201  (seeds and counts)
    durable = sum(len(told.accepted - told.in_memory) for told in runs)
    assert durable > sum(len(told.in_memory) for told in runs), "most events waited in memory"
