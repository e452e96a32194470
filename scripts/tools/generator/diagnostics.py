"""From the generator's messages, which name no lines, to the document's lines."""

import json
import re
from collections.abc import Iterator

from generator.document import Document, Pointer

_COMPONENT = re.compile(r"/components/(?P<kind>\w+)/(?P<name>[\w.-]+)")
_DUMP = re.compile(r"^\{.*?^\}$", re.MULTILINE | re.DOTALL)
_END_OF_REPORT = re.compile(r"\n{3,}|(?<=^\})\n\n", re.MULTILINE)
_OBJECT_ADDRESS = re.compile(r"<[\w.]+ object at 0x[0-9a-f]+>")


def explain(document: Document, output: str) -> list[str]:
    """A row for each of the generator's reports, with the line that is most likely at fault.

    Args:
        document: What the generator read.
        output: What it wrote to standard error.
    """
    rows = sorted(set(_reports(document, output)))
    return [document.located(line, message) for _, line, message in rows]


def line_of_message(document: Document, message: str) -> int:
    """The line of the operation or component that the message names; 1 where it names none."""
    return document.line(_scope(document, message))


def _reports(document: Document, output: str) -> Iterator[tuple[bool, int, str]]:
    # The first line says how many follow, the last one where to report them.
    body = output.partition("\n")[2].rpartition("\nIf you believe this was a mistake")[0]
    for report in _END_OF_REPORT.split(body):
        message = _OBJECT_ADDRESS.sub("…", " ".join(_DUMP.sub("", report).split()))
        if message:
            # What refers to a refused part is refused as well: the cause comes first.
            consequence = "Could not find reference" in message
            yield consequence, _line(document, report, message), message
    if not body.strip():
        yield False, 1, " ".join(output.split())


def _line(document: Document, report: str, message: str) -> int:
    scope = _scope(document, message)
    pointer = scope
    if dump := _DUMP.search(report):
        # The same part may stand in several places: near the scope it is the one that is meant.
        part = json.loads(dump[0])
        pointer = document.find(part, scope) or document.find(part) or scope
    for inner, _ in document.walk(pointer):
        if inner[len(pointer) :] and "/" in str(inner[-1]) and str(inner[-1]) in message:
            return document.line(inner)
    return document.line(pointer)


def _scope(document: Document, message: str) -> Pointer:
    # The longest first: one path may be the beginning of another.
    for path in sorted(document.data.get("paths", ()), key=len, reverse=True):
        if path in message:
            methods = [
                method
                for method in document.data["paths"][path]
                if re.search(rf"\b{re.escape(method)}\b", message, re.IGNORECASE)
            ]
            return ("paths", path, *methods[:1])
    for match in _COMPONENT.finditer(message):
        pointer: Pointer = ("components", match["kind"], match["name"])
        if document.holds(pointer):
            return pointer
    return ()
