"""The benchmarks' figures as text, as Markdown, and as a plot."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import attrs

__all__ = ["Row", "Table", "write"]

DOCS: Final = Path(__file__).resolve().parent.parent / "docs"
_HEADS: Final = {"cpu": "CPU a call, µs", "p50": "p50, µs", "p99": "p99, µs", "rate": "calls/s"}
_BEGIN: Final = "<!-- figures: written by scripts/benchmark --write -->\n"
_END: Final = "<!-- end of the figures -->\n"


@attrs.frozen
class Row:
    """A contender's medians, and some of them as ratios to the stock client's."""

    name: str
    figures: Mapping[str, float]
    ratios: Mapping[str, float]


@attrs.frozen
class Table:
    """What was measured, contender by contender."""

    title: str
    rows: Sequence[Row]

    def __str__(self) -> str:
        lines = ["", self.title]
        for row in self.rows:
            figures = "  ".join(f"{name} {value:>9.0f}" for name, value in row.figures.items())
            ratios = "  ".join(f"{name} {value:<7.3f}" for name, value in row.ratios.items())
            lines.append(f"  {row.name:22} {figures}   of stock: {ratios}")
        return "\n".join(lines)

    def markdown(self) -> str:
        """The same for the page."""
        columns = [name for name in _HEADS if name in self.rows[0].ratios]
        heads = [*_HEADS.values(), *(f"{_HEADS[name].split(',')[0]}, of stock" for name in columns)]
        lines = [f"### {self.title}", "", f"| | {' | '.join(heads)} |"]
        lines.append(f"| --- {'| ---: ' * len(heads)}|")
        for row in self.rows:
            cells = [f"{row.figures[name]:,.0f}" for name in _HEADS]
            cells += [f"{row.ratios[name]:.2f}" for name in columns]
            lines.append(f"| {row.name} | {' | '.join(cells)} |")
        return "\n".join([*lines, ""])


def write(
    machine: str,
    tables: Sequence[Table],
    single: Sequence[tuple[str, float]],
    *,
    highlight: Sequence[str],
) -> None:
    """Put the figures between their marks in docs/performance.md, and draw the plot beside it."""
    lines = [f"Machine: {machine}.", "", "| ratio | |", "| --- | ---: |"]
    lines += [f"| {what} | {ratio:.2f} |" for what, ratio in single]
    text = "\n".join([*lines, "", *(table.markdown() for table in tables)])
    page = DOCS / "performance.md"
    old = page.read_text(encoding="utf-8")
    new = re.sub(
        f"{re.escape(_BEGIN)}.*{re.escape(_END)}",
        lambda _: f"{_BEGIN}\n{text}\n{_END}",
        old,
        flags=re.DOTALL,
    )
    page.write_text(new, encoding="utf-8")
    _draw(tables, highlight)


def _draw(tables: Sequence[Table], highlight: Sequence[str]) -> None:
    """Calls in a second, by calls in flight."""
    import matplotlib as mpl  # noqa: PLC0415  (only the plot needs it)
    from matplotlib import pyplot as plt  # noqa: PLC0415  (the same)

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "performance"
    made: tuple[Any, Any] = plt.subplots(figsize=(8, 4.5))  # pyright: ignore[reportUnknownMemberType]  (typed in part)
    figure, axes = made
    awaited = [table for table in tables if table.title.startswith("asyncio")]
    counts = [int(table.title.split()[1]) for table in awaited]
    for name in (row.name for row in awaited[0].rows):
        rates = [
            next(row.figures["rate"] for row in table.rows if row.name == name) for table in awaited
        ]
        width, dashes = (2.5, "-") if name in highlight else (1, "--")
        axes.plot(counts, rates, marker="o", label=name, linewidth=width, linestyle=dashes)
    axes.set(xscale="log", yscale="log", xlabel="calls in flight", ylabel="calls a second")
    axes.set_xticks(counts, [str(count) for count in counts])
    axes.minorticks_off()
    axes.set_title("asyncio: calls a second")
    axes.grid(visible=True, alpha=0.3)
    axes.legend(fontsize="small")
    figure.tight_layout()
    figure.savefig(DOCS / "performance.svg", metadata={"Date": None})
