"""A checkout of its own to release, and a package index to release it to."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Project:
    """A checkout of its own, ready to be released as 1.0.0.

    Attributes:
        root: Its top.
    """

    root: Path

    def git(self, *arguments: str) -> str:
        done = subprocess.run(
            ["git", "-C", self.root, *arguments], check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    def edit(self, name: str, old: str, new: str) -> None:
        """Replaces a text at its first place, and commits."""
        path = self.root / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        self.git("commit", "-qam", f"Edit {name}")

    def state(self) -> tuple[str, ...]:
        """What a failed release must leave as it was."""
        return (
            self.git("rev-parse", "HEAD"),
            self.git("tag"),
            self.git("status", "--porcelain", "--untracked-files=all"),
            str((self.root / "dist").exists()),
        )


@dataclass(frozen=True)
class Index:
    """A package index on loopback.

    Attributes:
        url: Where it takes uploads; `simple/` below it lists packages.
        folder: Where it keeps them.
    """

    url: str
    folder: Path
