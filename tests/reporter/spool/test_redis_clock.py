"""A real Redis server whose clock is set back."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pytest
import redis

from moengage_personalize.reporter.spool.redis.streams import StreamSpool
from reporter.spool.harness import event, running_redis, uuids

pytestmark = pytest.mark.workshop

SHIFTED = """
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
  char text[32] = "";
  int file = open(getenv("CLOCK_SHIFT"), O_RDONLY);
  int status = syscall(SYS_gettimeofday, now, zone);
  if (file >= 0) {
    if (read(file, text, sizeof text - 1) > 0) now->tv_sec += atol(text);
    close(file);
  }
  return status;
}
"""


def test_events_wait_no_longer_than_a_lease(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Never leased, given back or leased by a process that died: an hour changes nothing."""
    library, shift = tmp_path / "shift.so", tmp_path / "shift"
    command = ["gcc", "-shared", "-fPIC", "-x", "c", "-", "-o", str(library)]
    subprocess.run(command, input=SHIFTED.encode(), check=True)
    shift.write_text("0")
    monkeypatch.setenv("CLOCK_SHIFT", str(shift))
    monkeypatch.setenv("LD_PRELOAD", str(library))
    for server in running_redis():
        monkeypatch.delenv("LD_PRELOAD")
        spool = StreamSpool(lambda url=server.url: redis.Redis.from_url(url))  # type: ignore[misc]  # of this server
        spool.maintain()
        for number in range(15):
            spool.put(event(f"user-{number}"))
        leased = spool.lease("dead", events=10, users=10, seconds=2)
        spool.release("dead", [one.id for one in leased[:5]])
        spool.maintain()
        shift.write_text("-3600")
        spool.maintain()
        assert len(uuids(spool, "heir", seconds=60)) == 10
        time.sleep(2.5)
        assert len(uuids(spool, "another", seconds=60)) == 5
        spool.close()
