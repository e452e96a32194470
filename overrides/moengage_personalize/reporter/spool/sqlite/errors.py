"""Sorts SQLite's errors: the file is busy, or corrupt."""

from __future__ import annotations

import sqlite3
from typing import Final

__all__ = ["busy", "corrupt", "is_busy", "is_corrupt"]

_BUSY: Final = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_CORRUPT: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


def is_busy(error: BaseException) -> bool:
    """Return whether another connection holds the file, and the file is good."""
    return _code(error) in _BUSY


def is_corrupt(error: BaseException) -> bool:
    """Return whether the file is unusable."""
    # Every table in a statement was created, so a missing one means that its name is damaged.
    is_renamed = _code(error) == sqlite3.SQLITE_ERROR and str(error).startswith("no such ")
    return is_renamed or _code(error) in _CORRUPT


def busy(reason: str) -> sqlite3.OperationalError:
    """Make SQLite's error for a busy file, for a file that is busy within this process."""
    error = sqlite3.OperationalError(reason)
    error.sqlite_errorcode = sqlite3.SQLITE_BUSY
    return error


def corrupt(reason: str) -> sqlite3.DatabaseError:
    """Make SQLite's error for a corrupt file, for damage that SQLite does not find itself."""
    error = sqlite3.DatabaseError(reason)
    error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
    return error


def _code(error: BaseException) -> int | None:
    code: int | None = getattr(error, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF
