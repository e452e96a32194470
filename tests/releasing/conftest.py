from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from generator.document import ROOT
from generator.generation import DOCUMENT
from projects import Index, Project

PARTS = (
    *("generated", "openapi", "overrides"),
    *(".gitignore", "CHANGELOG.md", "LICENSE", "README.md", "pyproject.toml"),
)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Today's sources as the first commit, with a dated CHANGELOG and nothing released."""
    found = Project(tmp_path / "project")
    subprocess.run(["git", "init", "-q", found.root], check=True)
    for name in PARTS:
        subprocess.run(["cp", "-a", ROOT / name, found.root / name], check=True)
    subprocess.run(["rm", "-rf", found.root / "openapi" / "released"], check=True)
    document = found.root / DOCUMENT.relative_to(ROOT)
    version = next(
        row.removeprefix("  version: ")
        for row in document.read_text().splitlines()
        if row.startswith("  version: ")
    )
    assert version == "1.0.0", "these tests tell the story of a first release"
    changelog = found.root / "CHANGELOG.md"
    changelog.write_text("# Changelog\n\n## 1.0.0 (2026-11-25)\n\n### Added\n\n- The client.\n")
    found.git("config", "user.name", "Releaser")
    found.git("config", "user.email", "releaser@example.com")
    found.git("add", "-A")
    found.git("commit", "-qm", "Begin")
    return found


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    """pypiserver, in a process of its own."""
    folder = tmp_path / "index"
    folder.mkdir()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = ["-i", "127.0.0.1", "-p", str(port), "-P", ".", "-a", ".", "--disable-fallback"]
    server = subprocess.Popen(
        [sys.executable, "-m", "pypiserver", "run", *options, str(folder)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(lambda: httpx.get(f"http://127.0.0.1:{port}/simple/", trust_env=False).is_success)
        yield Index(f"http://127.0.0.1:{port}/", folder)
    finally:
        server.terminate()
        server.wait(timeout=20)


def wait_for(is_ready: Callable[[], bool]) -> None:
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


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """No index is named, and twine's settings are nobody's."""
    for name in ("TWINE_REPOSITORY_URL", "TWINE_REPOSITORY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TWINE_USERNAME", "releaser")
    monkeypatch.setenv("TWINE_PASSWORD", "do-not-print-me")
    return monkeypatch
