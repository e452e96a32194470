"""What scripts/release refuses before it builds anything, each with a code of its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from api_changes.interfaces import current, record
from generator.async_client import SOURCE
from generator.document import ROOT
from generator.generation import DOCUMENT, TARGET, generate
from projects import Project
from releasing.__main__ import main

YAML = str(DOCUMENT.relative_to(ROOT))
pytestmark = [pytest.mark.workshop, pytest.mark.usefixtures("environment")]


def dirty(project: Project) -> None:
    (project.root / "README.md").write_text("changed")


def untracked(project: Project) -> None:
    (project.root / "notes.txt").touch()


def tagged(project: Project) -> None:
    project.git("tag", "v1.0.0")


def released_as(version: str) -> Callable[[Project], None]:
    def release(project: Project) -> None:
        record(current(project.root), project.root / "openapi" / "released")
        project.git("add", "-A")
        project.edit("openapi/released/" + DOCUMENT.name, "version: 1.0.0", f"version: {version}")

    return release


def edited(name: str, old: str, new: str) -> Callable[[Project], None]:
    def edit(project: Project) -> None:
        project.edit(name, old, new)

    return edit


def changed_silently(project: Project) -> None:
    """Removes a field since 0.9.0, and the CHANGELOG does not say so."""
    released_as("0.9.0")(project)
    project.edit(YAML, "        req_id:\n", "        id:\n")
    generate(project.root / YAML, project.root / "generated" / TARGET.name)
    project.git("commit", "-qam", "Regenerate")


@pytest.mark.parametrize(
    ("prepare", "code", "message"),
    [
        (dirty, 6, "commit or remove these first; a release is made of a commit:\nM README.md"),
        (untracked, 6, "?? notes.txt"),
        (tagged, 7, "1.0.0 is released already: there is a tag v1.0.0"),
        (released_as("1.0.0"), 7, "info.version is 1.0.0, but 1.0.0 is released already"),
        (released_as("1.1.0"), 7, "info.version is 1.0.0, but 1.1.0 is released already"),
        (edited("CHANGELOG.md", "2026-11-25", "unreleased"), 8, "write the day of the release"),
        (edited("CHANGELOG.md", "1.0.0", "0.9.9"), 8, "must begin with a section for 1.0.0"),
        (edited("CHANGELOG.md", "### Added\n\n- The client.\n", ""), 8, "has no entries"),
        (changed_silently, 8, "does not name this major change"),
        (edited(YAML, "info:\n", "info: [\n"), 4, "is not YAML"),
        (edited(YAML, "in: query", "in: qury"), 4, "'qury' is not one of"),
        (edited(YAML, "ID of the campaign", "name of the campaign"), 9, "run scripts/generate"),
        (edited(str(SOURCE), "Calls the", "Calls this"), 9, "async_client.py is not what"),
    ],
    ids=[
        *("changed file", "new file", "tag", "released", "backwards", "undated", "no section"),
        *("empty section", "silent change", "no YAML", "no OpenAPI", "not generated"),
        "async client not generated",
    ],
)
def test_a_release_is_refused(
    project: Project,
    capsys: pytest.CaptureFixture[str],
    prepare: Callable[[Project], None],
    code: int,
    message: str,
) -> None:
    """With a code and a message of its own, and nothing written."""
    prepare(project)
    before = project.state()
    assert main(["--dry-run", "--root", str(project.root)]) == code
    assert message in capsys.readouterr().err
    assert project.state() == before


def test_without_an_index_nothing_is_built(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 10, before the work and not after it."""
    before = project.state()
    assert main(["--root", str(project.root)]) == 10
    shown = capsys.readouterr()
    assert "set TWINE_REPOSITORY_URL" in shown.err
    assert shown.out == ""
    assert project.state() == before


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("http://packages.example/", "must begin with https://"),
        ("https://me:do-not-print-me@packages.example/", "must hold no credentials"),
    ],
)
def test_an_unsafe_index_is_refused(
    project: Project,
    environment: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    address: str,
    message: str,
) -> None:
    """Exit 10: passwords travel over HTTPS, and appear nowhere."""
    environment.setenv("TWINE_REPOSITORY_URL", address)
    assert main(["--dry-run", "--root", str(project.root)]) == 10
    shown = str(capsys.readouterr())
    assert message in shown
    assert "do-not-print-me" not in shown


def test_a_folder_without_a_commit_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 6."""
    assert main(["--dry-run", "--root", str(tmp_path)]) == 6
    assert "git rev-parse failed" in capsys.readouterr().err


def test_without_git_the_message_says_so(
    project: Project, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit 3."""
    monkeypatch.setenv("PATH", "")
    assert main(["--dry-run", "--root", str(project.root)]) == 3
    assert "git is wanted" in capsys.readouterr().err


def test_help_explains_the_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    """All of them."""
    with pytest.raises(SystemExit):
        main(["--help"])
    shown = capsys.readouterr().out
    assert all(f"\n  {code:2}  " in shown for code in (0, 2, 3, 4, 6, 7, 8, 9, 10))
