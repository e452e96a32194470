from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from generator.document import ROOT
from generator.generation import DOCUMENT
from projects import Index, Project, ask_no_index, build_distributions, package_index
from releasing import __main__ as command

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
    """A package index on loopback."""
    with package_index(tmp_path / "index") as found:
        yield found


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """No index is named, to pip neither, and twine's settings are nobody's."""
    ask_no_index(monkeypatch)
    for name in ("TWINE_REPOSITORY_URL", "TWINE_REPOSITORY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TWINE_USERNAME", "releaser")
    monkeypatch.setenv("TWINE_PASSWORD", "do-not-print-me")
    return monkeypatch


@pytest.fixture(scope="session")
def archives(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Wheel and sdist of today's sources."""
    return build_distributions(tmp_path_factory.mktemp("archives"))


@pytest.fixture
def _made(environment: pytest.MonkeyPatch, archives: tuple[Path, Path]) -> None:
    """What a release makes is there at once, for tests about what is done with it."""

    def make(_checkout: object, _wanted: object, _commit: str, folder: Path) -> list[Path]:
        texts = [folder / "bill.cdx.json", folder / "licences.txt"]
        for path in texts:
            path.write_text(path.name)
        return [*(Path(shutil.copy(path, folder)) for path in archives), *texts]

    environment.setattr(command, "_make", make)
