"""A comparison for people and for machines."""

import json
import sys
from typing import TextIO

from rich.console import Console
from rich.table import Table

from api_changes.comparison import Comparison

# Where the output is no terminal: wide enough for a sentence, narrow enough for a log.
_WIDTH = 140


def print_table(comparison: Comparison, stream: TextIO | None = None) -> None:
    """Prints what changed, who is affected, and which version is due."""
    console = Console(file=stream or sys.stdout, width=None if sys.stdout.isatty() else _WIDTH)
    base, revision = comparison.base, comparison.revision
    console.print(f"{revision.label}, compared with {base.label}", highlight=False)
    if base.face is None:
        console.print("Only the documents are compared: a file has no Python face.")
    if not comparison.changes:
        console.print("Nothing changed.")
        return
    table = Table(show_lines=False)
    for heading in ("version", "breaking", "affects", "what changed", "where"):
        table.add_column(heading, overflow="fold")
    for change in comparison.changes:
        what = f"{change.what} ({change.why})" if change.why else change.what
        breaking = "yes" if change.is_breaking else "no"
        table.add_row(change.step.word, breaking, change.affected, what, change.where)
    console.print(table, markup=False, highlight=False)
    console.print(
        f"Due: {comparison.due} at least, a {comparison.step.word} step from "
        f"{base.document.version}; info.version says {revision.document.version}.",
        highlight=False,
    )


def to_json(comparison: Comparison) -> str:
    """The same as JSON."""
    rows = [
        {
            "what": change.what,
            "where": change.where,
            "version": change.step.word,
            "breaking": change.is_breaking,
            "affects": sorted(change.affects),
            "rule": change.rule,
            "why": change.why,
        }
        for change in comparison.changes
    ]
    content = {
        "base": {"label": comparison.base.label, "version": comparison.base.document.version},
        "version": comparison.revision.document.version,
        "python_face_compared": comparison.base.face is not None,
        "step": comparison.step.word,
        "due": str(comparison.due),
        "changes": rows,
    }
    return json.dumps(content, indent=2)
