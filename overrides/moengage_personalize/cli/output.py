"""Prints results on stdout, as tables or as one JSON document, and all other text on stderr."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import attrs
from rich import box
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

__all__ = ["Output", "readable", "table"]

_WIDTH_OF_FILES: Final = 120
"""The width of a table in a file or a pipe, in characters, unless `COLUMNS` is set."""


@attrs.frozen
class Output:
    """The output of one command.

    Attributes:
        as_json: Whether to print one JSON document instead of tables.
    """

    as_json: bool = False

    def show(self, *parts: RenderableType | str) -> None:
        """Print tables and sentences on stdout, unless the output is JSON."""
        if self.as_json:
            return
        fixed = None if sys.stdout.isatty() or "COLUMNS" in os.environ else _WIDTH_OF_FILES
        console = Console(file=sys.stdout, width=fixed, highlight=False, markup=False, emoji=False)
        for part in parts:
            console.print(part)

    def document(self, document: Mapping[str, Any]) -> None:
        """Print the JSON document on stdout, if the output is JSON."""
        if self.as_json:
            print(json.dumps(document, indent=2), flush=True)  # noqa: T201  (the answer itself)

    def say(self, message: str) -> None:
        """Print one line on stderr."""
        print(readable(message), file=sys.stderr, flush=True)  # noqa: T201  (for the person)


def readable(value: object) -> str:
    """Write a value in one line that is safe for a terminal: escape what does not print."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode("ascii")
        for character in text
    )


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Table:
    """Make a table of values; long values wrap, so that none is cut."""
    made = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        made.add_column(Text(column), overflow="fold")
    for row in rows:
        made.add_row(*(Text(readable(value)) for value in row))
    return made
