"""Keeps the imports of a module in step with what its classes use. No I/O."""

from __future__ import annotations

import ast
from typing import Final

from .edits import Edits
from .module import Module

__all__ = ["used", "with_imports"]

_HOMES: Final = {
    "Any": "typing",
    "NotRequired": "typing",
    "TypedExperience": "moengage_personalize",
    "attrs": "",
    "field": "dataclasses",
    "value": "moengage_personalize",
}
"""Where what written classes may need is imported from."""


def used(text: str) -> frozenset[str]:
    """The names of those above that a module uses."""
    names = {one.id for one in ast.walk(ast.parse(text)) if isinstance(one, ast.Name)}
    return frozenset(names & _HOMES.keys())


def with_imports(text: str, before: frozenset[str] = frozenset()) -> str:
    """Import what a module uses, and no longer import what it used before and does not now."""
    module, now = Module.from_text(text), used(text)
    missing = now - module.bound
    gone = before - now
    edits = Edits(text)
    for node in module.tree.body:
        if isinstance(node, ast.ImportFrom | ast.Import):
            home = "" if isinstance(node, ast.Import) else node.module or "."
            added = {name for name in missing if home and _HOMES[name] == home}
            removed = {one.name for one in node.names if one.name in gone} & {
                name for name, of in _HOMES.items() if of == home
            }
            if added or removed:
                missing -= added
                kept = [one for one in node.names if one.name not in removed]
                node.names = sorted([*kept, *map(ast.alias, added)], key=lambda one: one.name)
                if node.names:
                    edits.replace(node, ast.unparse(node))
                else:
                    edits.remove(node)
    if missing:
        edits.insert_after_imports(module.tree, _lines(missing))
    return edits.text


def _lines(names: frozenset[str]) -> list[str]:
    by_home: dict[str, list[str]] = {}
    for name in sorted(names):
        by_home.setdefault(_HOMES[name], []).append(name)
    lines: list[str] = []
    for home in ("dataclasses", "typing", "", "moengage_personalize"):
        if home in by_home:
            listed = ", ".join(by_home[home])
            lines += [
                *([""] if lines else []),
                f"import {listed}" if not home else f"from {home} import {listed}",
            ]
    return lines
