"""A module of typed experiences as it is written from nothing, in ruff's format."""

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

UNMATCHED: Final = (
    "# Listed in the workspace, but in no sample, so that no class was written for them:"
)
"""The comment above the keys that no sample is of."""

_DOCSTRING: Final = '''"""Experiences of the workspace: their values, types and defaults.

Written by `moengage-personalize types`. It updates this file, too: it changes types
that no longer hold, adds what is new, removes what is gone, and leaves the rest.
"""'''


@attrs.frozen
class Rendered:
    """A module as it is written from nothing.

    Attributes:
        text: Its formatted text.
        schemas: What each of its classes describes, by the class's name.
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
        workspace: What its facts and defaults come from.
        described: The schema of each experience.
        names: The names that are given already.
        defaults: Where defaults come from.
        file: Where it will stand, for the format of that place.

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
    """The comment on experiences without a sample, if there are any."""
    lines = [
        f"#   {printable(entry.experience_key)} ({printable(entry.experience_name)}), "
        f"{printable(entry.status)}"
        for entry in workspace.unmatched
    ]
    return ["\n".join([UNMATCHED, *lines])] if lines else []


def formatted(text: str, file: Path | None) -> str:
    """The text as `ruff format` writes it where it will stand; without a file, by ruff's defaults.

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
