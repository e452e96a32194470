"""A spool in Redis Streams, for containers that lose their disks. Needs the extra `redis`.

Events are as safe as the server keeps them. Set `appendonly yes`, and `maxmemory-policy
noeviction`, because a server that evicts keys would evict events. It needs Redis 6.2 or newer.
"""

from __future__ import annotations

import re
from typing import Any, Final

from moengage_personalize import validation
from moengage_personalize.errors import InvalidArgumentError
from moengage_personalize.reporter.spool.base import Limits
from moengage_personalize.reporter.spool.failover import Backing
from moengage_personalize.reporter.spool.fallback import ResilientSpool

try:
    import redis
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    from .streams import NAME, Connect, StreamSpool
except ImportError as error:
    raise ImportError(
        "the client of Redis is not installed: install the package again with the extra redis"
    ) from error

__all__ = ["RedisSpool", "StreamSpool", "connect_to", "failures", "safe_reason"]


failures: Final = (redis.RedisError, OSError)
"""The exceptions that a spool in Redis raises when it fails."""


class RedisSpool(ResilientSpool):
    """Keeps events in Redis Streams; while Redis fails, in memory, so that no page breaks.

    Any number of processes on any number of machines may share one. An event that Redis took but
    did not confirm in time is kept twice with the same UUID, and the API drops the repeat.

    Args:
        server: A URL (`redis://`, `rediss://`, `unix://`). Or a client: its settings are used,
            except for timeouts and retries. Or a function that makes a client, for example for
            Sentinel: it is called in each process, and its timeouts limit how long a page waits.
        name: The prefix of the keys.
        limits: How much the streams may hold, and the memory while Redis fails. The streams may
            exceed it by one event for each process that shares them.
        timeout: The longest time that a page waits for Redis, in seconds: once to connect and once
            for the answer. After that, events go to memory.
        retry_seconds: How long to wait after a failure before the next attempt, in seconds.

    Raises:
        InvalidArgumentError: An argument is not acceptable. A server that cannot be reached raises
            nothing.
    """

    def __init__(
        self,
        server: str | redis.Redis | Connect,
        *,
        name: str = NAME,
        limits: Limits | None = None,
        timeout: float = 0.25,
        retry_seconds: float = 5.0,
    ) -> None:
        connect = connect_to(server, validation.seconds("timeout", timeout))
        backing = _RedisServer(connect, validation.text("name", name), limits)
        super().__init__(backing, limits, retry_seconds=retry_seconds)


class _RedisServer(Backing):
    """Opens the streams of a `RedisSpool`."""

    failures = failures

    def __init__(self, connect: Connect, name: str, limits: Limits | None) -> None:
        self._connect = connect
        self._key = name
        self._limits = limits
        self._spool: StreamSpool | None = None
        self.name = f"{name} in Redis"

    def open(self, workspace: str | None) -> StreamSpool:
        self._spool = StreamSpool(self._connect, self._key, self._limits)
        if workspace is not None:
            self._spool.bind(workspace)
        return self._spool

    def reason(self, error: Exception) -> str:
        return safe_reason(error)

    def is_over(self, error: Exception) -> bool:  # noqa: ARG002  (the protocol's)
        if self._spool is not None:
            self._spool.disconnect()
        return False


def safe_reason(error: Exception) -> str:
    """Describe a failure without data of events.

    A server may repeat the command that it refuses, and thus an event. So only its code is used.
    """
    kind, text = type(error).__name__, str(error)
    if not isinstance(error, redis.ResponseError):
        return f"{kind}: {text}"
    code = text.split(maxsplit=1)[0] if text.strip() else ""
    return f"{kind}: {code}" if code.isupper() else kind


def connect_to(server: str | redis.Redis | Connect, timeout: float) -> Connect:
    """Return a function that makes clients which wait up to the timeout, in seconds, and try once.

    Raises:
        InvalidArgumentError: It is not the URL of a Redis server.
    """
    settings: dict[str, Any] = {
        "socket_timeout": timeout,
        "socket_connect_timeout": timeout,
        "retry": Retry(NoBackoff(), 0),
        "decode_responses": False,
    }
    pools: Any = redis.ConnectionPool  # it has only some of its types
    if isinstance(server, redis.Redis):
        of_client = server.connection_pool
        settings = {**of_client.connection_kwargs, **settings}
        kind = of_client.connection_class
        return lambda: redis.Redis(connection_pool=pools(connection_class=kind, **settings))
    if callable(server):
        return server
    url = validation.text("server", server)
    # redis-py would use database 0 if the path is not a number.
    if re.fullmatch(r"rediss?://[^/?]*/+[^?]*[^\d/?][^?]*(\?.*)?", url):
        raise InvalidArgumentError(
            "must end with the number of a database, as in /0", field="server"
        )

    def connect() -> redis.Redis:
        pool = pools.from_url(url)
        pool.connection_kwargs.update(settings)  # as arguments, the URL would override them
        return redis.Redis(connection_pool=pool)

    try:
        connect().connection_pool.make_connection()
    except (ValueError, TypeError, redis.RedisError):
        # The cause may show a part of the URL, and thus of a password.
        raise InvalidArgumentError("is not the URL of a Redis server", field="server") from None
    return connect
