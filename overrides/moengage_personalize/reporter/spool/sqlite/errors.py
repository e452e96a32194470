"""What SQLite's errors mean for a spool: a file that is busy, or corrupt."""

from __future__ import annotations

import sqlite3
from typing import Final

__all__ = ["busy", "corrupt", "is_busy", "is_corrupt"]

_BUSY: Final = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_CORRUPT: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


def is_busy(error: BaseException) -> bool:
    """Whether another connection holds the file, and nothing is wrong with it."""
    return _code(error) in _BUSY


def is_corrupt(error: BaseException) -> bool:
    """Whether the file is beyond use."""
    # What is asked for is what was made: it can only be missing where a name was damaged.
    is_renamed = _code(error) == sqlite3.SQLITE_ERROR and str(error).startswith("no such ")
    return is_renamed or _code(error) in _CORRUPT


def busy(reason: str) -> sqlite3.OperationalError:
    """What SQLite raises when it finds a file busy, for what keeps one so on this side of it."""
    error = sqlite3.OperationalError(reason)
    error.sqlite_errorcode = sqlite3.SQLITE_BUSY
    return error


def corrupt(reason: str) -> sqlite3.DatabaseError:
    """What SQLite raises when it finds a file corrupt, for what it does not find itself."""
    error = sqlite3.DatabaseError(reason)
    error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
    return error


def _code(error: BaseException) -> int | None:
    code: int | None = getattr(error, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF
