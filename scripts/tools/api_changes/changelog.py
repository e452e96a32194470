"""The CHANGELOG, as far as a release depends on it. No I/O here."""

import re
from dataclasses import dataclass
from datetime import date

_SECTION = re.compile(r"^## (?P<version>\S+) \((?P<state>[^)]*)\)$", re.MULTILINE)
_HEADING = re.compile(r"^### (?P<name>.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Section:
    """What the CHANGELOG says about one version.

    Attributes:
        version: The version.
        state: What stands in brackets behind it: a date, or `unreleased`.
        text: The rest.
    """

    version: str
    state: str
    text: str

    @property
    def headings(self) -> frozenset[str]:
        """The kinds of change that have entries: Added, Changed, and so on."""
        parts = _HEADING.split(self.text)
        return frozenset(
            name for name, entries in zip(parts[1::2], parts[2::2], strict=True) if entries.strip()
        )

    @property
    def is_dated(self) -> bool:
        """Whether it says when the version was released."""
        try:
            date.fromisoformat(self.state)
        except ValueError:
            return False
        return True


def sections(changelog: str) -> list[Section]:
    """The versions that a CHANGELOG tells of, in its order: the newest first."""
    found = list(_SECTION.finditer(changelog))
    ends = [*(match.start() for match in found[1:]), len(changelog)]
    return [
        Section(match["version"], match["state"], changelog[match.end() : end].strip())
        for match, end in zip(found, ends, strict=True)
    ]
