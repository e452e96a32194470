"""Keeps the imports of a module up to date with what its classes use. No I/O."""

from __future__ import annotations

import ast
from copy import copy
from typing import Final

from .edits import Edits
from .module import Class, Module
from .origins import Origins

__all__ = ["used", "with_imports"]

_HOMES: Final = {
    "Any": "typing",
    "NotRequired": "typing",
    "TypedExperience": "moengage_personalize",
    "attrs": "",
    "field": "dataclasses",
    "value": "moengage_personalize",
}
"""The names that written classes may need, and the modules that they come from."""


def used(text: str) -> frozenset[str]:
    """Return those of the names above that a module uses."""
    return _names(ast.parse(text))


def with_imports(text: str, before: frozenset[str] = frozenset()) -> str:
    """Add the imports that a module needs, and remove those that it needed before.

    If the module imports something under another name, new attributes use that name.
    """
    module = Module.from_text(text)
    # The package cannot use imports below `if TYPE_CHECKING:`, which only type checkers run.
    at_run_time = [one for one in module.tree.body if not isinstance(one, ast.If)]
    origins = Origins.of_module(ast.Module(at_run_time, []))
    missing = _names(*map(_outside_methods, module.classes.values()))
    missing -= origins.dotted.keys() | origins.assigned.keys()
    gone = before - _names(module.tree)
    edits = Edits(text)
    spelled = {
        name: spelling
        for name in missing
        if (spelling := origins.spelling(f"{_HOMES[name]}.{name}".strip(".")))
    }
    missing -= spelled.keys()
    for name in [one for made in module.classes.values() for one in _uses(_outside_methods(made))]:
        if name.id in spelled:
            edits.replace(name, spelled[name.id])
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


def _names(*nodes: ast.AST) -> frozenset[str]:
    return frozenset({one.id for node in nodes for one in _uses(node)} & _HOMES.keys())


def _uses(node: ast.AST) -> list[ast.Name]:
    return [one for one in ast.walk(node) if isinstance(one, ast.Name)]


def _outside_methods(made: Class) -> ast.ClassDef:
    """Return a class without its methods, which have their own names."""
    node = copy(made.node)
    node.body = [one for one in node.body if isinstance(one, ast.AnnAssign)]
    return node


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
