"""Waits a short and fair time for a file that another process writes to.

SQLite's own waits grow to a tenth of a second. With two processes that write all the time, one of
them would hardly ever find the file free.
"""

from __future__ import annotations

import random
import sqlite3
import time
from typing import Any, Final

from moengage_personalize.clock import monotonic

from .errors import is_busy

__all__ = ["PatientConnection"]

_PATIENCE_SECONDS: Final = 0.25
_LITTLE_PATIENCE_SECONDS: Final = 0.01
_LONGEST_PAUSE_SECONDS: Final = 0.003


class PatientConnection(sqlite3.Connection):
    """Tries a statement again while the file is busy.

    It gives up after a quarter of a second. From then on it gives up after a hundredth of a second,
    until a statement succeeds, so that only one page waits long.
    """

    _patience = _PATIENCE_SECONDS

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:  # noqa: ANN401  (as sqlite3's)
        """Execute a statement; raise what `sqlite3` raises."""
        try:
            return super().execute(sql, parameters)
        except sqlite3.OperationalError as error:
            if not is_busy(error):
                raise
            return self._execute_later(sql, parameters, error)

    def _execute_later(
        self,
        sql: str,
        parameters: Any,  # noqa: ANN401  (as sqlite3's)
        error: sqlite3.OperationalError,
    ) -> sqlite3.Cursor:
        deadline = monotonic() + self._patience
        while monotonic() < deadline:
            time.sleep(random.uniform(0, _LONGEST_PAUSE_SECONDS))  # noqa: S311  (no secret)
            try:
                cursor = super().execute(sql, parameters)
            except sqlite3.OperationalError as again:
                if not is_busy(again):
                    raise
            else:
                self._patience = _PATIENCE_SECONDS
                return cursor
        self._patience = _LITTLE_PATIENCE_SECONDS
        raise error
