"""What a difference between two Python faces means; the faces are read from small packages."""

import re
from pathlib import Path

import pytest

from api_changes.change import Audience, Change, Step, needed_step
from api_changes.interfaces import current
from api_changes.python_face import Face, read_face, to_json
from api_changes.python_rules import changes
from generator.document import ROOT

pytestmark = pytest.mark.workshop

BASE = """
import attrs
from enum import Enum
from httpx import Client
from ._inner import Ground

__all__ = ["Colour", "Painter", "Recipe", "paint"]

class Colour(Enum):
    RED = 1
    BLUE = 2

@attrs.frozen
class Recipe:
    name: str
    note: str = ""

class Painter(Ground):
    size: int

    def __init__(self, name: str, *, size: int = 1) -> None:
        self._secret = name

    def close(self) -> None: ...

def paint(what: str, *colours: Colour, on: str | None = None) -> str | None: ...

def helper() -> None: ...
"""


def face(folder: Path, source: str) -> Face:
    """The face of a package of that source, with the names of this project's packages."""
    folder.mkdir()
    for package in ("overrides/moengage_personalize", "generated/moengage_personalize_api"):
        (folder / package).mkdir(parents=True)
        (folder / package / "__init__.py").write_text("")
    root = folder / "overrides" / "moengage_personalize"
    for empty in ("emulator.py", "pytest_plugin.py"):
        (root / empty).write_text("__all__ = []\n")
    (root / "_inner.py").write_text("class Ground:\n    def rest(self) -> int: ...\n")
    (root / "__init__.py").write_text(source)
    return read_face(folder)


def edited(tmp_path: Path, old: str, new: str) -> list[Change]:
    """The changes that one replaced text makes."""
    assert old in BASE
    revised = face(tmp_path / "revision", BASE.replace(old, new, 1))
    return changes(face(tmp_path / "base", BASE), revised)


@pytest.mark.parametrize(
    ("old", "new", "step", "named"),
    [
        ('"paint"]', "]", Step.MAJOR, "paint"),
        ("    BLUE = 2\n", "", Step.MAJOR, "BLUE"),
        ("    def close(self) -> None: ...\n", "", Step.MAJOR, "close"),
        ("class Painter(Ground)", "class Painter", Step.MAJOR, "Painter"),
        ("name: str, *, size", "name: str, *, colour: str, size", Step.MAJOR, "colour"),
        ("size: int = 1", "size: int", Step.MAJOR, "size"),
        ("name: str, *, size", "*, name: str, size", Step.MAJOR, "name"),
        (", on: str | None = None", "", Step.MAJOR, "on"),
        ('    note: str = ""\n', "", Step.MAJOR, "note"),
        ("    name: str\n", "    name: str\n    wet: bool\n", Step.MAJOR, "wet"),
        ("    name: str\n", "    name: str = attrs.field(default='')\n", Step.NONE, ""),
        ("-> str | None: ...", "-> str | bytes | None: ...", Step.MAJOR, "paint"),
        ("-> str | None: ...", "-> str: ...", Step.MINOR, "paint"),
        ("what: str,", "what: bytes,", Step.MAJOR, "what"),
        ("what: str,", "what: str | bytes,", Step.MINOR, "what"),
        ("    size: int\n", "    size: str\n", Step.MAJOR, "size"),
        ("size: int = 1", "size: int = 2", Step.MINOR, "size"),
        ("on: str | None = None", "on: str | None = None, at: int = 0", Step.MINOR, "at"),
        ("    BLUE = 2\n", "    BLUE = 2\n    GREEN = 3\n", Step.MINOR, "GREEN"),
        ('    note: str = ""\n', '    note: str = ""\n    wet: bool = True\n', Step.MINOR, "wet"),
        ('"paint"]', '"paint", "helper"]', Step.MINOR, "helper"),
        ("def helper() -> None", "def helper(x: int) -> int", Step.NONE, ""),
        ("self._secret = name", "self._secrets = name", Step.NONE, ""),
    ],
)
def test_a_difference_needs_a_step(
    tmp_path: Path, old: str, new: str, step: Step, named: str
) -> None:
    """Only what is public counts, and callers alone notice."""
    found = edited(tmp_path, old, new)
    assert needed_step(found) is step, found
    assert all(change.affects == {Audience.CALLERS} for change in found)
    assert not named or any(named in change.names for change in found)


def test_an_inherited_method_is_part_of_the_face(tmp_path: Path) -> None:
    """A method that moves up to a base class is still there."""
    assert "moengage_personalize.Painter.rest" in face(tmp_path / "base", BASE)


def test_a_new_class_is_one_addition(tmp_path: Path) -> None:
    """Its members come with it."""
    text = "class Brush:\n    hair: str\n    def wash(self) -> None: ...\n\nclass Painter"
    found = edited(tmp_path, "class Painter", text)
    assert found == []
    listed = BASE.replace("class Painter", text).replace('"Colour"', '"Brush", "Colour"')
    base = face(tmp_path / "first", BASE)
    (change,) = changes(base, face(tmp_path / "second", listed))
    assert change.what == "added `Brush`"


def test_the_face_of_this_project_has_what_people_import() -> None:
    """Both packages, the extras' modules, and no private name."""
    found = current().face
    assert found is not None
    for name in (
        "moengage_personalize.PersonalizeClient.fetch",
        "moengage_personalize.EventReporter",
        "moengage_personalize.emulator.Emulator",
        "moengage_personalize.pytest_plugin.moengage_emulator",
        "moengage_personalize.RedisSpool",
        "moengage_personalize_api.models.FetchExperiencesRequest.identifiers",
        "moengage_personalize_api.api.experiences.fetch_experiences.asyncio",
    ):
        assert name in found
    assert not [name for name in found if "._" in name.replace(".__init__", "")]


def test_what_the_documentation_imports_is_part_of_the_face() -> None:
    """Else a change of it would be nobody's business."""
    found = current().face
    assert found is not None
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    text = "\n".join(page.read_text(encoding="utf-8") for page in pages)
    imports = re.findall(r"^ *from (moengage_\S+) import (?:\(([^)]*)\)|(.+))$", text, re.MULTILINE)
    names = {
        f"{module}.{name.strip()}"
        for module, many, few in imports
        for name in (many or few).partition("  #")[0].split(",")
        if name.strip()
    }
    assert len(names) > 10
    assert names - found.keys() == set()


def test_the_face_is_text_with_a_line_for_each_name() -> None:
    """So that a release's diff can be read."""
    found = current().face
    assert found is not None
    assert len(to_json(found).splitlines()) == len(found) + 2
