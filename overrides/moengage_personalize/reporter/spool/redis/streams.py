"""Redis Streams as a spool. Applications use `RedisSpool`, in the module `spool`."""

from __future__ import annotations

import logging
import math
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

import redis

from moengage_personalize.models.events import Event
from moengage_personalize.reporter.spool.base import (
    DEAD_LETTERS_FULL,
    ERASED,
    UNREADABLE,
    Contents,
    DeadLetter,
    DurableSpool,
    LeasedEvent,
    Limits,
    SpoolCounts,
)
from moengage_personalize.reporter.spool.event_codec import encodable, from_text, readable, to_text

from .scripts import LONGEST_LEASE, SCRIPT

__all__ = ["NAME", "Connect", "NotOursError", "StreamSpool"]

_log: Final = logging.getLogger("moengage_personalize.reporter.spool")
Connect = Callable[[], redis.Redis]
NAME: Final = "moengage:events"
_OTHER_NAME: Final = "give each its own name: RedisSpool(..., name=...), or --name"


class NotOursError(redis.RedisError):
    """The keys belong to another workspace or program, or to a newer version."""


class StreamSpool(DurableSpool):
    """The spool that `RedisSpool` keeps events in; it raises `redis.RedisError` if Redis fails.

    Args:
        connect: Makes a client; called again in a forked child.
        name: The prefix of the keys.
        limits: How much it may hold, over all processes that share it.
    """

    def __init__(self, connect: Connect, name: str = NAME, limits: Limits | None = None) -> None:
        # In braces, so that a cluster keeps the keys together.
        self._keys = [f"{{{name}}}:{part}" for part in ("pending", "dead", "counts", "dropped")]
        self._name = name
        self._limits = limits or Limits()
        self._connect = connect
        self._workspace: str | None = None
        self._begin()

    def _begin(self) -> None:
        self._client = self._connect()
        # A client that decodes would fail at an unreadable event.
        self._client.connection_pool.connection_kwargs["encoding_errors"] = "replace"
        self._script = self._client.register_script(SCRIPT)
        self._size: tuple[int, int] | None = None
        self._last = SpoolCounts(0, 0, 0, 0, {})

    def is_there(self) -> bool:
        """Return whether Redis has one of its keys."""
        return bool(self._client.exists(*self._keys))

    def bind(self, workspace: str) -> None:
        self._workspace = workspace
        if not self._run("bind", workspace):
            raise NotOursError(f"it belongs to another workspace; {_OTHER_NAME}")

    def put(self, event: Event) -> None:
        self._size = self._run("put", encodable(event.customer_id), to_text(event))

    def refuse(self, event: Event, reason: str) -> None:  # noqa: ARG002  (the protocol's)
        self._run("refuse", reason)

    def is_full(self) -> bool:
        """Return whether one more event would exceed the limits.

        It asks Redis only if the spool was full or nothing is known; `put` learns the size.
        """
        size = self._size
        if size is None or self._is_beyond(size):
            rows, bytes_ = self._run("size")
            self._size = size = (rows, bytes_)
        return self._is_beyond(size)

    def drop_oldest(self, reason: str) -> Sequence[Event]:
        self._size = None
        dropped = self._run("drop_oldest", reason, self._limits.rows, self._limits.bytes)
        return readable(dropped)

    def lease(
        self, owner: str, *, events: int, users: int, seconds: float, size: int = sys.maxsize
    ) -> Sequence[LeasedEvent]:
        """Lease the oldest events that are not leased, for at most 30 days."""
        leased: list[LeasedEvent] = []
        most = (events, users, _milliseconds(seconds), size)
        for id_, body in self._run("lease", owner, *most):
            event = from_text(body)
            if event is None:
                self._run("dead_letter", owner, UNREADABLE, "", sys.maxsize, _text(id_))
            else:
                leased.append(LeasedEvent(_text(id_), event, len(body)))
        return leased

    def renew(self, owner: str, ids: Iterable[Any], *, seconds: float) -> None:
        self._run("renew", owner, _milliseconds(seconds), *ids)

    def deliver(self, owner: str, ids: Iterable[Any]) -> None:
        self._run("deliver", owner, *ids)

    def dead_letter(self, owner: str, letter: LeasedEvent, reason: str) -> Sequence[Event] | None:
        dropped = self._run(
            "dead_letter",
            owner,
            encodable(reason),
            DEAD_LETTERS_FULL,
            self._limits.dead,
            letter.id,
        )
        if dropped is None:
            return None
        return readable(dropped)

    def release(self, owner: str, ids: Iterable[Any]) -> None:
        self._run("release", owner, *ids)

    def dead_letters(self) -> Sequence[DeadLetter]:
        """Return the dead letters, oldest first; unreadable ones stay in Redis, and are counted."""
        letters: list[DeadLetter] = []
        for id_, body, reason in self._run("dead_letters"):
            event = from_text(body)
            if event is not None:
                letters.append(DeadLetter(_text(id_), event, _text(reason)))
        return letters

    def retry_dead(self) -> int:
        """Make every dead letter pending again, and return how many there were."""
        self._size = None
        return int(self._run("retry_dead"))

    def purge_dead(self, reason: str, *, before: float = math.inf) -> int:
        return int(self._run("purge_dead", reason, "" if before == math.inf else int(before)))

    def drop(self, owner: str, ids: Iterable[Any], reason: str) -> None:
        self._run("drop", owner, reason, *ids)

    def erase(self, customer_id: str) -> int:
        """Drop every event of a customer, also leased and dead ones; return how many there were."""
        erased = 0
        for stream in ("pending", "dead"):
            start = "-"
            while start:
                few, last = self._run("erase", encodable(customer_id), ERASED, start, stream)
                erased += int(few)
                start = f"({_text(last)}" if last else ""
        self._size = None
        return erased

    def restore(self, event: Event, reason: str | None) -> None:
        """Accept an event as pending, or as a dead letter if it has a reason."""
        if reason is None:
            self.put(event)
            return
        row = (encodable(event.customer_id), to_text(event), encodable(reason))
        self._run("restore_dead", *row)

    def contents(self) -> Contents:
        """Read all events, and change nothing."""
        pending: list[Event | None] = []
        start = "-"
        while rows := self._run("pending", start):
            pending += [from_text(body) for _, body in rows]
            start = f"({_text(rows[-1][0])}"
        counts, letters = self.counts(), self.dead_letters()
        readable = [event for event in pending if event is not None]
        return Contents(
            readable,
            [(letter.event, letter.reason) for letter in letters],
            counts,
            len(pending) - len(readable) + counts.dead - len(letters),
            is_whole=True,
        )

    def counts(self) -> SpoolCounts:
        accepted, delivered, pending, dead, dropped = self._run("counts")
        reasons = zip(dropped[::2], dropped[1::2], strict=True)
        return SpoolCounts(
            int(accepted),
            int(delivered),
            int(pending),
            int(dead),
            {_text(reason): int(events) for reason, events in reasons if int(events) > 0},
        )

    def probe(self) -> None:
        self._run("probe")

    def maintain(self) -> None:
        """Repair leases after the clock was set back, and counts after an eviction."""
        if self._workspace is not None:
            self.bind(self._workspace)
        before, self._last = self._last, self.counts()
        if self._last.accepted < before.accepted:  # they only grow: Redis was flushed or restarted
            _log.error(
                "Redis has lost the keys of %s, with %d pending events and %d dead letters; its "
                "counts start again at zero",
                self._name,
                before.pending,
                before.dead,
            )
        vanished = int(self._run("tidy"))
        if vanished > 0:
            _log.error("%d events vanished from %s in Redis", vanished, self._name)

    def after_fork(self) -> None:
        """Reconnect: two processes on one connection would read each other's answers."""
        self._begin()

    def disconnect(self) -> None:
        """Connect again with the next use, after a new lookup of the server's name."""
        self._client.connection_pool.disconnect(inuse_connections=False)

    def close(self) -> None:
        self._client.connection_pool.disconnect()

    def _is_beyond(self, size: tuple[int, int]) -> bool:
        rows, bytes_ = size
        return rows >= self._limits.rows or bytes_ >= self._limits.bytes

    def _run(self, command: str, *arguments: str | int) -> Any:  # noqa: ANN401  (as Redis answers)
        try:
            return self._script(self._keys, [command, *arguments])
        except redis.ResponseError as error:
            match str(error).split():
                case ["STRANGER", number, kind]:
                    raise NotOursError(
                        f"{self._keys[int(number) - 1]} belongs to another program "
                        f"(a {kind} that no spool made); {_OTHER_NAME}"
                    ) from None
                case ["NEWER"]:
                    told = "it was written by a newer version of this package"
                    raise NotOursError(told) from None
                case _:
                    raise


def _milliseconds(seconds: float) -> int:
    return int(min(seconds, LONGEST_LEASE) * 1_000)


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode(errors="replace")
