"""scripts/release-check on a project whose last release is recorded."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from api_changes.interfaces import RELEASED, current, record
from api_changes.release_check import main
from generator.document import ROOT

pytestmark = pytest.mark.workshop

Edit = Callable[[str, str], None]


@pytest.fixture(autouse=True)
def _released(checkout: Path) -> None:
    """Today's interface is the last release, as 1.0.0."""
    record(current(checkout), checkout / RELEASED.relative_to(ROOT))


def run(checkout: Path) -> int:
    return main(["--root", str(checkout)])


def tell(checkout: Path, version: str, text: str) -> None:
    """Puts a section in front of the CHANGELOG."""
    path = checkout / "CHANGELOG.md"
    path.write_text(f"# Changelog\n\n## {version} (unreleased)\n\n{text}\n\n" + path.read_text())


NEW_FIELD = ("        message:\n", "        queue:\n          type: string\n        message:\n")


def test_nothing_changed_nothing_to_say(checkout: Path) -> None:
    """Exit 0."""
    assert run(checkout) == 0


def test_a_changed_document_wants_a_version(
    checkout: Path, edit: Edit, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 1, naming the change and the version."""
    edit(*NEW_FIELD)
    assert run(checkout) == 1
    shown = capsys.readouterr().err
    assert (
        "must be 1.1.0 or later, for this minor change: added the optional property `queue`"
        in shown
    )


def test_a_raised_version_wants_the_changelog(
    checkout: Path, edit: Edit, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 1 until the CHANGELOG says it too."""
    edit(*NEW_FIELD)
    edit("  version: 1.0.0", "  version: 1.1.0")
    assert run(checkout) == 1
    assert "must begin with a section for 1.1.0" in capsys.readouterr().err
    tell(checkout, "1.1.0", "### Added\n\n- `queue` in the answer to a report.")
    assert run(checkout) == 0


def test_a_breaking_change_must_be_major_and_named(
    checkout: Path, edit: Edit, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 1 while the version is minor, and while the CHANGELOG hides it."""
    edit("            explode: false".removeprefix("  "), "          explode: true")
    edit("  version: 1.0.0", "  version: 1.1.0")
    tell(checkout, "1.1.0", "### Added\n\n- Something.")
    assert run(checkout) == 1
    assert (
        "must be 2.0.0 or later, for this major change: changed `explode`"
        in capsys.readouterr().err
    )
    edit("  version: 1.1.0", "  version: 2.0.0")
    tell(checkout, "2.0.0", "### Changed\n\n- Something.")
    assert run(checkout) == 1
    assert "does not name this major change" in capsys.readouterr().err
    tell(checkout, "2.0.0", "### Changed\n\n- `status` is repeated: `explode` is true.")
    assert run(checkout) == 0


def test_a_changed_python_face_wants_a_version(
    checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also where the document stays as it is."""
    client = checkout / "overrides" / "moengage_personalize" / "client" / "sync_client.py"
    text = client.read_text()
    assert "    def metadata(" in text
    client.write_text(text.replace("    def metadata(", "    def listing(", 1))
    assert run(checkout) == 1
    shown = capsys.readouterr().err
    assert "must be 2.0.0 or later, for this major change: public object was removed" in shown
    assert "moengage_personalize.PersonalizeClient.metadata" in shown


def test_a_version_that_goes_backwards_is_refused(
    checkout: Path, edit: Edit, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 7."""
    edit("  version: 1.0.0", "  version: 0.9.0")
    assert run(checkout) == 7
    assert "it goes backwards" in capsys.readouterr().err


def test_a_document_that_does_not_parse_is_named(
    checkout: Path, edit: Edit, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 4, with the line."""
    edit("info:\n", "info: [\n")
    assert run(checkout) == 4
    assert "is not YAML" in capsys.readouterr().err


def test_this_checkout_says_what_changed() -> None:
    """As .ci/run demands."""
    done = subprocess.run(
        [ROOT / "scripts" / "release-check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_help_explains_the_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    """All of them."""
    with pytest.raises(SystemExit):
        main(["--help"])
    shown = capsys.readouterr().out
    assert all(f"\n  {code}  " in shown for code in (0, 1, 2, 3, 4, 5, 7))
