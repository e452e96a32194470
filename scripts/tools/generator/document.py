"""The OpenAPI document, and the line that each part of it stands on."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeGuard

from generator.failures import DocumentError
from moengage_personalize.emulator.yaml_lines import YamlLines, YamlProblemError

ROOT = Path(__file__).parents[3]

Pointer = tuple[str | int, ...]


class Document:
    """An OpenAPI document as read from a file.

    Raises:
        DocumentError: The file cannot be read, or is no YAML mapping. The message names the line.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self.content = path.read_bytes()
        except OSError as error:
            raise DocumentError(f"{self.shown_path}: {error.strerror}") from error
        try:
            self._lines = YamlLines(self.content)
        except YamlProblemError as error:
            raise DocumentError(self.located(error.line, error.problem)) from error
        self.data = self._lines.value
        if not is_mapping(self.data):
            raise DocumentError(self.located(1, "the document is not a mapping"))

    @property
    def shown_path(self) -> str:
        """The path as messages spell it: from the checkout's top where it lies inside."""
        path = self.path.absolute()
        return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(self.path)

    @property
    def version(self) -> str:
        """`info.version`, as text on one line."""
        return " ".join(str(self.data["info"]["version"]).split())

    def located(self, line: int, message: str) -> str:
        """The message behind the document's path and the line (from 1), as editors know it."""
        return f"{self.shown_path}:{line}: {message}"

    def at(self, pointer: Pointer) -> Any:  # noqa: ANN401 - whatever the document holds there
        """What the document holds at the pointer.

        Raises:
            LookupError: Nothing.
        """
        value = self.data
        for step in pointer:
            value = _item(value, step)
        return value

    def holds(self, pointer: Pointer) -> bool:
        """Whether there is something at the pointer."""
        try:
            self.at(pointer)
        except LookupError:
            return False
        return True

    def resolved(self, value: Mapping[str, Any]) -> Any:  # noqa: ANN401 - as `at`
        """What a reference points to; any other value as it is.

        Raises:
            LookupError: The reference points to nothing.
        """
        seen: set[str] = set()
        while is_mapping(value) and isinstance(reference := value.get("$ref"), str):
            if reference in seen:
                raise LookupError(reference)
            seen.add(reference)
            steps = reference.removeprefix("#/").split("/")
            value = self.at(tuple(step.replace("~1", "/").replace("~0", "~") for step in steps))
        return value

    def line(self, pointer: Pointer) -> int:
        """The line (from 1) of the key or list item at the pointer, or of its nearest parent."""
        return self._lines.line(pointer)

    def walk(self, start: Pointer = ()) -> Iterator[tuple[Pointer, Any]]:
        """Every pointer at or below the start, parents first, with what stands there."""
        stack: list[tuple[Pointer, Any]] = [(start, self.at(start))]
        while stack:
            pointer, value = stack.pop()
            yield pointer, value
            parts: list[tuple[str | int, Any]] = []
            if is_mapping(value):
                parts = list(value.items())
            elif is_list(value):
                parts = list(enumerate(value))
            stack.extend(((*pointer, step), part) for step, part in reversed(parts))

    def find(self, wanted: object, start: Pointer = ()) -> Pointer | None:
        """Where a part equal to the wanted one stands, at or below the start."""
        return next((pointer for pointer, value in self.walk(start) if value == wanted), None)


def is_mapping(value: object) -> TypeGuard[Mapping[Any, Any]]:
    """Whether the part of the document is an object."""
    return isinstance(value, Mapping)


def is_list(value: object) -> TypeGuard[list[Any]]:
    """Whether the part of the document is an array."""
    return isinstance(value, list)


def _item(value: object, step: str | int) -> Any:  # noqa: ANN401 - as `Document.at`
    if is_mapping(value):
        return value[step]
    if is_list(value) and str(step).isdigit():
        return value[int(step)]
    raise LookupError(step)
