"""A release from a checkout to an index on loopback, and from there into an empty environment."""

from __future__ import annotations

import json
import os
import tarfile
import zipfile
from hashlib import sha256
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from api_changes.failures import BuildError
from api_changes.interfaces import current, released
from generator.document import ROOT
from generator.package import differences
from projects import Index, Project
from releasing import __main__ as command
from releasing.__main__ import main
from releasing.building import build, require_same
from releasing.git import Checkout
from releasing.inventory import licences
from releasing.trial import environment_with, smoke_test

pytestmark = pytest.mark.workshop


def run(project: Project, *options: str) -> int:
    return main([*options, "--root", str(project.root)])


def digest(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()


@pytest.mark.usefixtures("_made")
def test_a_rehearsal_changes_nothing(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    """It shows tag and notes; no index is needed."""
    before = project.state()
    assert run(project, "--dry-run") == 0
    shown = capsys.readouterr().out
    assert "as v1.0.0, with these notes:\n\n### Added\n\n- The client." in shown
    assert "would upload to the index that TWINE_REPOSITORY_URL names" in shown
    assert project.state() == before


def test_a_release_arrives_in_an_empty_environment(
    project: Project,
    index: Index,
    environment: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Shown in all its parts, tagged, uploaded, recorded, and installed from the index by name."""
    environment.setenv("TWINE_REPOSITORY_URL", index.url)
    before = project.git("rev-parse", "HEAD")
    assert run(project) == 0
    shown = capsys.readouterr()
    for part in (
        "built twice, same bytes: moengage_personalize-1.0.0-py3-none-any.whl",
        "built twice, same bytes: moengage_personalize-1.0.0.tar.gz",
        "in an empty environment: 1.0.0 fetched, reported and listed, sync and async",
        "in one with all extras, cli,emulator,fast,redis,types: /docs is 1,",
        "required  httpx",
        "optional  pyreqwest",
        "optional  starlette",
    ):
        assert part in shown.out
    assert "do-not-print-me" not in str(shown)

    kept = project.root / "dist" / "1.0.0"
    wheel, sdist = kept / "moengage_personalize-1.0.0-py3-none-any.whl", kept / SDIST
    assert {path.name: digest(path) for path in index.folder.iterdir()} == {
        wheel.name: digest(wheel),
        sdist.name: digest(sdist),
    }

    # The tag names the commit that was built: the last one, and the record of what it releases.
    assert project.git("rev-parse", "v1.0.0^{commit}") == project.git("rev-parse", "HEAD")
    assert project.git("rev-parse", "HEAD~1") == before
    assert project.git("status", "--porcelain") == ""
    assert "- The client." in project.git("tag", "-l", "--format=%(contents)", "v1.0.0")
    recorded = released(project.root / "openapi" / "released")
    assert recorded is not None
    assert recorded.document.content == current(project.root).document.content
    assert recorded.face == current(project.root).face

    ask_index_too(environment, index)
    python = environment_with(tmp_path / "empty", "moengage-personalize==1.0.0")
    assert smoke_test(python, "1.0.0").startswith("1.0.0 fetched")

    check_bill(kept / "moengage_personalize-1.0.0.cdx.json")
    assert (kept / "moengage_personalize-1.0.0.licences.txt").read_text().startswith("bundled ")

    state = project.state()
    assert run(project) == 7
    assert "released already" in capsys.readouterr().err
    assert project.state() == state


SDIST = "moengage_personalize-1.0.0.tar.gz"


def ask_index_too(environment: pytest.MonkeyPatch, index: Index) -> None:
    """Lets pip find the package on the index, and what it needs in the wheelhouse."""
    environment.delenv("PIP_NO_INDEX")
    environment.setenv("PIP_INDEX_URL", f"{index.url}simple/")
    environment.delenv("PIP_EXTRA_INDEX_URL", raising=False)
    environment.setenv("PIP_CONFIG_FILE", os.devnull)


def check_bill(path: Path) -> None:
    """The bill is valid CycloneDX, and has the package and what it needs."""
    text = path.read_text()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    bill = json.loads(text)
    own = bill["metadata"]["component"]
    assert (own["name"], own["version"]) == ("moengage-personalize", "1.0.0")
    scopes = {row["name"].lower(): row["scope"] for row in bill["components"]}
    assert scopes["httpx"] == "required"
    assert scopes["starlette"] == "optional"
    assert not {"pip", "setuptools", "pytest"} & scopes.keys()
    assert "httpx" in licences(text)


@pytest.mark.usefixtures("environment")
def test_the_archives_come_from_the_commit_alone(project: Project, tmp_path: Path) -> None:
    """Ignored files of the checkout have no say; the record for api-diff stays at home."""
    stray = project.root / "overrides" / "moengage_personalize" / "build"
    stray.mkdir()
    (stray / "stray.py").touch()
    checkout = Checkout(project.root)
    files = {"openapi/released/python-face.json": b"{}"}
    archives = build(checkout, checkout.commit_with(files, "Release"), tmp_path / "builds")
    names: list[str] = []
    for path in archives:
        if path.suffix == ".whl":
            names += zipfile.ZipFile(path).namelist()
        else:
            with tarfile.open(path) as archive:
                names += archive.getnames()
    assert names
    assert not [name for name in names if "stray" in name or "python-face" in name]
    assert project.git("status", "--porcelain") == ""


@pytest.mark.usefixtures("_made")
def test_an_index_that_does_not_answer_leaves_nothing_behind(
    project: Project, environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 10, and no tag."""
    environment.setenv("TWINE_REPOSITORY_URL", "http://127.0.0.1:9/")
    before = project.state()
    assert run(project) == 10
    shown = capsys.readouterr().err
    assert "the index did not take the package" in shown
    assert "do-not-print-me" not in shown
    assert project.state() == before


@pytest.mark.usefixtures("_made")
def test_a_branch_that_moved_meanwhile_is_left_to_its_owner(
    project: Project, environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 6: what is uploaded stays tagged and kept, and the message says what to run."""

    def upload_slowly(_: object) -> None:
        project.edit("LICENSE", "MIT License", "The MIT License")

    environment.setenv("TWINE_REPOSITORY_URL", "http://127.0.0.1:9/")
    environment.setattr(command, "upload", upload_slowly)
    assert run(project) == 6
    shown = capsys.readouterr().err
    assert "1.0.0 is uploaded and tagged, but the branch did not move on" in shown
    assert "run git merge v1.0.0" in shown
    assert project.git("tag") == "v1.0.0"
    assert len(list((project.root / "dist" / "1.0.0").iterdir())) == 4


@pytest.mark.usefixtures("environment")
def test_a_wheel_that_does_not_work_is_not_released(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 9, with the error of the empty environment."""
    module = "overrides/moengage_personalize/__init__.py"
    project.edit(module, "\n__all__ = [", "\nimport attrs_of_tomorrow\n\n__all__ = [")
    before = project.state()
    assert run(project, "--dry-run") == 9
    shown = capsys.readouterr().err
    assert "the installed wheel does not work" in shown
    assert "attrs_of_tomorrow" in shown
    assert project.state() == before


HOOK = """
from pathlib import Path
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

class Where(BuildHookInterface):
    def initialize(self, version, build_data):
        Path(self.root, "overrides/moengage_personalize/where.txt").write_text(self.root)
"""


@pytest.mark.usefixtures("environment")
def test_a_build_that_depends_on_its_folder_is_refused(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 9, naming the archives."""
    (project.root / "hatch_build.py").write_text(HOOK)
    project.git("add", "-A")
    table = "[tool.hatch.build]\n"
    project.edit("pyproject.toml", table, f"[tool.hatch.build.hooks.custom]\n\n{table}")
    before = project.state()
    assert run(project, "--dry-run") == 9
    assert "two builds of one commit differ: " in capsys.readouterr().err
    assert project.state() == before


def test_differing_builds_are_named() -> None:
    """Also where one of them lacks an archive."""
    require_same({"a": "1"}, {"a": "1"})
    with pytest.raises(BuildError, match="differ: a, b"):
        require_same({"a": "1", "b": "1"}, {"a": "2"})


def test_a_checkout_as_it_is_gives_what_was_committed(project: Project) -> None:
    """The story told here is that of this project's own sources."""
    assert differences(ROOT / "generated", project.root / "generated") == []
