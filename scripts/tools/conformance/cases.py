"""The conformance cases: data that every language runs.

A case is a JSON file in `tests/conformance/cases/`, as `tests/conformance/case.schema.json`
describes it; the file's name is the case's.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from generator.document import ROOT

CONFORMANCE: Final = ROOT / "tests" / "conformance"
CASES: Final = CONFORMANCE / "cases"

Json = Any
"""Whatever JSON can say."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the API answers.

    Attributes:
        status: The HTTP status.
        media_type: The body's `Content-Type`.
        body: An object that goes as JSON, or a text.
    """

    status: int
    media_type: str
    body: Mapping[str, Json] | str


@dataclass(frozen=True, slots=True)
class Case:
    """One call of the API: what a client is asked, sends, gets and reads.

    Attributes:
        name: The file's name without its ending.
        claim: What a client that passes is known to do.
        operation: The document's `operationId`.
        arguments: What the client is asked: `body`, or `status`.
        request: What arrives: `method`, `path`, `query`, `headers` and, with a body, `body`.
        answer: What the API answers.
        outcome: What the client reads: `read`, in the answer's shape, or `error`.
    """

    name: str
    claim: str
    operation: str
    arguments: Mapping[str, Json]
    request: Mapping[str, Json]
    answer: Answer
    outcome: Mapping[str, Json]


def load(folder: Path = CASES) -> list[Case]:
    """All cases, by name."""
    return [_case(file) for file in sorted(folder.glob("*.json"))]


def _case(file: Path) -> Case:
    content = json.loads(file.read_text(encoding="utf-8"))
    return Case(
        name=file.stem,
        claim=content["claim"],
        operation=content["operation"],
        arguments=content["arguments"],
        request=content["request"],
        answer=Answer(**content["answer"]),
        outcome={name: content[name] for name in ("read", "error") if name in content},
    )
