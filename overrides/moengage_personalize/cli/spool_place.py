"""Opens the spool of a reporter: a file, or a Redis server."""

from __future__ import annotations

import glob
import json
import os
import sqlite3
import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

import attrs

from moengage_personalize.errors import InvalidArgumentError
from moengage_personalize.models.values import is_object
from moengage_personalize.reporter.spool import Contents, Limits, SQLiteSpool
from moengage_personalize.reporter.spool.sqlite.salvage import salvage
from moengage_personalize.reporter.spool.sqlite.schema import real_path

from .errors import Failure, extra_needed
from .exit_codes import ExitCode

if TYPE_CHECKING:
    from moengage_personalize.reporter.spool.redis.streams import StreamSpool

__all__ = ["contents", "erase_from_aside", "exported", "opened", "private", "set_aside"]

_UNBOUNDED: Final = Limits(sys.maxsize, sys.maxsize, sys.maxsize)
"""No limits here: the application that reports the events sets them."""
_SCHEMES: Final = ("redis://", "rediss://", "unix://")


def contents(place: str, name: str) -> Contents:
    """Read what is in a spool, and change nothing."""
    if place.startswith(_SCHEMES):
        with opened(place, name) as spool:
            return cast("StreamSpool", spool).contents()
    file = Path(place)
    with _readable(file):
        return salvage(file)


@contextmanager
def opened(
    place: str, name: str, *, may_be_new: bool = False
) -> Generator[SQLiteSpool | StreamSpool]:
    """Open a spool that exists.

    Args:
        place: A file's path, or the URL of a Redis server.
        name: The prefix of the keys in Redis.
        may_be_new: Create the file if it does not exist.
    """
    if place.startswith(_SCHEMES):
        with _in_redis(place, name) as streams:
            if not (may_be_new or streams.is_there()):
                raise Failure(ExitCode.REFUSED, f"{name} in Redis: there is no such spool")
            yield streams
        return
    file = Path(place)
    with nullcontext() if may_be_new and not file.exists() else _readable(file):
        spool = SQLiteSpool(file, _UNBOUNDED)
        try:
            yield spool
        finally:
            spool.close()


def set_aside(place: str) -> list[Path]:
    """List the corrupt files that were set aside, and the files that `erase` made of them."""
    if place.startswith(_SCHEMES):
        return []
    file = real_path(place)  # they are next to the file that a link leads to
    found = file.parent.glob(f"{glob.escape(file.name)}.corrupt-*")
    return sorted(one for one in found if not one.name.endswith(("-wal", "-shm")))


def erase_from_aside(file: Path, customer: str) -> int:
    """Erase a customer from a file that was set aside, and return the number of events.

    Damaged parts cannot be searched. So it deletes the file, and writes the others as JSON lines.
    """
    if file.suffix == ".jsonl":
        return _erase_lines(file, customer)
    with _readable(file):
        found = salvage(file)
    others = attrs.evolve(
        found,
        pending=[one for one in found.pending if one.customer_id != customer],
        dead=[(one, reason) for one, reason in found.dead if one.customer_id != customer],
    )
    log = Path(f"{file}-wal")
    raw = file.read_bytes() + (log.read_bytes() if log.exists() else b"")
    erased = len(found.pending) + len(found.dead) - len(others.pending) - len(others.dead)
    if not erased and json.dumps(customer).encode() not in raw:
        return 0
    with open(f"{file}.jsonl", "w", encoding="utf-8", opener=private) as target:
        target.writelines(json.dumps(line) + "\n" for line in exported(others))
    for suffix in ("", "-wal", "-shm"):
        Path(f"{file}{suffix}").unlink(missing_ok=True)
    return max(erased, 1)


def _erase_lines(file: Path, customer: str) -> int:
    """Erase a customer's lines, and those that are not JSON, because they cannot be searched."""
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    others = [line for line in lines if _customer_of(line) not in {customer, None}]
    if len(others) < len(lines):
        with open(f"{file}.part", "w", encoding="utf-8", opener=private) as target:
            target.writelines(f"{line}\n" for line in others)
        Path(f"{file}.part").replace(file)
    return len(lines) - len(others)


def _customer_of(line: str) -> str | None:
    try:
        kept: object = json.loads(line)
    except (ValueError, RecursionError):
        return None
    customer = kept.get("customer_id") if is_object(kept) else None
    return customer if isinstance(customer, str) else None


def exported(found: Contents) -> Iterator[dict[str, Any]]:
    """Return the lines of `spool export`."""
    for event in found.pending:
        yield {"state": "pending", **event.to_dict()}
    for event, reason in found.dead:
        yield {"state": "dead", "reason": reason, **event.to_dict()}


def private(path: str, flags: int) -> int:
    """Open a file that only its owner can read, because it names customers."""
    return os.open(path, flags, 0o600)


@contextmanager
def _in_redis(url: str, name: str) -> Generator[StreamSpool]:
    with extra_needed():
        from moengage_personalize.reporter.spool.redis.spool import (  # noqa: PLC0415  (an extra)
            StreamSpool,
            connect_to,
            failures,
            safe_reason,
        )
    try:
        spool = StreamSpool(connect_to(url, timeout=5.0), name, _UNBOUNDED)
        try:
            yield spool
        finally:
            spool.close()
    except InvalidArgumentError:
        raise Failure(ExitCode.REFUSED, "this is not the URL of a Redis server") from None
    except failures as error:
        raise Failure(ExitCode.REFUSED, f"{name} in Redis: {safe_reason(error)}") from None


@contextmanager
def _readable(file: Path) -> Generator[None]:
    """Refuse a file that is not a spool."""
    if not file.is_file():
        raise Failure(ExitCode.REFUSED, f"{file}: there is no such file")
    if file.stat().st_size == 0:
        raise Failure(ExitCode.REFUSED, f"{file}: is not a spool: the file is empty")
    try:
        yield
    except sqlite3.NotSupportedError as error:  # another workspace's
        raise Failure(ExitCode.REFUSED, f"{file}: {error}") from None
    except sqlite3.Error as error:
        raise Failure(ExitCode.REFUSED, f"{file}: cannot be read as a spool: {error}") from None
    except PermissionError as error:
        raise Failure(ExitCode.REFUSED, f"{file}: {error.strerror}") from None
