"""What the reference must have an entry for, without building the site."""

from __future__ import annotations

import inspect
import re
from importlib import import_module
from pathlib import Path

import pytest
from typer.main import get_command

from docs_site import command_line, operations
from docs_site.building import PAGES
from docs_site.public_names import PACKAGES
from generator.document import ROOT
from generator.generation import DOCUMENT
from moengage_personalize import errors, pytest_plugin
from moengage_personalize.cli.app import app
from moengage_personalize.cli.exit_codes import MEANINGS
from the_document import the_document

ENTRY = re.compile(r"^\.\. auto(?:class|exception|function):: (\w+)$", re.MULTILINE)


def entries(page: str) -> list[str]:
    """The names that a page documents."""
    return ENTRY.findall((PAGES / page).read_text())


def test_every_public_name_has_one_entry() -> None:
    """Those of the package and of its emulator, and no name twice."""
    public = {name for package in PACKAGES for name in import_module(package).__all__}
    found = [
        name
        for page in [*PAGES.glob("reference/*.md"), PAGES / "errors.md"]
        for name in entries(str(page.relative_to(PAGES)))
    ]
    assert sorted(found) == sorted(public | set(pytest_plugin.__all__))


def test_every_error_has_an_entry() -> None:
    """In the order of the module."""
    assert set(entries("errors.md")) == set(errors.__all__)


@pytest.mark.parametrize("name", errors.__all__)
def test_an_error_says_its_cause_and_its_remedy(name: str) -> None:
    """In its own docstring, so that an editor shows it too."""
    text = inspect.cleandoc(vars(errors)[name].__doc__)  # Python 3.13 and later indent less
    assert re.search(r"^Cause: \S.*\.$.*^Remedy: \S", text, re.MULTILINE | re.DOTALL)


def test_the_tree_of_errors_is_the_modules() -> None:
    """The page and the docstring draw the same classes."""
    drawn = re.compile(r"[├└]── (\w+)")
    assert drawn.findall((PAGES / "errors.md").read_text()) == drawn.findall(errors.__doc__ or "")


def test_every_command_has_a_section() -> None:
    """Those of `spool` too, each with all of its options."""
    page = command_line.markdown()
    sections = dict(re.findall(r"^## (.*?)\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL))
    words = set(get_command(app).commands)  # type: ignore[attr-defined]  # it is a group
    assert {title.split()[0] for title in sections} == words | {"Exit"}
    for name, command in command_line.commands():
        section = sections[name.removeprefix("moengage-personalize ")]
        assert command.help in section
        for parameter in command.params:
            assert all(f"`{option}`" in section for option in parameter.opts if option[0] == "-")
            assert parameter.help in section
    assert all(f"| {code.value} | {text} |" in page for code, text in MEANINGS.items())


def test_every_operation_has_a_section() -> None:
    """With each status that it answers with."""
    page = operations.markdown(DOCUMENT)
    for method, path, operation in operations.operations(the_document().data):
        _, _, section = page.partition(f"## {operation['operationId']}\n")
        assert f"{method} {path}" in section
        assert all(f"| {status} |" in section for status in operation["responses"])


LINK = re.compile(r"\[[^]]*\]\(([^)#:\s]+)(?:#[^)]*)?\)")


@pytest.mark.parametrize(
    "page",
    [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(PAGES.rglob("*.md"))],
    ids=lambda page: str(page.relative_to(ROOT)),
)
def test_a_link_between_pages_leads_to_a_file_of_the_checkout(page: Path) -> None:
    """Where the pages are read without the site."""
    text = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    assert [link for link in LINK.findall(text) if not (page.parent / link).exists()] == []
