"""Updates a module from a workspace, and keeps what a person changed in it.

It keeps names, docstrings, comments, methods and defaults, and every type that fits the workspace.
It changes other types, adds new values, and removes values that are gone.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import attrs

from .check import Difference, differences
from .edits import Edits, first_line
from .imports import used, with_imports
from .module import Class, Field, Module, literal
from .names import Names
from .render import UNMATCHED, formatted, rendered, unmatched
from .samples import Workspace
from .schemas import Schema, schemas
from .writer import COMMENTS, FACTS, LACKING, Defaults

__all__ = ["Update", "updated"]


@attrs.frozen
class Update:
    """A module after an update.

    Attributes:
        text: Its new text.
        changes: The differences that the update has removed.
        added: The keys that have a class now.
        left: The differences that remain in a base class, which other experiences may need.
    """

    text: str
    changes: tuple[Difference, ...]
    added: tuple[str, ...]
    left: tuple[Difference, ...] = ()


def updated(
    module: Module | None,
    workspace: Workspace,
    *,
    defaults: Defaults = "sample",
    file: Path | None = None,
) -> Update:
    """Write a module, or update one.

    Args:
        module: The existing module, if there is one.
        workspace: The workspace to describe.
        defaults: The source of the defaults of new values.
        file: The path of the module, for ruff's settings there.

    Raises:
        ModuleError: ruff refuses its settings there.
    """
    described = schemas(workspace.samples, enumerated=True)
    if module is None:
        new = rendered(workspace, described, names=Names(), defaults=defaults, file=file)
        return Update(new.text, (), tuple(described))
    names = Names.of(module, described)
    fresh = rendered(workspace, described, names=names, defaults=defaults, file=file)
    text = _Updater(module, Module.from_text(fresh.text), fresh.schemas, workspace).text()
    text = _without_orphans(text, module)
    text = with_imports(text, used(module.text))
    if formatted(module.text, file) == module.text:
        text = formatted(text, file)
    known = {one.key for one in module.experiences}
    left = [one for one in differences(Module.from_text(text), workspace) if one.inherited_from]
    settled = tuple(
        one
        for one in differences(module, workspace)
        if one.problem not in {"paused", "scheduled"} and one not in left
    )
    added = tuple(key for key in described if key not in known)
    return Update(text, settled, added, tuple(left))


class _Updater:
    """Edits an existing module until it agrees with a new one."""

    def __init__(
        self, old: Module, fresh: Module, described: Mapping[str, Schema], workspace: Workspace
    ) -> None:
        self._old, self._fresh = old, fresh
        self._schemas = described
        self._workspace = workspace
        self._edits, self._source = Edits(old.text), Edits(fresh.text)
        self._inserted: set[str] = set()
        self._merged: set[str] = set()

    def text(self) -> str:
        """Return the new text."""
        workspace = self._workspace
        listing = workspace.listing
        fresh = {one.key: one for one in self._fresh.experiences}
        for one in self._old.experiences:
            if one.key in fresh:
                self._merge(one, fresh[one.key])
            elif listing is not None and one.key not in listing and workspace.is_about(one.key):
                _remove_class(self._edits, one.node)
        known = {one.key for one in self._old.experiences}
        new = [one for key, one in fresh.items() if key not in known]
        blocks = [self._lines_of(each) for one in new for each in [*self._inside(one.node), one]]
        if not workspace.keys:
            self._remove_unmatched()
            blocks += [text.split("\n") for text in unmatched(workspace)]
        for block in blocks:
            self._edits.insert(self._edits.end, ["", "", *block])
        return self._edits.text

    def _merge(self, old: Class, fresh: Class) -> None:
        """Update a class, and the classes inside its values."""
        if old.name in self._merged:
            return
        self._merged.add(old.name)
        properties = self._schemas[fresh.name].get("properties", {})
        gone: list[ast.stmt] = []
        for name, field in old.fields.items():
            annotation = field.node.annotation
            if field.owner != old.name:
                continue  # it is in a base class, which other experiences may have too
            if name not in properties:
                gone += self._statements(old, field)
            elif not self._old.accepts(annotation, properties[name]):
                self._retype(old, field, fresh.fields[name])
            elif inner := self._old.inner(annotation, properties[name]):
                self._merge(inner.made, self._fresh.classes[inner.made.name])
        new = [field for name, field in fresh.fields.items() if name not in old.fields]
        # A class needs a body; a docstring is enough.
        instead = "" if new or len(gone) < len(old.node.body) else "pass"
        for node in gone:
            self._remove_comments(node)
            self._edits.remove(node, instead)
            instead = ""
        self._add(old, new)
        self._restate(old, fresh)

    def _statements(self, made: Class, field: Field) -> list[ast.stmt]:
        """Return an attribute in a class's own body, and the docstring below it."""
        body = made.node.body
        if field.node not in body:
            return []
        at = body.index(field.node)
        return [field.node, *(node for node in body[at + 1 : at + 2] if _is_docstring(node))]

    def _retype(self, made: Class, field: Field, fresh: Field) -> None:
        """Change a type, and a default that does not fit the new type."""
        annotation = self._source.source(fresh.node.annotation)
        self._insert_classes(made, fresh.node)
        default = field.node.value
        if isinstance(default, ast.Call):
            given = {one.arg: one.value for one in default.keywords}
            default = given.get("default", default)
        value = None if default is None else literal(default)
        if field.node.value is not None and value is None:
            annotation = annotation.removesuffix(" | None")
            annotation += "" if annotation == "Any" else " | None"
        elif field.node.value and fresh.node.value and not _fits(value, annotation):
            self._edits.replace(field.node.value, self._default_in(made, fresh))
        self._edits.replace(field.node.annotation, annotation)

    def _add(self, made: Class, new: Sequence[Field]) -> None:
        """Add attributes after the existing ones."""
        if not new:
            return
        first, is_open = made.node.body[0], True
        indent = self._edits.line(first.lineno)[: first.col_offset]
        # `class A(TypedExperience, key="a"): ...`, or with a backslash after the colon
        if indent.strip() or self._edits.is_continued(first):
            is_open, indent = False, f"{_indent(self._edits, made.node)}    "
            self._edits.open_up(first, indent)
        lines: list[str] = []
        for field in new:
            self._insert_classes(made, field.node)
            lines += self._lines_of_field(made, field, indent)
        own = [node for field in made.fields.values() for node in self._statements(made, field)]
        facts = self._facts(self._edits, made.node)
        if own:
            before = max(map(_end, own)) + 1
        elif facts:
            before = facts + 1
        elif _is_docstring(first):
            before, lines = _end(first) + 1, ["", *lines]
        else:
            before = first_line(first) if is_open else _end(first) + 1
        self._edits.insert(before, lines)

    def _lines_of_field(self, made: Class, field: Field, indent: str) -> list[str]:
        """Return the lines of a new attribute, with the comment above it."""
        last = field.node.lineno - 1
        first = last
        while self._source.line(first).strip() in COMMENTS:
            first -= 1
        lines = [self._source.line(number) for number in range(first + 1, last + 1)]
        annotation = self._source.source(field.node.annotation)
        if made.is_typed_dict:
            may_lack = LACKING in map(str.strip, lines)
            annotation = f"NotRequired[{annotation}]" if may_lack else annotation
            lines.append(f"    {field.attribute}: {annotation}")
        elif made.is_dataclass:
            lines.append(f"    {field.attribute}: {annotation} = {self._default_in(made, field)}")
        else:
            numbers = range(field.node.lineno, _end(field.node) + 1)
            lines += map(self._source.line, numbers)
        return [indent * ((len(line) - len(line.lstrip())) // 4) + line.lstrip() for line in lines]

    def _default_in(self, made: Class, field: Field) -> str:
        """Return the default of a new attribute, as its class writes it."""
        default = field.node.value
        if made.is_dataclass and isinstance(default, ast.Call):
            return f"field(default_factory={self._source.source(default.keywords[0].value)})"
        return self._source.source(default) if default else ""

    def _restate(self, old: Class, fresh: Class) -> None:
        """Update the comment on the workspace, if the class still has it."""
        line, new = self._facts(self._edits, old.node), self._facts(self._source, fresh.node)
        if line:
            text = self._edits.line(line)
            indent = text[: len(text) - len(text.lstrip())]
            self._edits.remove_lines(line, line)
            if new:
                self._edits.insert(line, [indent + self._source.line(new).strip()])

    @staticmethod
    def _facts(edits: Edits, node: ast.ClassDef) -> int:
        """Return the line of the comment on the workspace; 0 if there is none."""
        docstring = node.body[0]
        first = _end(docstring) + 1 if _is_docstring(docstring) else node.lineno
        for number in range(first, first + 3):
            if edits.line(number).strip().startswith(FACTS):
                return number
        return 0

    def _insert_classes(self, before: Class, node: ast.AST) -> None:
        """Insert the classes that new text needs, before the class that gets the text."""
        for one in self._inside(node):
            line = first_line(before.node)
            while self._edits.line(line - 1).lstrip().startswith("#"):
                line -= 1
            indent = _indent(self._edits, before.node)
            lines = [f"{indent}{each}" if each else "" for each in self._lines_of(one)]
            self._edits.insert(line, [*lines, "", ""])

    def _inside(self, node: ast.AST) -> Iterator[Class]:
        """Yield each new class that new text needs once, after the classes that it needs itself."""
        for name in [one.id for one in ast.walk(node) if isinstance(one, ast.Name)]:
            made = self._fresh.classes.get(name)
            if made and name not in self._old.classes and name not in self._inserted:
                self._inserted.add(name)
                yield from self._inside(made.node)
                yield made

    def _lines_of(self, made: Class) -> list[str]:
        """Return the lines of a new class, including the comments at its end."""
        last = max(_end(made.node), self._facts(self._source, made.node))
        return [self._source.line(number) for number in range(first_line(made.node), last + 1)]

    def _remove_comments(self, node: ast.stmt) -> None:
        """Remove the comments about an attribute above it."""
        first = node.lineno
        while self._edits.line(first - 1).strip() in COMMENTS:
            first -= 1
        self._edits.remove_lines(first, node.lineno - 1)

    def _remove_unmatched(self) -> None:
        """Remove the comment on experiences without a sample, which is written again."""
        for number in range(1, self._edits.end):
            if self._edits.line(number) == UNMATCHED:
                first, last = number, number
                while self._edits.line(last + 1).startswith("#   "):
                    last += 1
                while first > 1 and not self._edits.line(first - 1).strip():
                    first -= 1
                self._edits.remove_lines(first, last)


def _without_orphans(text: str, old: Module) -> str:
    """Remove the classes of inner objects that nothing uses any more."""
    candidates = {
        one.name for one in old.classes.values() if not one.key and one.fields
    } & _referred(old)
    module = Module.from_text(text)
    while gone := (candidates - _referred(module)) & module.classes.keys():
        edits = Edits(module.text)
        for name in gone:
            _remove_class(edits, module.classes[name].node)
        module = Module.from_text(edits.text)
    return module.text


def _referred(module: Module) -> set[str]:
    """Return the names that a module uses, including those in types written as text."""
    found: set[str] = set()
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found |= set(re.findall(r"\w+", node.value))
    return found


def _remove_class(edits: Edits, node: ast.ClassDef) -> None:
    """Remove a class, with the comments in it and the blank lines below it."""
    first, last = first_line(node), _end(node)
    if node.col_offset:  # below an `if`, which needs a body
        edits.remove(node, "pass")
        return
    while last + 1 < edits.end and edits.line(last + 1)[:1] in {"", " ", "\t"}:
        last += 1
    edits.remove_lines(first, last)


def _indent(edits: Edits, node: ast.ClassDef) -> str:
    return edits.line(node.lineno)[: node.col_offset]


def _is_docstring(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _end(node: ast.stmt) -> int:
    return node.end_lineno or node.lineno


def _fits(value: object, annotation: str) -> bool:
    """Return whether a literal is of a type, which is given as text."""
    kind = annotation.removesuffix(" | None")
    if kind == "float":
        return type(value) in {int, float}
    if kind.startswith("list["):
        return value == []
    return kind == "Any" or type(value).__name__ == kind.partition("[")[0]
