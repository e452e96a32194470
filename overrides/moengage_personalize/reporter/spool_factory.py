"""Where a reporter keeps its events: memory, a file, or a spool of the application's own."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from moengage_personalize import validation
from moengage_personalize.errors import InvalidArgumentError

from .spool import Limits, MemorySpool, ResilientSpool, Spool
from .spool.sqlite.file import SQLiteFile

__all__ = ["spool_of"]

_LIMITS: Final = {"max_events": "rows", "max_bytes": "bytes", "max_dead": "dead"}
"""A reporter's options, and what a spool calls them."""


def spool_of(
    spool: str | os.PathLike[str] | Spool | None, given: Mapping[str, int | None]
) -> Spool:
    """The spool that an application asked for, within the limits that it gave, if any.

    Raises:
        InvalidArgumentError: A limit is not acceptable, or stands beside a spool with its own; or
            the path cannot be one of a file.
    """
    chosen = {
        name: validation.positive(name, value) for name, value in given.items() if value is not None
    }
    limits = Limits(**{_LIMITS[name]: value for name, value in chosen.items()})
    if spool is None:
        return MemorySpool(limits)
    if isinstance(spool, str | os.PathLike):
        file = SQLiteFile(spool, limits)
        _check_path(spool)
        return ResilientSpool(file, limits)
    for name in chosen:
        raise InvalidArgumentError(
            f"is for a file or memory; give a Spool its Limits({_LIMITS[name]}=...)", field=name
        )
    if not callable(getattr(spool, "lease", None)):
        raise InvalidArgumentError(
            f"must be a file's path, a Spool, or None, not {type(spool).__name__}", field="spool"
        )
    return spool


def _check_path(spool: str | os.PathLike[str]) -> None:
    """Refuse a mistyped path now, as events that wait in a folder nobody knows are lost."""
    path = Path(spool)
    if not str(spool) or path.is_dir():
        raise InvalidArgumentError(f"must name a file, and {str(spool)!r} does not", field="spool")
    if not path.parent.is_dir():
        raise InvalidArgumentError(
            f"the folder {str(path.parent.absolute())!r} does not exist; make it first, or correct "
            "the path",
            field="spool",
        )
