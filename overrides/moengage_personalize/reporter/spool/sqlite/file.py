"""The file behind a resilient spool: sets it aside if corrupt, begins a new one if it was moved."""

from __future__ import annotations

import contextlib
import logging
import os
import sqlite3
import stat
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from moengage_personalize.errors import InvalidArgumentError
from moengage_personalize.models.events import Event
from moengage_personalize.reporter.spool.base import Limits
from moengage_personalize.reporter.spool.failover import Backing

from .errors import is_busy, is_corrupt
from .schema import (
    Identity,
    identity,
    is_damaged_or_empty,
    is_ours,
    locked,
    real_path,
    require_posix,
)
from .spool import SQLiteSpool

__all__ = ["SQLiteFile"]

_log: Final = logging.getLogger("moengage_personalize.reporter.spool")


class SQLiteFile(Backing):
    """Opens an SQLite spool, and takes care of its file.

    Args:
        path: The file.
        limits: How much it may hold.
        clock: The time in seconds since 1970, the same for all processes.

    Raises:
        InvalidArgumentError: The system is not POSIX.
    """

    failures = (sqlite3.Error, OSError)

    def __init__(
        self,
        path: str | os.PathLike[str],
        limits: Limits | None = None,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        require_posix()
        self._path = real_path(path)
        self.name = str(self._path)
        self._limits = limits
        self._clock = clock
        self._spool: SQLiteSpool | None = None
        self._identity: Identity | None = None

    def refuse_strangers(self) -> None:
        """Raise `InvalidArgumentError` if the path is a file that is not a spool.

        It ignores a file that cannot be read, because opening it will fail.
        """
        with contextlib.suppress(OSError):
            status = self._path.stat()
            if stat.S_ISREG(status.st_mode):
                if status.st_size == 0:
                    return
                with locked(self._path.parent):
                    if is_ours(self._path) or is_damaged_or_empty(self._path):
                        return
            raise InvalidArgumentError(
                f"{self.name!r} exists and is not a spool: name another file", field="spool"
            )

    def open(self, workspace: str | None) -> SQLiteSpool:
        """Open the file; raise `sqlite3.Error` or `OSError`, also for another workspace's file."""
        self._spool = None
        # Before opening: another process may replace the file meanwhile, and its new file must not
        # be set aside instead.
        self._identity = identity(self._path)
        spool = SQLiteSpool(self._path, self._limits, clock=self._clock)
        try:
            if workspace is not None:
                spool.bind(workspace)
        except BaseException:
            spool.close()
            raise
        self._spool = spool
        return spool

    def reason(self, error: Exception) -> str:
        """Return SQLite's message, which has no data of events."""
        return str(error)

    def is_busy(self, error: Exception) -> bool:
        """Return whether another connection holds the file."""
        return is_busy(error)

    def is_over(self, error: Exception) -> bool:
        """Return whether our file is corrupt; set it aside, unless another process has."""
        if not is_corrupt(error):
            return False
        was_open = self._spool is not None
        corrupt = self._identity if self._spool is None else self._spool.identity
        self._close()
        try:
            # A second process finds the file gone, and does not touch the new one.
            with locked(self._path.parent):
                if corrupt is not None and corrupt == identity(self._path):
                    if not (was_open or is_ours(self._path)):
                        return False
                    self._set_aside()
        except OSError as failure:
            _log.error("the corrupt spool %s cannot be set aside: %s", self._path, failure)
            return False
        return True

    def orphaned_events(self) -> Sequence[Event] | None:
        """Return the events in a file that was deleted or moved while it was open."""
        if self._spool is None or self._spool.identity == identity(self._path):
            return None
        _log.error("the spool %s was moved or deleted; a new one is started", self._path)
        try:
            return self._spool.leave()
        except sqlite3.Error as error:
            _log.error("the events in the old %s cannot be read: %s", self._path, error)
            self._close()
            return ()

    def _close(self) -> None:
        if self._spool is not None:
            self._spool.close()
            self._spool = None

    def _set_aside(self) -> None:
        aside = f"{self._path}.corrupt-{time.time_ns()}"
        for suffix in ("", "-wal", "-shm"):
            with contextlib.suppress(FileNotFoundError):
                Path(f"{self._path}{suffix}").rename(f"{aside}{suffix}")
        _log.error("the corrupt spool was set aside as %s", aside)
