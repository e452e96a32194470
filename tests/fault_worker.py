"""One life of a reporting process, told over a pipe: what it tried, accepted and lost."""

from __future__ import annotations

import random
import resource
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from moengage_personalize import Event, EventReporter, Lost, PersonalizeClient
from moengage_personalize.reporter.spool import ResilientSpool
from moengage_personalize.reporter.spool.sqlite.file import SQLiteFile
from reporter.spool.harness import RedisPlace
from support import CONTEXT

LEASE = 0.4
REQUEST_TIMEOUT = 0.3
RETRY_DISK = 0.3
LEAVE_DISK = 5.0  # longer than the reporter waits as it closes


def make_reporter(
    base_url: str, place: Path | RedisPlace, *, retry_disk: float = RETRY_DISK, **options: Any
) -> EventReporter:
    client = PersonalizeClient("EMULATED_WORKSPACE", "EMULATED_KEY", base_url=base_url)
    return EventReporter(
        client,
        spool=(
            ResilientSpool(SQLiteFile(place), retry_seconds=retry_disk)
            if isinstance(place, Path)
            else place.open()
        ),
        flush_interval=0.02,
        request_timeout=REQUEST_TIMEOUT,
        lease=LEASE,
        rate_share=1.0,
        **options,
    )


def live(
    base_url: str, place: Path | RedisPlace, seed: int, pipe: Connection, *, full_disk: bool
) -> None:
    """Accept events until killed or, on a full disk, until there is room again and all is done."""
    rng = random.Random(seed)

    def tell_lost(lost: Lost) -> None:
        pipe.send(("lost", str(lost.event.uuid)))

    # A process may end before a full disk has been tried again.
    retry_disk = rng.choice([RETRY_DISK, RETRY_DISK, RETRY_DISK, LEAVE_DISK])
    reporter = make_reporter(base_url, place, retry_disk=retry_disk, on_lost=tell_lost)
    spool = reporter._spool
    assert isinstance(spool, ResilientSpool)
    for number in range(rng.randint(5, 60)):
        if full_disk and number == 3:
            resource.setrlimit(resource.RLIMIT_FSIZE, (4_096, resource.RLIM_INFINITY))
        context = {**CONTEXT, "type": 5} if rng.random() < 0.02 else CONTEXT
        event = Event.shown(context, visitor=f"user-{rng.randint(0, 30)}")
        pipe.send(("tried", str(event.uuid)))
        reporter.report([event])
        if not full_disk and spool._durable.is_failing:
            pipe.send(("in_memory", str(event.uuid)))
        pipe.send(("accepted", str(event.uuid)))
        if rng.random() < 0.2:
            time.sleep(rng.random() * 0.02)
    if full_disk:
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    if full_disk or rng.random() < 0.3:
        reporter.close(timeout=5)
        pipe.send(("closed", ""))
        return
    pipe.send(("idle", ""))
    time.sleep(30)
