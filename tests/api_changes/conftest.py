import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from generator.document import ROOT
from generator.generation import DOCUMENT

Edit = Callable[[str, str], None]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A project with today's sources as its first commit, and a CHANGELOG."""
    root = tmp_path / "project"
    subprocess.run(["git", "init", "-q", root], check=True)
    for name in ("generated", "openapi", "overrides", "CHANGELOG.md"):
        subprocess.run(["cp", "-a", ROOT / name, root / name], check=True)
    for command in (
        ("add", "-A"),
        ("-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "-qm", "Begin"),
    ):
        subprocess.run(["git", "-C", root, *command], check=True)
    return root


@pytest.fixture
def edit(checkout: Path) -> Edit:
    """Replaces a text of the checkout's document, at its first place."""

    def replace(old: str, new: str) -> None:
        document = checkout / DOCUMENT.relative_to(ROOT)
        text = document.read_text(encoding="utf-8")
        assert old in text
        document.write_text(text.replace(old, new, 1), encoding="utf-8")

    return replace
