"""What a generator is known not to do: data that the script and docs/languages.md both read."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from conformance.cases import CONFORMANCE

LIMITS: Final = CONFORMANCE / "limits.json"


@dataclass(frozen=True, slots=True)
class Limit:
    """A case that a language is known to fail.

    Attributes:
        language: The language's name.
        case: The case's name.
        reason: What the generator does instead, as docs/languages.md says it.
    """

    language: str
    case: str
    reason: str


def load(file: Path = LIMITS) -> list[Limit]:
    """All recorded limits."""
    return [Limit(**limit) for limit in json.loads(file.read_text(encoding="utf-8"))]
