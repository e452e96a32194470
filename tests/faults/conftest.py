"""A Redis server for the fault runs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from reporter.spool.harness import RedisServer, running_redis


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """One server for all tests; each uses names of its own."""
    yield from running_redis()
