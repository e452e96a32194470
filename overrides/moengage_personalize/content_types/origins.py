"""Finds what the names of a module stand for, from its imports and assignments. No I/O."""

from __future__ import annotations

import ast
import builtins
import sys
from collections.abc import Iterator, Mapping
from typing import Final, Self

import attrs

__all__ = ["Origins", "is_standard", "parsed", "statements"]

_STANDARD: Final = sys.stdlib_module_names | {"typing_extensions"}


@attrs.frozen
class Origins:
    """The origins of names.

    Attributes:
        dotted: The full name of each imported name, such as `moengage_personalize.value`.
        assigned: The expression that is assigned to a name, for example a type.
    """

    dotted: Mapping[str, str]
    assigned: Mapping[str, ast.expr]

    @classmethod
    def of_module(cls, tree: ast.Module) -> Self:
        """Read the imports and assignments outside of functions and classes."""
        dotted: dict[str, str] = {}
        assigned: dict[str, ast.expr] = {}
        for node in statements(tree):
            match node:
                case ast.Import():
                    for one in node.names:
                        root = one.name.partition(".")[0]
                        dotted[one.asname or root] = one.name if one.asname else root
                case ast.ImportFrom():
                    home = "." * node.level + (node.module or "")
                    dotted |= {one.asname or one.name: f"{home}.{one.name}" for one in node.names}
                case (
                    ast.Assign(targets=[ast.Name(id=name)], value=value)
                    | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
                ):
                    assigned.setdefault(name, value)
                case _ if sys.version_info >= (3, 12) and isinstance(node, ast.TypeAlias):
                    assigned.setdefault(node.name.id, node.value)
                case _:
                    pass
        return cls(dotted, assigned)

    def of(self, node: ast.expr, seen: frozenset[str] = frozenset()) -> str:
        """Return the full name at the start of a type: `typing.Any` for `t.Any`; empty if none."""
        node, parts = parsed(node), list[str]()
        while isinstance(node, ast.Subscript | ast.Attribute):
            parts += [node.attr] if isinstance(node, ast.Attribute) else []
            node = node.value
        if not isinstance(node, ast.Name):
            return ""
        root = self.dotted.get(node.id, node.id)
        if node.id in self.assigned and node.id not in seen:
            root = self.of(self.assigned[node.id], seen | {node.id}) or root
        return ".".join([root, *reversed(parts)])

    def base(self, node: ast.expr) -> str:
        """Return the last part of that name."""
        return self.of(node).rpartition(".")[2]

    def spelling(self, dotted: str) -> str | None:
        """Return how the module can write an imported name; None if it cannot."""
        home, _, last = dotted.rpartition(".")
        if f"{home}.*" in self.dotted.values():
            return last
        for name, of in self.dotted.items():
            if of == dotted:
                return name
            if home and of == home:
                return f"{name}{dotted.removeprefix(home)}"
        return None


def is_standard(dotted: str) -> bool:
    """Return whether a name is from Python itself or its standard library."""
    root, _, rest = dotted.partition(".")
    return root in _STANDARD if rest else hasattr(builtins, root)


def parsed(node: ast.expr) -> ast.expr:
    """Parse a type that is written as text; return any other type unchanged."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        try:
            return ast.parse(node.value, mode="eval").body
        except (SyntaxError, ValueError):
            return node
    return node


def statements(tree: ast.AST) -> Iterator[ast.stmt]:
    """Yield the statements of a module, including those below `if` and `try`."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.stmt):
            yield node
        if not isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef | ast.expr):
            yield from statements(node)
