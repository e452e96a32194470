"""Delivery in the background against one request for each event, side by side in one go.

    .venv/bin/python benchmarks/delivery.py

Prints accept latency, delivered events a second, and the memory of 100,000 pending events, each as
a ratio to the plain generated client that sends every event in a request of its own. The emulator
runs on a core of its own where there are two.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from moengage_personalize import Event, EventReporter, PersonalizeClient
from moengage_personalize.basic_auth import Credentials
from moengage_personalize.client.operations import report_call
from moengage_personalize.emulator import Emulator
from moengage_personalize.reporter.spool import MemorySpool, SQLiteSpool
from moengage_personalize_api import AuthenticatedClient
from moengage_personalize_api.api.events import report_experience_events
from nginx import CONTEXT

ACCEPTED = 5_000
PAUSE = 0.001
PLAIN = 300
BACKLOG = 20_000
USERS = 5_000
PENDING = 100_000


def pin(core: int) -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {core % (os.cpu_count() or 1)})


def serve(pipe: Connection) -> None:
    """The emulator, in a process and on a core of its own."""
    pin(1)
    with Emulator() as emulator:
        pipe.send(emulator.base_url)
        while pipe.recv() == "reset":
            emulator.reset()
            pipe.send("done")


def event(number: int) -> Event:
    return Event.shown(CONTEXT, visitor=f"user-{number % USERS}")


def latencies(work: Callable[[int], Any], count: int, pause: float) -> list[float]:
    """Microseconds of each call, sorted."""
    taken: list[float] = []
    for number in range(count):
        start = time.perf_counter()
        work(number)
        taken.append((time.perf_counter() - start) * 1e6)
        if pause:
            time.sleep(pause)
    return sorted(taken)


def percentile(taken: list[float], share: float) -> float:
    return taken[min(len(taken) - 1, int(len(taken) * share))]


def plain_client(base_url: str) -> AuthenticatedClient:
    return AuthenticatedClient(
        base_url=base_url,
        token=Credentials("EMULATED_WORKSPACE", "EMULATED_KEY").basic_token,
        prefix="Basic",
        headers={"MOE-APPKEY": "EMULATED_WORKSPACE"},
    )


def send_plainly(client: AuthenticatedClient) -> Callable[[int], None]:
    def send(number: int) -> None:
        body = report_call([event(number)]).parts[0]["body"]
        answer = report_experience_events.sync_detailed(client=client, body=body)
        assert answer.status_code == 200  # noqa: PLR2004  (success)

    return send


def accept(base_url: str, folder: Path) -> None:
    """What a page waits: by accepting alone, and while the thread that delivers is at work too."""
    plain = latencies(send_plainly(plain_client(base_url)), PLAIN, PAUSE)
    row = "{:28} p50 {:>8.0f} µs   p99 {:>8.0f} µs   p50 ratio {:>6.3f}   p99 ratio {:>6.3f}"
    middle, tail = percentile(plain, 0.5), percentile(plain, 0.99)
    print("\naccept latency")
    print(row.format("a request for each event", middle, tail, 1, 1))
    for meanwhile, users, pause, interval in (
        (
            f"{ACCEPTED} events one after another, nothing delivered",
            1,
            0.0,
            900.0,
        ),
        (f"{ACCEPTED} events a millisecond apart, delivered meanwhile", USERS, PAUSE, 5.0),
    ):
        print(meanwhile)
        for name, file in (("memory", None), ("durable (SQLite)", f"accept-{users}.db")):
            with (
                PersonalizeClient(
                    "EMULATED_WORKSPACE", "EMULATED_KEY", base_url=base_url
                ) as client,
                EventReporter(
                    client,
                    spool=file and folder / file,
                    rate_share=1.0,
                    flush_interval=interval,
                ) as reporter,
            ):

                def show(number: int, reporter: EventReporter = reporter, of: int = users) -> None:
                    customer = f"user-{number % of}"
                    reporter.shown(CONTEXT, visitor=customer)

                reporter.flush(1)  # the first delivery, of nothing, is over
                taken = latencies(show, ACCEPTED, pause)
                reporter.flush(30)
                half, most = percentile(taken, 0.5), percentile(taken, 0.99)
                print(row.format(name, half, most, half / middle, most / tail))


def throughput(base_url: str, folder: Path) -> None:
    """How fast a backlog is delivered by a process that has one core."""
    start = time.perf_counter()
    send = send_plainly(plain_client(base_url))
    for number in range(PLAIN):
        send(number)
    plain = PLAIN / (time.perf_counter() - start)
    print(f"\ndelivered events a second, {BACKLOG} events of {USERS} users, one core")
    row = "{:28} {:>10.0f} /s   ratio {:>6.1f}"
    print(row.format("a request for each event", plain, 1))
    spools = (("memory", MemorySpool()), ("durable (SQLite)", SQLiteSpool(folder / "deliver.db")))
    for name, spool in spools:
        for number in range(BACKLOG):
            spool.put(event(number))
        start = time.perf_counter()
        with (
            PersonalizeClient("EMULATED_WORKSPACE", "EMULATED_KEY", base_url=base_url) as client,
            EventReporter(client, spool=spool, rate_share=1.0) as reporter,
        ):
            assert reporter.flush(120)
            speed = BACKLOG / (time.perf_counter() - start)
            assert reporter.stats.delivered == BACKLOG
        print(row.format(name, speed, speed / plain))


def resident() -> float:
    """Megabytes that the process takes now."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


def hold(kind: str, pipe: Connection) -> None:
    """Hold 100,000 pending events, and tell what they take."""
    before = resident()
    if kind == "plain":
        kept = [report_call([event(number)]).parts[0] for number in range(PENDING)]
        assert len(kept) == PENDING
    else:
        client = PersonalizeClient("W", "K", base_url="http://127.0.0.1:9/v1")
        folder = tempfile.TemporaryDirectory()
        spool = Path(folder.name) / "held.db" if kind == "durable" else None
        reporter = EventReporter(client, spool=spool, max_events=2 * PENDING, exit_timeout=0.1)
        for number in range(PENDING):
            reporter.report([event(number)])
        assert reporter.stats.pending == PENDING
    pipe.send(resident() - before)
    os._exit(0)


def memory() -> None:
    """What pending events take, each kind in a process of its own."""
    context = multiprocessing.get_context("spawn")
    print(f"\nmemory of {PENDING} pending events")
    plain = 0.0
    for kind, name in (
        ("plain", "generated request models"),
        ("memory", "memory"),
        ("durable", "durable (SQLite)"),
    ):
        here, there = context.Pipe(duplex=False)
        process = context.Process(target=hold, args=(kind, there))
        process.start()
        taken = here.recv()
        process.join()
        plain = plain or taken
        print(f"{name:28} {taken:>8.1f} MB   ratio {taken / plain:>6.3f}")


def main() -> None:
    print(f"Python {sys.version.split()[0]}, {os.cpu_count()} cores")
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    server = context.Process(target=serve, args=(there,), daemon=True)
    server.start()
    base_url = here.recv()
    pin(0)
    with tempfile.TemporaryDirectory() as folder:
        accept(base_url, Path(folder))
        here.send("reset")
        here.recv()
        throughput(base_url, Path(folder))
    here.send("stop")
    server.join(10)
    memory()


if __name__ == "__main__":
    main()
