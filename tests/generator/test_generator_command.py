"""scripts/generate as a person sees it: exit codes, messages with lines, nothing half done."""

import shutil
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

import pytest

from generator import templates, tools
from generator.__main__ import main
from generator.generation import DOCUMENT, TARGET
from generator.package import differences

pytestmark = pytest.mark.workshop

Edit = Callable[[str, str], Path]


class Fault(NamedTuple):
    """One text of the document replaced by another.

    Attributes:
        old: The text.
        new: What stands there instead.
        at: What the line that is named contains first.
        message: What the message contains.
    """

    old: str
    new: str
    at: str
    message: str


TIME = "        TIME_OF_THE_DAY:\n          type: string\n"


def run(*arguments: object) -> int:
    """Runs the command with the arguments."""
    return main([str(argument) for argument in arguments])


def test_a_run_without_changes_says_so(target: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit 0."""
    assert run("--output", target) == 0
    assert "is up to date" in capsys.readouterr().out


def test_a_run_mends_the_package(target: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Files that were changed, added or removed are as generated again."""
    spoil(target)
    assert run("--output", target) == 0
    assert "3 files" in capsys.readouterr().out
    assert differences(TARGET, target) == []


def test_check_lists_the_files_that_differ(
    target: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 1, a row a file, and the folder stays as it is."""
    spoil(target)
    before = shutil.copytree(target, target.parent / "before")
    assert run("--check", "--output", target) == 1
    assert capsys.readouterr().out.splitlines() == [
        "changed client.py",
        "extra models/extra.py",
        "missing types.py",
    ]
    assert differences(before, target) == []


def spoil(target: Path) -> None:
    """One file changed, one added, one removed; caches do not count."""
    with (target / "client.py").open("a") as file:
        file.write("# by hand\n")
    (target / "models" / "extra.py").touch()
    (target / "types.py").unlink()
    (target / "__pycache__").mkdir(exist_ok=True)
    (target / "__pycache__" / "client.pyc").touch()


@pytest.mark.parametrize(
    "fault",
    [
        Fault("tags:\n", "tags: [\n", "  - name: Experiences", "is not YAML"),
        Fault("  title:", "\ttitle:", "\ttitle:", r"'\t'"),
        Fault(
            "  title: M", "  title: x\n  title: M", "  title: M", "title is already given in line "
        ),
        Fault("  title: M", "  title: \x01M", "  title: \x01M", "unacceptable character"),
        Fault('"429":', "429:", "429:", "write '429' in quotes"),
        Fault("openapi: 3.0.3", "openapi: 3.1.0", "openapi: 3.1.0", "must be 3.0.x"),
        Fault("tags:\n", "x-a: &a {b: *a}\ntags:\n", "x-a:", "must not be inside its own anchor"),
        Fault("type: integer", "type: integr", "type: integr", "'integr' is not one of"),
        Fault("in: query", "in: qury", "in: qury", "'qury' is not one of"),
        Fault("required: [metadata]", "required: metadata", "required: metadata", "'array'"),
        Fault(
            "required: false\n          style",
            "requird: false\n          style",
            "requird",
            "requird",
        ),
        Fault("schemas/Payload", "schemas/Pay", "schemas/Pay", "#/components/schemas/Pay"),
        Fault("#/components/schemas/Payload", "x.yaml#/P", "x.yaml", "into this document"),
        Fault(TIME, TIME + "          default: 7\n", "TIME_OF_THE_DAY:\n", "7 is not of type"),
        Fault("operationId: list", "operationId: fetchExperiences #", "    get:", "not unique"),
    ],
)
def test_a_document_at_fault_is_named_with_the_line(
    edited: Edit,
    target: Path,
    capsys: pytest.CaptureFixture[str],
    fault: Fault,
) -> None:
    """Exit 4, path and line first, and the package stays as it is."""
    document = edited(fault.old, fault.new)
    assert run("--document", document, "--output", target) == 4
    error = capsys.readouterr().err
    assert error.startswith(f"{document}:{line(document, fault.at)}: ")
    assert fault.message in error
    assert len(error.splitlines()[0]) < 300
    assert differences(TARGET, target) == []


@pytest.mark.parametrize(
    "fault",
    [
        Fault("text/html", "application/xml", "application/xml", "Unsupported content_type"),
        Fault(
            "            application/json:\n              schema:\n                $ref: ",
            "            application/xml:\n              schema:\n                $ref: ",
            "application/xml",
            "Unsupported content_type application/xml",
        ),
        Fault(
            "    Payload:\n",
            "    payload:\n      type: object\n    Payload:\n",
            "    Payload:\n",
            "duplicate models",
        ),
    ],
    ids=["shared answer", "answer", "name"],
)
def test_a_generators_warning_is_named_with_the_line(
    edited: Edit,
    target: Path,
    capsys: pytest.CaptureFixture[str],
    fault: Fault,
) -> None:
    """Exit 5, path and line first, and the package stays as it is."""
    document = edited(fault.old, fault.new)
    assert run("--document", document, "--output", target) == 5
    error = capsys.readouterr().err
    assert error.startswith(f"{document}:{line(document, fault.at)}: ")
    assert fault.message in error
    assert " at 0x" not in error
    assert differences(TARGET, target) == []


def line(document: Path, text: str) -> int:
    """The line in which the text first stands."""
    before, found, _ = document.read_text(encoding="utf-8").partition(text)
    assert found
    return before.count("\n") + 1


@pytest.mark.parametrize("content", ["", "- a list\n", "text\n"])
def test_a_file_without_a_mapping_is_no_document(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str
) -> None:
    """Exit 4, at its first line."""
    document = tmp_path / "openapi.yaml"
    document.write_text(content)
    assert run("--document", document, "--output", tmp_path / "api") == 4
    assert capsys.readouterr().err.startswith(f"{document}:1: ")
    assert not (tmp_path / "api").exists()


def test_a_missing_document_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit 4."""
    assert run("--document", tmp_path / "none.yaml", "--output", tmp_path / "api") == 4
    assert "none.yaml: No such file" in capsys.readouterr().err


def test_messages_spell_the_document_from_the_top_of_the_checkout(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An editor that opened the checkout finds the line."""

    def faulty(_: object) -> list[tuple[int, str]]:
        return [(7, "bad")]

    monkeypatch.setattr("generator.validity._version", faulty)
    assert run("--check") == 4
    assert capsys.readouterr().err == f"openapi/{DOCUMENT.name}:7: bad\n"


@pytest.mark.parametrize("name", ["openapi-python-client", "ruff"])
def test_another_version_of_a_tool_is_refused(
    target: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
) -> None:
    """Exit 3, saying which version is wanted."""
    pins = {**tools.pinned_versions(), name: "99.1"}
    requirements = tmp_path / "dev.in"
    requirements.write_text("".join(f"{tool}=={version}\n" for tool, version in pins.items()))
    monkeypatch.setattr(tools, "REQUIREMENTS", requirements)
    assert run("--output", target) == 3
    assert f"{name} 99.1 is wanted, found " in capsys.readouterr().err


def test_a_missing_tool_is_refused(
    target: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 3, saying which version is wanted."""

    def missing(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", missing)
    assert run("--output", target) == 3
    assert "is wanted, found none" in capsys.readouterr().err


def test_a_tool_that_is_not_pinned_is_refused(
    target: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Exit 3: any version would write other bytes."""
    requirements = tmp_path / "dev.in"
    requirements.write_text("openapi-python-client==0.29.1\nruff>=0.17\n")
    monkeypatch.setattr(tools, "REQUIREMENTS", requirements)
    assert run("--output", target) == 3
    assert "must pin ruff" in capsys.readouterr().err


def test_a_patch_that_no_longer_applies_is_named(
    target: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Exit 6, and the package stays as it is."""
    (tmp_path / "client.diff").write_text(
        "--- a/client.py.jinja\n+++ b/client.py.jinja\n@@ -1,1 +1,1 @@\n-import gone\n+import new\n"
    )
    monkeypatch.setattr(templates, "PATCHES", tmp_path)
    assert run("--output", target) == 6
    assert "client.diff no longer applies to client.py.jinja" in capsys.readouterr().err
    assert differences(TARGET, target) == []


def test_patches_apply_inside_a_checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a repository around the temporary folder nor a hook's GIT_DIR skips a patch."""
    (tmp_path / ".git").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setenv("GIT_DIR", str(DOCUMENT.parents[1] / ".git"))
    assert run("--check") == 0


def test_without_git_the_run_says_so(
    target: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 3."""
    monkeypatch.setenv("PATH", "")
    assert run("--output", target) == 3
    assert "git is wanted" in capsys.readouterr().err


def test_a_folder_of_something_else_is_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 7."""
    (tmp_path / "letters.txt").touch()
    assert run("--output", tmp_path) == 7
    assert "nothing is replaced" in capsys.readouterr().err


def test_help_explains_the_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    """All of them."""
    with pytest.raises(SystemExit):
        run("--help")
    shown = capsys.readouterr().out
    assert all(f"\n  {code}  " in shown for code in range(8))
