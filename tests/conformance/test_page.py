"""docs/languages.md and its pages say what is tested, to the letter."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from conformance import languages, limits
from conformance.limits import Limit
from conformance.page import FOLDER, PAGE, PageError, filled, pages, write

ROOT = Path(__file__).parents[2]
TEXT = PAGE.read_text(encoding="utf-8")
KNOWN = list(languages.load().values())


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_a_page_is_as_the_sources_have_it(page: Path) -> None:
    """`scripts/languages --write-page` would change nothing."""
    text = page.read_text(encoding="utf-8")
    assert filled(text) == text


def test_each_language_with_a_driver_has_a_page() -> None:
    """And no page is left of one that is gone."""
    assert {page.stem for page in pages()[1:]} == {one.name for one in KNOWN if one.driver}


@pytest.mark.parametrize("language", [one for one in KNOWN if one.driver], ids=lambda one: one.name)
def test_each_language_has_its_command_its_connection_and_its_sample(
    language: languages.Language,
) -> None:
    """On a page of its own."""
    text = (FOLDER / f"{language.name}.md").read_text(encoding="utf-8")
    assert text.startswith(f"# {language.title}\n")
    places = re.findall(r"^<!-- (.+) -->$", text, re.MULTILINE)
    build_files = {"end", f"{language.name}/tsconfig.json", f"{language.name}/go.mod"}
    first, *sources, last = [place for place in places if place not in build_files]
    assert (first, last) == (f"generate {language.name}", f"run {language.name}")
    assert [Path(source).stem.lower() for source in sources] == ["connect", "sample"]


def test_what_a_generator_reads_comes_before_it() -> None:
    """hey-api writes imports for the module system of `tsconfig.json`; without it, tsc fails."""
    text = (FOLDER / "typescript-hey-api.md").read_text(encoding="utf-8")
    assert text.index("<!-- typescript-hey-api/tsconfig.json -->") < text.index("$ npx openapi-ts")


@pytest.mark.parametrize("page", pages()[1:], ids=lambda page: page.name)
def test_what_npx_runs_was_installed_before(page: Path) -> None:
    """In a folder without it, npx offers to run whatever package has the command's name."""
    text = page.read_text(encoding="utf-8")
    for command in re.finditer(r"^\$ npx (\S+)", text, re.MULTILINE):
        before = text[: command.start()].replace("\\\n   ", "")
        (line,) = re.findall(r"^\$ npm install --save-dev (.+)$", before, re.MULTILINE)
        package = "typescript" if command[1] == "tsc" else command[1]
        assert re.search(rf"(^| )(@[\w-]+/)?{package}@\d", line)


def test_a_tool_of_a_go_module_is_added_in_its_tested_version() -> None:
    """`go tool` runs only what the module names."""
    text = (FOLDER / "go-oapi-codegen.md").read_text(encoding="utf-8")
    added, used = text.index("$ go get -tool github.com/oapi-codegen/"), text.index("$ go tool ")
    assert added < used
    assert re.search(r"/cmd/oapi-codegen@v\d+\.\d+\.\d+\n", text)


@pytest.mark.parametrize(
    "language", [one for one in KNOWN if not one.driver], ids=lambda one: one.name
)
def test_a_generator_without_a_driver_has_its_verdict(language: languages.Language) -> None:
    """How good it is first, then the reason."""
    assert re.match(r"(good|with care|not)\b.*: .+", language.verdict)
    assert f"| {language.verdict} |" in TEXT


def test_a_changed_source_changes_its_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And a second writing has nothing left to do."""
    drivers = tmp_path / "drivers"
    shutil.copytree(languages.DRIVERS, drivers)
    monkeypatch.setattr(languages, "DRIVERS", drivers)
    (drivers / "go" / "sample.go").write_text("package changed\n")
    folder = tmp_path / "languages"
    shutil.copytree(FOLDER, folder)
    shutil.copy(PAGE, tmp_path)
    assert write(folder)
    assert "```go\npackage changed\n```\n<!-- end -->" in (folder / "go.md").read_text()
    assert not write(folder)


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
    for page in pages():
        targets = re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8"))
        assert targets
        for target in targets:
            assert (page.parent / target).exists(), target
