"""The site as it is built: whole, without a broken link, and with nothing from outside."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from html.parser import HTMLParser
from importlib import import_module
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from docs_site import api_page, building, command_line
from docs_site.__main__ import main
from docs_site.public_names import PACKAGES
from generator.document import ROOT
from moengage_personalize import errors, pytest_plugin

pytestmark = pytest.mark.workshop

LOADED = {"img": "src", "script": "src", "link": "href", "source": "src", "iframe": "src"}


class Page(HTMLParser):
    """What a page links to, loads and names."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.names: set[str] = set()
        self.feed(file.read_text())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.names |= {found[name] for name in ("id", "name") if name in found}
        if tag == "a" and "href" in found:
            self.links.append(found["href"])
        if tag in LOADED and LOADED[tag] in found:
            self.loads.append(found[LOADED[tag]])


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, Page]:
    """Each page, but for the API's, which draws itself and has tests of its own."""
    found = {file: Page(file) for file in site.rglob("*.html") if file.name != api_page.NAME}
    assert len(found) > 20
    return found


def test_the_site_is_built_without_a_warning(site: Path) -> None:
    """Sphinx ends with an error at the first; and it leaves nothing of its own behind."""
    assert (site / "index.html").exists()
    assert not (site / ".doctrees").exists()


def test_a_second_run_builds_nothing(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The site says what it was built from."""
    before = (site / "index.html").stat().st_mtime_ns
    assert main(["--output", str(site)]) == 0
    assert "is up to date" in capsys.readouterr().out
    assert (site / "index.html").stat().st_mtime_ns == before


def test_a_page_at_fault_leaves_the_site_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """A link to a page that does not exist, which the message names."""
    shutil.copytree(building.PAGES, tmp_path / "docs")
    shutil.copy(ROOT / "CHANGELOG.md", tmp_path)
    (tmp_path / "docs" / "logging.md").write_text("# Logging\n\n[Gone](gone.md)\n")
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "index.html").write_text("earlier")
    monkeypatch.setattr(building, "PAGES", tmp_path / "docs")
    assert main(["--output", str(tmp_path / "site")]) == 1
    assert "gone.md" in capfd.readouterr().err
    assert (tmp_path / "site" / "index.html").read_text() == "earlier"


def broken(pages: dict[Path, Page]) -> Iterator[str]:
    for file, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme:
                continue
            target = (file.parent / unquote(parts.path)).resolve() if parts.path else file
            names = {"", *pages[target].names} if target in pages else {parts.fragment}
            if not target.is_file() or unquote(parts.fragment) not in names:
                yield f"{file.name}: {link}"


def test_every_internal_link_leads_somewhere(pages: dict[Path, Page]) -> None:
    """To a file of the site, and to a name in it."""
    assert list(broken(pages)) == []
    assert sum(len(page.links) for page in pages.values()) > 1_000


def test_nothing_is_loaded_from_outside(site: Path, pages: dict[Path, Page]) -> None:
    """No font, script, style or picture, of a page or of a style sheet."""
    outside = [one for page in pages.values() for one in page.loads if urlsplit(one).netloc]
    outside += [
        address
        for sheet in site.rglob("*.css")
        for address in re.findall(r"""(?:url\(|@import )["']?(\S+?)["')]""", sheet.read_text())
        if urlsplit(address).netloc
    ]
    assert outside == []


@pytest.mark.parametrize("word", ["proxi", "dedup", "vercel", "outag", "certif"])
def test_the_index_of_the_search_knows(site: Path, word: str) -> None:
    """Words by their stems, as the search looks them up; one is nowhere."""
    index = (site / "searchindex.js").read_text()
    assert (f'"{word}"' in index or f",{word}:" in index) == (word != "vercel")


def test_every_name_error_and_fixture_has_an_entry(site: Path) -> None:
    """Built, with its docstring: an entry without one has no text."""
    built = {
        found[1]: found[2]
        for file in [*site.glob("reference/*.html"), site / "errors.html"]
        for found in re.finditer(
            r'<dt class="sig[^"]*" id="([\w.]+)">.*?</dt>\s*<dd>(.{20})',
            file.read_text(),
            re.DOTALL,
        )
    }
    names = {f"{package}.{name}" for package in PACKAGES for name in import_module(package).__all__}
    names |= {f"moengage_personalize.{name}" for name in errors.__all__}
    names |= {f"moengage_personalize.pytest_plugin.{name}" for name in pytest_plugin.__all__}
    assert names <= set(built)
    assert all(text.startswith("<p>") for name, text in built.items() if name in names)


def test_every_command_has_an_entry(site: Path) -> None:
    """And an anchor to link to."""
    page = Page(site / "reference" / "command-line.html")
    anchors = {
        name.removeprefix("moengage-personalize ").replace(" ", "-")
        for name, _ in command_line.commands()
    }
    assert anchors | {"exit-codes"} <= page.names


def test_the_site_has_the_apis_reference_page(site: Path) -> None:
    """The same file that `--api-page` writes."""
    text = (site / api_page.NAME).read_text()
    assert text == api_page.content(ROOT / "openapi" / "moengage-personalize.yaml")
