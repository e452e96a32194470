"""A checkout of its own to release, its archives, and a package index to release it to."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from generator.document import ROOT
from provisioning.wheelhouse import pip_environment


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


def ask_no_index(patch: pytest.MonkeyPatch) -> None:
    """Lets pip install from the wheelhouse only, until the patch is undone."""
    for name, text in pip_environment().items():
        patch.setenv(name, text)


def build_distributions(folder: Path) -> tuple[Path, Path]:
    """Builds today's sources: the wheel, and the sdist that it is built from."""
    subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT],
        check=True,
        capture_output=True,
    )
    (wheel,), (sdist,) = folder.glob("*.whl"), folder.glob("*.tar.gz")
    return wheel, sdist


@dataclass(frozen=True)
class Index:
    """A package index on loopback.

    Attributes:
        url: Where it takes uploads; `simple/` below it lists packages.
        folder: Where it keeps them.
    """

    url: str
    folder: Path


@contextmanager
def package_index(folder: Path) -> Generator[Index]:
    """Runs pypiserver on the folder, in a process of its own."""
    folder.mkdir()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = ["-i", "127.0.0.1", "-p", str(port), "-P", ".", "-a", ".", "--disable-fallback"]
    with subprocess.Popen(
        [sys.executable, "-m", "pypiserver", "run", *options, str(folder)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as server:
        try:
            page = f"http://127.0.0.1:{port}/simple/"
            _wait_for(lambda: httpx.get(page, trust_env=False).is_success)
            yield Index(f"http://127.0.0.1:{port}/", folder)
        finally:
            server.kill()


def _wait_for(is_ready: Callable[[], bool]) -> None:
    """Asks until the answer is yes, for 30 seconds at most."""
    end = time.monotonic() + 30
    while True:
        try:
            if is_ready():
                return
        except httpx.TransportError:
            pass
        assert time.monotonic() < end, "the index did not start"
        time.sleep(0.1)
