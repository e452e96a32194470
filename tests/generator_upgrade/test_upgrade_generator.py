"""scripts/upgrade-generator with real versions of the generator, and with none."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from generator.generation import TARGET
from generator.package import differences
from generator.tools import REQUIREMENTS, pinned_versions
from generator_upgrade import __main__ as command
from generator_upgrade import trial
from generator_upgrade.__main__ import main
from generator_upgrade.patches import Fit, fitted
from projects import ask_no_index

pytestmark = pytest.mark.workshop

PINNED = pinned_versions()["openapi-python-client"]
# An older one that the patch for comma-separated parameters was not written for.
OTHER = "0.28.4"
# One test that the other version fails, and one of the client: all of them take minutes.
FEW = (
    "tests/generator/test_generator_templates.py::test_statuses_travel_as_one_parameter",
    "tests/client/test_face.py::test_every_public_name_is_documented",
)


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Copies of what --apply would change, in the checkout's place."""
    shutil.copytree(TARGET, tmp_path / "generated" / TARGET.name)
    shutil.copyfile(REQUIREMENTS, tmp_path / "dev.in")
    monkeypatch.setattr(command, "TARGET", tmp_path / "generated" / TARGET.name)
    monkeypatch.setattr(command, "REQUIREMENTS", tmp_path / "dev.in")
    monkeypatch.setattr(trial, "SUITES", FEW)
    ask_no_index(monkeypatch)
    return tmp_path


def is_as_before(checkout: Path) -> bool:
    return (
        differences(TARGET, checkout / "generated" / TARGET.name) == []
        and (checkout / "dev.in").read_text() == REQUIREMENTS.read_text()
    )


def test_another_version_is_tried_and_its_faults_are_named(
    checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 6: the patch that does not apply, the differing code, the failing tests; no change."""
    assert main([OTHER, "--apply"]) == 6
    shown = capsys.readouterr().out
    assert "client.diff applies cleanly" in shown
    assert "endpoint_macros.diff no longer applies\n  Checking patch" in shown
    assert "  changed models/platform.py" in shown
    assert "-class Platform(StrEnum):\n+class Platform(str, Enum):" in shown
    assert "failed: tests/generator/test_generator_templates.py::test_statuses_travel" in shown
    assert is_as_before(checkout)


def test_a_version_that_works_is_taken_when_told_to(
    checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 0: pinned, and the generated package is the one that was tested."""
    pins = checkout / "dev.in"
    pins.write_text(pins.read_text().replace(f"client=={PINNED}", f"client=={OTHER}"))
    (checkout / "generated" / TARGET.name / "models" / "platform.py").write_text("old\n")
    assert main([PINNED, "--apply"]) == 0
    shown = capsys.readouterr().out
    assert "endpoint_macros.diff applies cleanly" in shown
    assert "1 files of generated code differ:\n  changed models/platform.py" in shown
    assert " passed" in shown
    assert "now: scripts/lock, scripts/test" in shown
    assert is_as_before(checkout)


def test_nothing_is_taken_without_being_told(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit 0, and the differing file stays."""
    monkeypatch.setattr(trial, "SUITES", FEW[:1])
    stale = checkout / "generated" / TARGET.name / "models" / "platform.py"
    stale.write_text("old\n")
    assert main([PINNED]) == 0
    assert stale.read_text() == "old\n"


def test_a_version_that_fails_a_test_is_not_taken(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 1, naming it."""
    monkeypatch.setattr(trial, "SUITES", ("tests/no_such_test.py",))
    assert main([PINNED, "--apply"]) == 1
    assert "failed: pytest itself" in capsys.readouterr().out
    assert is_as_before(checkout)


@pytest.mark.usefixtures("checkout")
def test_a_version_that_does_not_exist_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit 3, with pip's words."""
    assert main(["0.0.0.1"]) == 3
    assert "openapi-python-client==0.0.0.1 cannot be installed" in capsys.readouterr().err


def test_help_explains_the_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    """All of them."""
    with pytest.raises(SystemExit):
        main(["--help"])
    shown = capsys.readouterr().out
    assert all(f"\n  {code}  " in shown for code in (0, 1, 2, 3, 5, 6, 7))


PATCH = """\
Says why.

--- a/thing.py.jinja
+++ b/thing.py.jinja
@@ -2,3 +2,3 @@
 two
-three
+drei
 four
"""


@pytest.mark.parametrize(
    ("template", "fit"),
    [
        ("one\ntwo\nthree\nfour\n", Fit.CLEAN),
        ("zero\nnull\none\ntwo\nthree\nfour\n", Fit.MOVED),
        ("one\ntwo\ndrei\nfour\n", Fit.MERGED),
        ("one\ntwo\ntrois\nfour\n", Fit.BROKEN),
        (None, Fit.BROKEN),
    ],
)
def test_how_a_patch_fits_a_template(tmp_path: Path, template: str | None, fit: Fit) -> None:
    """Cleanly, moved, already there, not at all, or without a template; git's words say why."""
    (tmp_path / "thing.diff").write_text(PATCH)
    if template is not None:
        (tmp_path / "thing.py.jinja").write_text(template)
    found = fitted(tmp_path / "thing.diff", tmp_path)
    assert found.fit is fit
    assert bool(found.words) == (fit is Fit.BROKEN)
