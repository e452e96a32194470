"""scripts/api-diff as a person and a machine see it."""

import json
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from api_changes import __main__ as command
from api_changes import interfaces, oasdiff
from api_changes.__main__ import main
from api_changes.failures import BaseError
from generator.document import ROOT
from generator.generation import DOCUMENT

pytestmark = pytest.mark.workshop

Edit = Callable[[str, str], None]
VERSION = "  version: "


def run(*arguments: object) -> int:
    return main([str(argument) for argument in arguments])


@pytest.fixture
def changed(tmp_path: Path) -> Path:
    """A document in which the statuses are repeated, and one field is described otherwise."""
    text = DOCUMENT.read_text(encoding="utf-8").replace("explode: false", "explode: true")
    path = tmp_path / "changed.yaml"
    path.write_text(text.replace("The ID of the campaign.", "The campaign."), encoding="utf-8")
    return path


def test_the_table_says_what_whom_and_which_version(
    changed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A row a change, the gravest first, and the version that is due."""
    assert run(DOCUMENT, "--document", changed) == 0
    shown = capsys.readouterr().out
    rows = [row for row in shown.splitlines() if row.startswith("│")]
    assert "major" in rows[0]
    assert "yes" in rows[0]
    assert "callers, other languages" in rows[0]
    assert "explode" in rows[0]
    assert "nobody" in rows[-1] or "nobody" in rows[-2]
    assert "Due: 2.0.0 at least, a major step from 1.0.0" in shown


def test_machines_get_json(changed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The same, field by field."""
    assert run(DOCUMENT, "--document", changed, "--json") == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["step"], shown["due"], shown["version"]) == ("major", "2.0.0", "1.0.0")
    assert [row["version"] for row in shown["changes"]] == ["major", "patch"]
    assert shown["changes"][0]["affects"] == ["callers", "other languages"]
    assert shown["changes"][0]["breaking"] is True
    assert not shown["python_face_compared"]


@pytest.mark.parametrize("as_json", [True, False])
def test_before_the_first_release_it_says_so(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    *,
    as_json: bool,
) -> None:
    """Without a base there is nothing to compare with."""
    monkeypatch.setattr(command, "released", lambda: interfaces.released(tmp_path / "none"))
    assert run(*["--json"] * as_json) == 0
    shown = capsys.readouterr().out
    if as_json:
        assert json.loads(shown)["base"] is None
    else:
        assert "Nothing is released yet" in shown


def test_the_last_release_is_the_base(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Document and Python face, as they were recorded; no history is needed."""
    interfaces.record(interfaces.current(), tmp_path / "released")
    recorded = tmp_path / "released" / interfaces.FACE
    recorded.write_text(
        recorded.read_text().replace('"moengage_personalize.Stats', '"moengage_personalize.Old')
    )
    monkeypatch.setattr(command, "released", lambda: interfaces.released(tmp_path / "released"))
    assert run("--json") == 0
    shown = json.loads(capsys.readouterr().out)
    assert {row["where"] for row in shown["changes"]} == {
        "moengage_personalize.Old",
        "moengage_personalize.Stats",
    }
    assert shown["step"] == "major"


def test_a_commit_is_a_base(
    checkout: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, edit: Edit
) -> None:
    """Its document and its Python face are read from history."""
    edit("        req_id:\n          type: string\n", "        req_id:\n          type: integer\n")
    monkeypatch.setattr(command, "current", lambda: interfaces.current(checkout))
    monkeypatch.setattr(command, "of_base", partial(interfaces.of_base, root=checkout))
    assert run("HEAD", "--json") == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["python_face_compared"]
    assert [row["rule"] for row in shown["changes"]] == ["response-property-type-changed"]


def test_a_checkout_is_a_base(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Another folder, as it is."""
    assert run(checkout) == 0
    assert "Nothing changed." in capsys.readouterr().out


def test_a_base_that_does_not_exist_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit 5."""
    assert run("no-such-base") == 5
    assert "there is no base no-such-base" in capsys.readouterr().err


def test_a_base_is_never_taken_for_an_option_of_git(checkout: Path) -> None:
    """Else it could write files."""
    with pytest.raises(BaseError, match="there is no base --output=x"):
        interfaces.of_base("--output=x", checkout)


def test_a_folder_without_the_packages_is_no_base(
    checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 5: the message says what is missing."""
    shutil.rmtree(checkout / "overrides")
    assert run(checkout) == 5
    assert "does not hold the packages" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a: [1\n", "broken.yaml:2: is not YAML"),
        ("openapi: 3.0.3\npaths: {}\n", "broken.yaml:1: "),
        ("- a\n", "broken.yaml:1: the document is not a mapping"),
    ],
)
def test_a_document_at_fault_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str, message: str
) -> None:
    """Exit 4, with the line."""
    (tmp_path / "broken.yaml").write_text(content)
    assert run(DOCUMENT, "--document", tmp_path / "broken.yaml") == 4
    assert message in capsys.readouterr().err


def test_a_base_that_is_no_openapi_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 4."""
    (tmp_path / "base.yaml").write_text("a: 1\n")
    assert run(tmp_path / "base.yaml") == 4
    assert "base.yaml" in capsys.readouterr().err


def test_without_go_the_message_says_what_to_install(
    changed: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Exit 3; a program that was built before needs no Go."""
    oasdiff.built()
    monkeypatch.setenv("PATH", str(tmp_path))
    assert run(DOCUMENT, "--document", changed) == 0
    monkeypatch.setattr(oasdiff, "CACHE", tmp_path / "cache")
    assert run(DOCUMENT, "--document", changed) == 3
    shown = capsys.readouterr().err
    assert "Go is wanted" in shown
    assert "apt-get install" in shown
    assert not list((tmp_path / "cache").rglob("oasdiff"))


def test_a_go_that_fails_is_told_with_its_words(
    changed: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Exit 3, and no half-built program is left."""
    fake = tmp_path / "go"
    fake.write_text("#!/bin/sh\necho 'go.mod requires go >= 1.26' >&2\nexit 1\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr(oasdiff, "CACHE", tmp_path / "cache")
    assert run(DOCUMENT, "--document", changed) == 3
    assert "go.mod requires go >= 1.26" in capsys.readouterr().err
    assert not list((tmp_path / "cache").rglob("oasdiff"))


def test_without_git_the_message_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 3."""
    monkeypatch.setenv("PATH", str(tmp_path))
    assert run("HEAD") == 3
    assert "git is wanted" in capsys.readouterr().err


def test_oasdiff_is_pinned_with_hashes() -> None:
    """To one version, and to its sources' hashes."""
    pins = (oasdiff.MODULE / "go.mod").read_text()
    assert "github.com/oasdiff/oasdiff v" in pins
    assert "github.com/oasdiff/oasdiff v" in (oasdiff.MODULE / "go.sum").read_text()
    assert (ROOT / ".gitignore").read_text().count(".cache/")


def test_help_explains_the_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    """All of them."""
    with pytest.raises(SystemExit):
        run("--help")
    shown = capsys.readouterr().out
    assert all(f"\n  {code}  " in shown for code in (0, 2, 3, 4, 5, 7))
