"""When the types of an experience class are looked up: at once, or at the first use."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Generic, TypedDict, TypeVar

import attrs
import pytest
from typing_extensions import TypeAliasType

from moengage_personalize import InvalidArgumentError, TypedExperience, value
from moengage_personalize.models.values import MISFIT

T = TypeVar("T")
_alias: Any = TypeAliasType  # type checkers refuse those without an end

Rows = TypeAliasType("Rows", "list[Row]")
Lost = TypeAliasType("Lost", "list[Nowhere]")  # type: ignore[name-defined]  # noqa: F821
Itself = _alias("Itself", "Itself")
There = _alias("There", "Back")
Back = _alias("Back", "There")
Never = _alias("Never", "Never | None")
Deep = _alias("Deep", "dict[str, Deep] | None")
Pairs = TypeAliasType("Pairs", list[T], type_params=(T,))


class Table(TypedExperience, key="table"):
    Rows: Rows = value(default_factory=list["Row"])


@attrs.frozen
class Row:
    text: Annotated[str | None, ["not hashable"]] = ""


@attrs.frozen
class Box(Generic[T]):
    content: T | None = None


class Unknown(TypedDict):
    link: Nowhere  # type: ignore[name-defined]  # noqa: F821


def made(annotation: str, default: str = "None") -> type[TypedExperience]:
    """Make a class with one annotation, with the names of this module."""
    names: dict[str, Any] = {}
    text = f"class B(TypedExperience, key='b'):\n    Title: {annotation!r} = {default}\n"
    exec(compile(text, __name__, "exec"), globals(), names)
    one: type[TypedExperience] = names["B"]
    return one


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder for modules that Python imports, and forgets after the test."""
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path
    for one in tmp_path.glob("*.py"):
        sys.modules.pop(one.stem, None)


def test_a_class_in_a_circular_import_is_finished_at_its_first_use(module: Path) -> None:
    """While it is made, the other module has no such name yet."""
    (module / "shop_prices.py").write_text(
        "import attrs\nimport shop_banner\n\n@attrs.frozen\nclass Price:\n    amount: int = 0\n"
    )
    (module / "shop_banner.py").write_text(
        "from __future__ import annotations\nimport shop_prices\n"
        "from moengage_personalize import TypedExperience, value\n\n"
        "class Banner(TypedExperience, key='banner'):\n"
        "    Price: shop_prices.Price = value(default_factory=lambda: shop_prices.Price())\n"
    )
    prices = importlib.import_module("shop_prices")
    content = prices.shop_banner.Banner.content_()
    assert content.fit("Price", {"amount": 5}, []) == prices.Price(5)


@pytest.mark.parametrize(
    ("annotation", "told"),
    [
        ("Nowhere", r"B\.Title: its type cannot be evaluated \(NameError: name 'Nowhere' is not"),
        ("sys.Nowhere | None", r"B\.Title: its type cannot be evaluated \(AttributeError: .*Now"),
        ("int |", r"B\.Title: its type cannot be evaluated \(SyntaxError: .*'int |'"),
        ("int | 1", r"B\.Title: its type cannot be evaluated \(TypeError"),
        ("Lost", r"B\.Title: its type Lost cannot be evaluated \(NameError: name 'Nowhere'"),
        ("list[Lost]", r"B\.Title: its type Lost cannot be evaluated \(NameError: name 'Nowhere'"),
        (
            "Unknown",
            r"B\.Title, in Unknown\.link: its type cannot be evaluated \(NameError: name 'No",
        ),
    ],
)
def test_a_type_that_cannot_be_evaluated_is_told_at_each_use(annotation: str, told: str) -> None:
    """The class is made; each use names it, the attribute, and what would be right."""
    mistaken = made(annotation)
    for _ in range(2):
        with pytest.raises(InvalidArgumentError, match=told) as error:
            mistaken.content_()
        assert "with names that the module defines or imports at its top level" in str(error.value)


def test_an_alias_may_mean_a_class_below_and_refer_to_itself() -> None:
    """Its names are looked up in its own module; what `Annotated` adds needs no hash."""
    assert Table.content_().fit("Rows", [{"text": None}], []) == [Row(None)]
    assert made("Deep").content_().fit("Title", {"a": {"b": None}}, []) == {"a": {"b": None}}
    assert made("Deep").content_().fit("Title", {"a": {"b": 1}}, []) is MISFIT


@pytest.mark.skipif(sys.version_info < (3, 12), reason="type statements are of Python 3.12")
def test_a_type_statement_is_evaluated_when_it_can_be(module: Path) -> None:
    """Python does so no sooner; one that means itself is not supported."""
    (module / "shop_later.py").write_text(
        "import sys\nfrom moengage_personalize import TypedExperience\n\n"
        "type Cost = Later | None\ntype Tone = sys.Later | None\n\n"
        "class Banner(TypedExperience, key='banner'):\n    Price: Cost = None\n"
        "class Toned(TypedExperience, key='toned'):\n    Hue: Tone = None\n\nLater = int\n"
    )
    later = importlib.import_module("shop_later")
    assert later.Banner.content_().fit("Price", "5", []) == 5
    with pytest.raises(InvalidArgumentError, match="its type Tone cannot be evaluated"):
        later.Toned.content_()
    (module / "shop_itself.py").write_text(
        "from moengage_personalize import TypedExperience\n\ntype J = J\n\n"
        "class Banner(TypedExperience, key='banner'):\n    Price: J = None\n"
    )
    with pytest.raises(InvalidArgumentError, match=r"Price: its type is not supported \(J\)"):
        importlib.import_module("shop_itself")


@pytest.mark.parametrize(
    ("annotation", "default", "told"),
    [
        ("Itself", "None", r"its type is not supported \(Itself\)"),
        ("There | None", "None", r"its type is not supported \((There|Back)\)"),
        ("Never", "''", "has a default of another type"),
        ("set[int] | None", "None", r"its type is not supported \(set\[int\]\)"),
        ("list[Box[int]]", "[]", r"its type is not supported \(.*Box\[int\]\)"),
        ("Box", "Box()", r"its type is not supported \(T\)"),
        ("Pairs[int]", "[]", r"its type is not supported \(Pairs\[int\]\)"),
        ("int", "'b'", "has a default of another type"),
    ],
)
def test_what_is_evaluated_and_wrong_is_told_at_once(
    annotation: str, default: str, told: str
) -> None:
    """As it is written, and without a hang."""
    with pytest.raises(InvalidArgumentError, match=rf"B\.Title(, in Box\.content)?: {told}"):
        made(annotation, default)


def test_an_alias_without_an_end_holds_only_none() -> None:
    """As Python has it."""
    fit = made("Never").content_().fit
    assert [fit("Title", came, []) for came in (None, "x")] == [None, MISFIT]
