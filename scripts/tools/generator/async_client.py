"""Writes the async client from the sync one, so that every argument and docstring stands once.

A method that calls `send` or the transport's `close` is async, and so is a method that calls such a
method. What else differs, a name or a sentence, is listed here. mypy and pyright check the result:
they find an `await` that is missing.
"""

import ast
import re
import subprocess
import sys
from pathlib import Path

CLIENT = Path("overrides", "moengage_personalize", "client")
SOURCE, TARGET = CLIENT / "sync_client.py", CLIENT / "async_client.py"

_WAITS = {"send", "self._transport.close"}
_TEXTS = {
    '"""The sync client; `async_client` is generated from this module."""': (
        '"""The async client, for asyncio and trio."""'
    ),
    "Make one per process; threads may share it.": "Make one per event loop; tasks may share it.",
    "Use it as a context manager, or `close` it,": "Use it with `async with`, or await `close`,",
}
_NAMES = {
    r"\bPersonalizeClient\b": "AsyncPersonalizeClient",
    r"\bTransport\b": "AsyncTransport",
    r"\bhttpx\.(Client|BaseTransport)\b": r"httpx.Async\1",
    r"\bbackend_for\b": "async_backend_for",
    r"(?<=import )send\b|\bsend(?=\()": "send_async",
    r"\b__(enter|exit)__": r"__a\1__",
}


def async_client(root: Path, source: str) -> str:
    """The async client's module, from the text of the sync client's.

    Args:
        root: The checkout, whose settings of ruff format it.
        source: The text.

    Raises:
        ValueError: A sentence that is to be replaced no longer stands in the source.
    """
    lines = source.splitlines(keepends=True)
    # From the end, so that what is inserted moves nothing that is still to come.
    for line, column, word in sorted(_insertions(ast.parse(source)), reverse=True):
        lines[line - 1] = lines[line - 1][:column] + word + lines[line - 1][column:]
    text = "".join(lines)
    for sync_text, async_text in _TEXTS.items():
        if sync_text not in text:
            raise ValueError(f"{SOURCE.name} no longer says: {sync_text}")
        text = text.replace(sync_text, async_text)
    for name, async_name in _NAMES.items():
        text = re.sub(name, async_name, text)
    banner = f"# Generated from {SOURCE.name} by scripts/generate; do not edit.\n"
    return _formatted(root, banner + text)


def write(root: Path, *, only_check: bool = False) -> list[str]:
    """Write a checkout's async client, or only say whether it differs: a row, or none."""
    target = root / TARGET
    wanted = async_client(root, (root / SOURCE).read_text(encoding="utf-8"))
    if target.exists() and target.read_text(encoding="utf-8") == wanted:
        return []
    if not only_check:
        target.write_text(wanted, encoding="utf-8")
    return [f"changed {target.name}"]


def _insertions(module: ast.Module) -> set[tuple[int, int, str]]:
    """The line (from 1) and the column of each text that makes a method or a call async."""
    methods = [node for node in ast.walk(module) if isinstance(node, ast.FunctionDef)]
    statements = {node.value for node in ast.walk(module) if isinstance(node, ast.Expr)}
    # `async with` awaits both, whatever they do.
    found = {_async(method) for method in methods if method.name in {"__enter__", "__exit__"}}
    waits, before = set(_WAITS), 0
    while len(found) > before:
        before = len(found)
        for method in methods:
            for call in ast.walk(method):
                if isinstance(call, ast.Call) and ast.unparse(call.func) in waits:
                    waits.add(f"self.{method.name}")
                    found |= {_async(method), *_awaited(call, is_statement=call in statements)}
    # An overload calls nothing, and is as async as the method of its name.
    return found | {_async(method) for method in methods if f"self.{method.name}" in waits}


def _async(method: ast.FunctionDef) -> tuple[int, int, str]:
    return method.lineno, method.col_offset, "async "


def _awaited(call: ast.Call, *, is_statement: bool) -> list[tuple[int, int, str]]:
    if is_statement:
        return [(call.lineno, call.col_offset, "await ")]
    # Where the parentheses are not needed, the formatter takes them away, but for statements.
    end = call.end_lineno or 0, call.end_col_offset or 0
    return [(call.lineno, call.col_offset, "(await "), (*end, ")")]


def _formatted(root: Path, text: str) -> str:
    for command in (["check", "--fix-only", "--select", "I"], ["format"]):
        text = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--quiet", "--stdin-filename", TARGET, "-"],
            cwd=root,
            input=text,
            check=True,
            capture_output=True,
            encoding="utf-8",
        ).stdout
    return text
