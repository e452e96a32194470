"""Writes a new module of typed experiences, in ruff's format."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import attrs
from ruff.__main__ import find_ruff_bin  # pyright: ignore[reportMissingTypeStubs]  (one path)

from .imports import with_imports
from .module import ModuleError
from .names import Names
from .samples import Workspace
from .schemas import Schema
from .writer import Defaults, Writer, printable

__all__ = ["UNMATCHED", "Rendered", "formatted", "rendered", "unmatched"]

UNMATCHED: Final = "# Listed in the workspace, but in no sample, so no class was written for them:"
"""The comment above the keys without a sample."""

_DOCSTRING: Final = '''"""Experiences of the workspace: their values, types and defaults.

Written by `moengage-personalize types`, which can also update this file: it changes
types that no longer fit, adds new values, removes old ones, and keeps the rest.
"""'''


@attrs.frozen
class Rendered:
    """A new module.

    Attributes:
        text: Its formatted text.
        schemas: The schema of each of its classes, by the class's name.
    """

    text: str
    schemas: Mapping[str, Schema]


def rendered(
    workspace: Workspace,
    described: Mapping[str, Schema],
    *,
    names: Names,
    defaults: Defaults,
    file: Path | None,
) -> Rendered:
    """Write a module.

    Args:
        workspace: The source of its facts and defaults.
        described: The schema of each experience.
        names: The names that exist already.
        defaults: The source of defaults.
        file: The path of the module, for ruff's settings there.

    Raises:
        ModuleError: ruff refuses its settings there.
    """
    writer = Writer(workspace, names, defaults)
    for key, schema in described.items():
        writer.plan((key,), schema)
    for key in described:
        writer.write(key)
    parts = [_DOCSTRING, *writer.blocks, *unmatched(workspace)]
    return Rendered(formatted(with_imports("\n\n".join(parts) + "\n"), file), writer.schemas)


def unmatched(workspace: Workspace) -> list[str]:
    """Return the comment on experiences without a sample, if there are any."""
    lines = [
        f"#   {printable(entry.experience_key)} ({printable(entry.experience_name)}), "
        f"{printable(entry.status)}"
        for entry in workspace.unmatched
    ]
    return ["\n".join([UNMATCHED, *lines])] if lines else []


def formatted(text: str, file: Path | None) -> str:
    """Format the text with ruff's settings for its file; without a file, with ruff's defaults.

    Raises:
        ModuleError: ruff refuses its settings there.
    """
    place = ["--isolated"] if file is None else ["--stdin-filename", str(file)]
    done = subprocess.run(  # noqa: S603  (ruff's own program, and arguments of ours)
        [find_ruff_bin(), "format", "--quiet", *place, "-"],
        input=text.encode(),
        capture_output=True,
        check=False,
    )
    if done.returncode:
        raise ModuleError(f"ruff format: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout.decode()
