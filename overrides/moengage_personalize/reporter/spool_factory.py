"""Where a reporter keeps its events: memory, a file, or a spool of the application's own."""

from __future__ import annotations

import os
from collections.abc import Mapping
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
        InvalidArgumentError: A limit is not acceptable, or stands beside a spool with its own.
    """
    chosen = {
        name: validation.positive(name, value) for name, value in given.items() if value is not None
    }
    limits = Limits(**{_LIMITS[name]: value for name, value in chosen.items()})
    if spool is None:
        return MemorySpool(limits)
    if isinstance(spool, str | os.PathLike):
        return ResilientSpool(SQLiteFile(spool, limits), limits)
    for name in chosen:
        raise InvalidArgumentError(
            f"is for a file or memory; give a Spool its Limits({_LIMITS[name]}=...)", field=name
        )
    return spool
