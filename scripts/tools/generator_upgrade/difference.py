"""Two generated packages, as a unified diff."""

import difflib
from collections.abc import Iterator
from pathlib import Path

from generator.package import differences


def unified(old: Path, new: Path) -> Iterator[str]:
    """The lines that turn the old package into the new one, file by file."""
    for row in differences(old, new):
        name = row.partition(" ")[2]
        yield from difflib.unified_diff(
            _lines(old / name), _lines(new / name), f"a/{name}", f"b/{name}", lineterm=""
        )


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
