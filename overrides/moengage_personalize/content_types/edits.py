"""Changes parts of a text and keeps every other byte. No I/O."""

from __future__ import annotations

import ast
import io
from collections.abc import Sequence

__all__ = ["Edits", "first_line"]


class Edits:
    """Edits of one Python text, located by the nodes of its syntax tree."""

    def __init__(self, text: str) -> None:
        # Lines and columns as the parser counts them: columns are bytes of UTF-8.
        self._lines = [line.encode() for line in io.StringIO(text, newline="")]
        self._starts = [0]
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line))
        self._newline = "\r\n" if "\r\n" in text else "\n"
        self._made: list[tuple[int, int, str]] = []

    @property
    def text(self) -> str:
        """The text with the edits made so far."""
        data = b"".join(self._lines)
        # From the end of the text; several insertions at one place keep their order.
        ordered = sorted(enumerate(self._made), key=lambda one: (*one[1][:2], one[0]), reverse=True)
        for _, (start, end, new) in ordered:
            data = data[:start] + new.replace("\n", self._newline).encode() + data[end:]
        return data.decode()

    @property
    def end(self) -> int:
        """The number of the line after the last."""
        return len(self._lines) + 1

    def line(self, number: int) -> str:
        """Return a line without its end; numbers begin at 1. Empty outside of the text."""
        inside = 0 < number <= len(self._lines)
        return self._lines[number - 1].decode().rstrip("\r\n") if inside else ""

    def source(self, node: ast.expr | ast.stmt) -> str:
        """Return the text of a node."""
        start, end = self._span(node)
        return b"".join(self._lines)[start:end].decode()

    def replace(self, node: ast.expr | ast.stmt, text: str) -> None:
        """Replace a node with a text."""
        self._made.append((*self._span(node), text))

    def insert(self, before: int, lines: Sequence[str]) -> None:
        """Insert lines before a line."""
        at = self._starts[min(before - 1, len(self._lines))]
        is_open = at == self._starts[-1] and self._lines and not self._lines[-1].endswith(b"\n")
        head = "\n" if is_open else ""
        self._made.append((at, at, head + "".join(f"{line}\n" for line in lines)))

    def insert_after_imports(self, tree: ast.Module, lines: Sequence[str]) -> None:
        """Insert lines after the imports at the top of a module, or after its docstring."""
        after: ast.stmt | None = None
        for node in tree.body:
            if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                break
            if isinstance(node, ast.Import | ast.ImportFrom):
                after = node
        if after is not None:
            self.insert((after.end_lineno or after.lineno) + 1, lines)
        elif ast.get_docstring(tree) is not None:
            self.insert((tree.body[0].end_lineno or 1) + 1, ["", *lines])
        else:
            self.insert(1, [*lines, "", ""])

    def is_continued(self, node: ast.stmt) -> bool:
        """Return whether a backslash joins a statement to the line before it."""
        return self.line(node.lineno - 1).endswith("\\")

    def open_up(self, node: ast.stmt, indent: str) -> None:
        """Move the only statement of a class from the line of the class to its own line."""
        start, _ = self._span(node)
        colon = len(b"".join(self._lines)[:start].rstrip(b" \t\\\r\n"))
        self._made.append((colon, start, f"\n{indent}"))

    def remove(self, node: ast.stmt, instead: str = "") -> None:
        """Remove a statement with its decorators, and its lines if they have nothing else."""
        first, last = first_line(node), node.end_lineno or node.lineno
        start, end = self._span(node)
        before = self._lines[node.lineno - 1][: node.col_offset].strip()
        after = self._lines[last - 1][node.end_col_offset or 0 :].strip()
        if before or self.is_continued(node) or (after and not after.startswith(b"#")):
            self._made.append((start, end, instead or "pass"))
        else:
            new = f"{self.line(first)[: node.col_offset]}{instead}\n" if instead else ""
            self._made.append((self._starts[first - 1], self._starts[last], new))

    def remove_lines(self, first: int, last: int) -> None:
        """Remove whole lines."""
        if first <= last:
            self._made.append((self._starts[first - 1], self._starts[last], ""))

    def _span(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        start = self._starts[node.lineno - 1] + node.col_offset
        last, column = node.end_lineno or node.lineno, node.end_col_offset or 0
        return start, self._starts[last - 1] + column


def first_line(node: ast.stmt) -> int:
    """Return the first line of a statement, including its decorators."""
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min(node.lineno, *(one.lineno for one in decorators)) if decorators else node.lineno
