"""A spool in Redis Streams, for where disks vanish with the container. Needs the extra `redis`.

It outlives a process as safely as the server keeps it: with `appendonly yes`, and with
`maxmemory-policy noeviction`, as a server that evicts would evict events. Redis 6.2 or newer.
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
        "a spool in Redis needs an extra: pip install 'moengage-personalize[redis]'"
    ) from error

__all__ = ["RedisSpool", "StreamSpool", "connect_to", "failures", "safe_reason"]


failures: Final = (redis.RedisError, OSError)
"""What a spool in Redis raises when it fails."""


class RedisSpool(ResilientSpool):
    """Keeps events in Redis Streams; while Redis fails, in memory, so that no page breaks.

    Any number of processes on any number of machines may share one. An event that Redis took but
    did not confirm in time is kept twice, under one UUID, and the API drops the repeat.

    Args:
        server: A URL (`redis://`, `rediss://`, `unix://`); a client, whose settings are taken but
            for its timeouts and retries; or a function that makes a client, as for Sentinel, called
            in each process: its timeouts are what a page may wait.
        name: What the names of the keys begin with.
        limits: How much the streams and, while Redis fails, the memory may hold. The streams may
            exceed it by an event for each process that shares them.
        timeout: Seconds that a page waits for Redis at most, once to connect and once to answer;
            then events go to memory.
        retry_seconds: How long a server that failed is left alone.

    Raises:
        InvalidArgumentError: An argument is not acceptable. That Redis cannot be reached raises
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
    """What stands behind a `RedisSpool`."""

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
    """What may be told of a failure.

    A server may repeat the command that it refuses, and so an event: only its code is safe.
    """
    kind, text = type(error).__name__, str(error)
    if not isinstance(error, redis.ResponseError):
        return f"{kind}: {text}"
    code = text.split(maxsplit=1)[0] if text.strip() else ""
    return f"{kind}: {code}" if code.isupper() else kind


def connect_to(server: str | redis.Redis | Connect, timeout: float) -> Connect:
    """What makes clients that wait no longer than the timeout, in seconds, and try once.

    Raises:
        InvalidArgumentError: It is no URL of a Redis server.
    """
    settings: dict[str, Any] = {
        "socket_timeout": timeout,
        "socket_connect_timeout": timeout,
        "retry": Retry(NoBackoff(), 0),
        "decode_responses": False,
    }
    pools: Any = redis.ConnectionPool  # typed in part only
    if isinstance(server, redis.Redis):
        of_client = server.connection_pool
        settings = {**of_client.connection_kwargs, **settings}
        kind = of_client.connection_class
        return lambda: redis.Redis(connection_pool=pools(connection_class=kind, **settings))
    if callable(server):
        return server
    url = validation.text("server", server)
    # redis-py would take database 0 where the path is no number.
    if re.fullmatch(r"rediss?://[^/?]*/+[^?]*[^\d/?][^?]*(\?.*)?", url):
        raise InvalidArgumentError("must end in the number of a database, as in /0", field="server")

    def connect() -> redis.Redis:
        pool = pools.from_url(url)
        pool.connection_kwargs.update(settings)  # not as arguments, which the URL's own would beat
        return redis.Redis(connection_pool=pool)

    try:
        connect().connection_pool.make_connection()
    except (ValueError, TypeError, redis.RedisError):
        # The cause may show a part of the URL, and so of a password.
        raise InvalidArgumentError("is not a URL of a Redis server", field="server") from None
    return connect
