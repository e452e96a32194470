"""After 1.0.0: the releases that follow, each judged by what it changes."""

from __future__ import annotations

import re

import pytest

from api_changes.interfaces import RELEASED, current, record
from api_changes.release_check import main
from generator.document import ROOT
from generator.generation import DOCUMENT
from projects import Project

pytestmark = pytest.mark.workshop

FIELD = (
    "        message:\n"
    "          type: string\n"
    "          description: The outcome in words.\n"
    "          example: Your request has been accepted and will be processed soon.\n"
)
NEW_FIELD = "        queue:\n          type: string\n          description: Where it waits.\n"
CHANGES = {
    "a description": ("Fetch the experiences for one visitor", "Fetch a visitor's experiences"),
    "a new optional field": (FIELD, FIELD + NEW_FIELD),
    "a removed field": (FIELD, ""),
}


@pytest.mark.parametrize(
    ("change", "heading", "refused", "right"),
    [
        ("a description", "Changed", "1.0.0", "1.0.1"),
        ("a new optional field", "Added", "1.0.1", "1.1.0"),
        ("a removed field", "Removed", "1.1.0", "2.0.0"),
    ],
)
def test_each_change_has_its_version(
    project: Project, change: str, heading: str, refused: str, right: str
) -> None:
    """A version that says too little is refused, and the right one is not."""
    record(current(project.root), project.root / RELEASED.relative_to(ROOT))
    old, new = CHANGES[change]
    project.edit(str(DOCUMENT.relative_to(ROOT)), old, new)
    for version, outcome in ((refused, 1), (right, 0)):
        set_version(project, version, heading)
        assert main(["--root", str(project.root)]) == outcome, version


def set_version(project: Project, version: str, heading: str) -> None:
    document = project.root / DOCUMENT.relative_to(ROOT)
    text = re.sub(r"(?m)^  version: .+$", f"  version: {version}", document.read_text())
    document.write_text(text)
    section = f"## {version} (2026-12-01)\n\n### {heading}\n\n- `message`.\n\n"
    first = "## 1.0.0 (2026-11-25)\n\n### Added\n\n- The client.\n"
    kept = first if version == "1.0.0" else section + first
    (project.root / "CHANGELOG.md").write_text(f"# Changelog\n\n{kept}")
