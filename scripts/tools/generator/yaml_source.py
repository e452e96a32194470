"""YAML text with the line that each of its parts stands on; all that touches ruamel.yaml."""
# ruamel.yaml declares itself typed and leaves the types of these members open.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false

from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.reader import ReaderError


class YamlSyntaxError(Exception):
    """The text is no YAML.

    Attributes:
        line: Where, from 1.
        reason: Why.
    """

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(line, reason)
        self.line = line
        self.reason = reason


class YamlSource:
    """A YAML text, read once.

    Attributes:
        data: What it says, in mappings, lists and scalars.

    Raises:
        YamlSyntaxError: It is no YAML.
    """

    def __init__(self, content: bytes) -> None:
        try:
            self.data: Any = YAML(typ="safe", pure=True).load(content)
            self._root: Any = YAML(typ="safe", pure=True).compose(content)
        except YAMLError as error:
            raise YamlSyntaxError(_line(error, content), _reason(error)) from error

    def line(self, pointer: tuple[str | int, ...]) -> int:
        """The line (from 1) of the key or list item at the pointer, or of its nearest parent."""
        node, line = self._root, 1
        for step in pointer:
            found = _child(node, step)
            if found is None:
                break
            node, line = found
        return line


def _child(node: Any, step: str | int) -> tuple[Any, int] | None:  # noqa: ANN401 - untyped there
    if node.id == "sequence" and isinstance(step, int) and step < len(node.value):
        return node.value[step], node.value[step].start_mark.line + 1
    if node.id == "mapping":
        for key, value in node.value:
            if key.value == str(step):
                return value, key.start_mark.line + 1
    return None


def _line(error: YAMLError, content: bytes) -> int:
    if isinstance(error, ReaderError):
        return content[: error.position].count(b"\n") + 1
    if isinstance(error, MarkedYAMLError) and (mark := error.problem_mark or error.context_mark):
        return int(mark.line) + 1
    return 1


def _reason(error: YAMLError) -> str:
    if not isinstance(error, MarkedYAMLError):
        return str(error).partition("\n")[0]
    reason = str(error.problem)
    if error.context and error.context_mark:
        # An unclosed quote or bracket is noticed late: look where it began.
        reason += f" ({error.context} that began in line {error.context_mark.line + 1})"
    return reason
