"""Reads YAML as JSON values and remembers the line of each, so that a problem can name it."""

import math
from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

Path: TypeAlias = tuple[str | int, ...]

_TEXT: Final = "tag:yaml.org,2002:str"
_JSON_SCALARS: Final = frozenset(
    {f"tag:yaml.org,2002:{name}" for name in ("bool", "float", "int", "null")}
)
_FIRST_LINE: Final = 1


class YamlProblemError(ValueError):
    """The text is not YAML, or has YAML that JSON cannot express.

    Attributes:
        line: The line of the problem, from 1.
        problem: What is wrong and what would be right.
    """

    def __init__(self, line: int, problem: str) -> None:
        super().__init__(f"line {line}: {problem}")
        self.line = line
        self.problem = problem


class YamlLines:
    """A YAML text as a JSON value.

    Args:
        content: The text, in UTF-8.

    Attributes:
        value: The value.

    Raises:
        YamlProblemError: The text has a syntax error, a repeated key, or a value that JSON lacks.
    """

    def __init__(self, content: bytes) -> None:
        self._yaml = YAML(typ="safe", pure=True)
        self._lines: dict[Path, int] = {}
        self._open: set[int] = set()
        node = self._compose(content)
        self.value: Any = None if node is None else self._build(node, ())

    def line(self, path: Path) -> int:
        """Return the line, from 1, of the value at a path, or of the nearest one around it."""
        while path and path not in self._lines:
            path = path[:-1]
        return self._lines.get(path, _FIRST_LINE)

    def _compose(self, content: bytes) -> Node | None:
        text = _decoded(content)
        try:
            node: Node | None = self._yaml.compose(text)
        except YAMLError as error:
            raise YamlProblemError(*_explained(error, text)) from error
        return node

    def _build(self, node: Node, path: Path) -> Any:  # noqa: ANN401 -- any JSON
        line = _line_of(node)
        # A key has already set the line, because a person looks there for its value.
        self._lines.setdefault(path, line)
        if id(node) in self._open:
            raise YamlProblemError(line, "an alias must not be inside its own anchor")
        self._open.add(id(node))
        try:
            match node:
                case MappingNode():
                    return self._mapping(node, path)
                case SequenceNode():
                    return [self._build(item, (*path, at)) for at, item in enumerate(node.value)]
                case _:
                    return self._scalar(node)
        finally:
            self._open.discard(id(node))

    def _mapping(self, node: MappingNode, path: Path) -> Mapping[str, Any]:
        built: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = _line_of(key_node)
            if not isinstance(key_node, ScalarNode):
                raise YamlProblemError(line, "a key must be text")
            key: str = key_node.value
            if str(key_node.tag) != _TEXT:
                raise YamlProblemError(line, f"a key must be text: write '{key}' in quotes")
            if key in built:
                first = self._lines[*path, key]
                raise YamlProblemError(line, f"{key} is already given in line {first}")
            self._lines[*path, key] = line
            built[key] = self._build(value_node, (*path, key))
        return built

    def _scalar(self, node: Node) -> Any:  # noqa: ANN401 -- any JSON scalar
        # A date in YAML becomes a text here, because JSON has no dates.
        if str(node.tag) not in _JSON_SCALARS:
            return node.value
        value = self._yaml.constructor.construct_object(node)
        if isinstance(value, float) and not math.isfinite(value):
            raise YamlProblemError(_line_of(node), "must be a finite number")
        return value


def _line_of(node: Node) -> int:
    line: int = node.start_mark.line
    return line + 1


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise YamlProblemError(line, "must be UTF-8") from error


def _explained(error: YAMLError, text: str) -> tuple[int, str]:
    """The line of a syntax error, and what is wrong."""
    if isinstance(error, ReaderError):
        line = text[: error.position].count("\n") + 1
        return line, "is not YAML: " + str(error).partition("\n")[0]
    if not isinstance(error, MarkedYAMLError):
        return _FIRST_LINE, f"is not YAML: {error}"
    mark = error.problem_mark or error.context_mark
    problem = f"is not YAML: {error.problem}"
    if error.context and error.context_mark:
        # An unclosed quote or bracket is found late, so name the line where it begins.
        problem += f" ({error.context} that began in line {error.context_mark.line + 1})"
    return mark.line + 1 if mark else _FIRST_LINE, problem
