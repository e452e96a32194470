"""Makes a reporter's spool: in memory, in a file, or the application's own."""

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
"""A reporter's options, and their names in a spool."""


def spool_of(
    spool: str | os.PathLike[str] | Spool | None,
    given: Mapping[str, int | None],
    *,
    is_disabled: bool,
) -> Spool:
    """Make the spool that an application chose, with the limits that it gave, if any.

    A disabled client's is in memory: its choice is checked, and this machine may lack the folder.

    Raises:
        InvalidArgumentError: It is not a path, a spool or `None`, or the file is not a spool; or a
            limit is not acceptable, or given with a spool that has its own limits.
    """
    chosen = {
        name: validation.positive(name, value) for name, value in given.items() if value is not None
    }
    limits = Limits(**{_LIMITS[name]: value for name, value in chosen.items()})
    if spool is None:
        return MemorySpool(limits)
    if isinstance(spool, str | os.PathLike):
        path = Path(_file_path(spool))
        if is_disabled:
            return MemorySpool(limits)
        file = SQLiteFile(path, limits)
        if not path.parent.is_dir():  # a misspelled folder would hide the events
            raise InvalidArgumentError(
                f"the folder {str(path.parent.absolute())!r} does not exist: create it first",
                field="spool",
            )
        file.refuse_strangers()
        return ResilientSpool(file, limits)
    if not callable(getattr(spool, "lease", None)):
        raise InvalidArgumentError(
            f"must be a file's path, a Spool, or None for memory; not {type(spool).__name__}",
            field="spool",
        )
    for name in chosen:
        raise InvalidArgumentError(
            f"is for a file or memory; give a Spool its Limits({_LIMITS[name]}=...)", field=name
        )
    return MemorySpool(limits) if is_disabled else spool


def _file_path(given: str | os.PathLike[str]) -> str:
    """Return the path of a file; refuse text that looks like another kind of spool."""
    path: str | bytes = os.fspath(given)
    # The message does not repeat the text: a URL may contain a password.
    if not isinstance(path, str):
        problem = "must be text, not bytes"
    elif path.startswith(("redis:", "rediss:", "unix:")):
        problem = "is a URL of a Redis server: pass RedisSpool(url), which needs the extra redis"
    elif "://" in path or path.startswith("file:"):
        problem = "must be a file's path, not a URL"
    elif not path.strip() or path in {":memory:", "memory"}:
        problem = "must be a file's path; leave it out to keep events in memory"
    elif path.startswith("~"):
        problem = "must not begin with ~: pass Path(...).expanduser()"
    elif path.endswith(os.sep) or os.path.isdir(path):  # noqa: PTH112  (raises for no text at all)
        problem = "is a folder: name a file in it"
    elif "\0" in path:
        problem = "must not contain a NUL character"
    else:
        return path
    raise InvalidArgumentError(problem, field="spool")
