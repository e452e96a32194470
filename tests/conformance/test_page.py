"""docs/languages.md says what is tested, to the letter."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from conformance import languages, limits
from conformance.limits import Limit
from conformance.page import PAGE, PageError, filled, write

ROOT = Path(__file__).parents[2]
TEXT = PAGE.read_text(encoding="utf-8")


def test_the_page_is_as_the_sources_have_it() -> None:
    """`scripts/languages --write-page` would change nothing."""
    assert filled(TEXT) == TEXT


@pytest.mark.parametrize("language", list(languages.load().values()), ids=lambda one: one.name)
def test_each_language_has_its_command_its_connection_and_its_sample(
    language: languages.Language,
) -> None:
    """Under a heading of its own."""
    (section,) = re.findall(rf"^## {language.title}\n.*?(?=^## )", TEXT, re.MULTILINE | re.DOTALL)
    places = re.findall(r"^<!-- (.+) -->$", section, re.MULTILINE)
    assert places[0] == f"generate {language.name}"
    sources = [place for place in places[1:] if place != "end"]
    assert [Path(source).stem.lower() for source in sources] == ["connect", "sample"]


def test_a_changed_source_changes_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And a second writing has nothing left to do."""
    drivers = tmp_path / "drivers"
    shutil.copytree(languages.DRIVERS, drivers)
    monkeypatch.setattr(languages, "DRIVERS", drivers)
    (drivers / "go" / "sample.go").write_text("package changed\n")
    page = tmp_path / "languages.md"
    page.write_text(TEXT)
    assert write(page)
    assert "```go\npackage changed\n```\n<!-- end -->" in page.read_text()
    assert not write(page)


def test_a_place_that_names_nothing_is_refused() -> None:
    """A misspelt name leaves no old text standing."""
    with pytest.raises(PageError, match=r"there is no 'go/simple\.go'"):
        filled("<!-- go/simple.go -->\nold\n<!-- end -->\n")


def test_a_recorded_limit_is_on_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the language, the case and the reason."""
    place = "<!-- limits -->\n<!-- end -->\n"
    recorded = [Limit("php", "fetch-one", "Drops it.")]
    monkeypatch.setattr(limits, "load", lambda: recorded)
    assert "| PHP | `fetch-one` | Drops it. |\n<!-- end -->" in filled(place)
    monkeypatch.setattr(limits, "load", list)
    assert "None: every language passes every case." in filled(place)


def test_the_generator_of_the_page_is_the_pinned_one() -> None:
    """A reader gets the client that was tested."""
    pins = (ROOT / "requirements" / "languages.in").read_text(encoding="utf-8")
    (pin,) = re.findall(r"^openapi-generator-cli==\S+$", pins, re.MULTILINE)
    assert f"$ pip install {pin}\n" in TEXT


def test_what_the_page_points_at_is_there() -> None:
    """Links to the sources."""
    targets = re.findall(r"\]\((\.\./[^)]+)\)", TEXT)
    assert len(targets) > 10
    for target in targets:
        assert (PAGE.parent / target).exists(), target
