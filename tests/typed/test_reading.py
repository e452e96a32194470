"""An experience as a class: what is read as what, and what its own default stands in for."""

from __future__ import annotations

import dataclasses
import functools
import sys
from http import HTTPStatus
from typing import Annotated, Any, ClassVar, Literal, NewType, NotRequired, TypedDict, cast

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typing_extensions import TypeAliasType

from moengage_personalize import Experience, InvalidArgumentError, TypedExperience, value
from moengage_personalize.models.values import MISFIT
from promise.misfortune import ANY_JSON


@attrs.frozen
class Hero:
    columns: int = 1
    order: list[str] = attrs.field(factory=list[str])
    link: str | None = None


@dataclasses.dataclass
class Price:
    amount: float
    currency: str = "EUR"


class Badge(TypedDict):
    text: str
    tone: NotRequired[Literal["warm", "cold"]]


class Banner(TypedExperience, key="banner"):
    Title: str = "Welcome"
    Discount: int = 0
    Ratio: float = 0.5
    Shown: bool = False
    Tone: Literal["warm", "cold", 3] = "warm"
    Subtitle: str | None = None
    Rows: list[int] = [1]  # noqa: RUF012  (each instance has its own)
    Prices: dict[str, Price] = value(default_factory=dict[str, Price])
    Anything: Any = None
    Hero: Hero = value(default_factory=lambda: Hero(columns=4), name="Hero layout")
    Badge: Badge = value(default_factory=lambda: Badge(text="New"))


GONE: Any = MISFIT


@pytest.mark.parametrize(
    ("name", "came", "read"),
    [
        ("Title", "Hi", "Hi"),
        ("Title", "", ""),
        ("Title", 15, GONE),
        ("Title", None, GONE),
        ("Discount", 15, 15),
        ("Discount", 15.0, 15),
        ("Discount", "15", 15),
        ("Discount", 12.5, GONE),
        ("Discount", True, GONE),
        ("Discount", "fifteen", GONE),
        ("Ratio", 1, 1.0),
        ("Ratio", "0.25", 0.25),
        ("Ratio", "NaN", GONE),
        ("Shown", "true", True),
        ("Shown", 1, GONE),
        ("Tone", "cold", "cold"),
        ("Tone", 3, 3),
        ("Tone", "3", 3),
        ("Tone", "lukewarm", GONE),
        ("Tone", True, GONE),
        ("Subtitle", None, None),
        ("Subtitle", "Hi", "Hi"),
        ("Subtitle", 5, GONE),
        ("Rows", [1, 2.0], [1, 2]),
        ("Rows", "[1]", [1]),
        ("Rows", "1", GONE),
        ("Rows", {"1": 1}, GONE),
        ("Rows", [1, "x"], GONE),
        ("Prices", {"a": {"amount": 2}}, {"a": Price(2.0)}),
        ("Prices", {"a": {"currency": "INR"}}, GONE),
        ("Prices", [], GONE),
        ("Anything", [None], [None]),
        ("Hero layout", {"columns": 2, "order": ["a"], "new": 1}, Hero(2, ["a"])),
        ("Hero layout", '{"columns": 2}', Hero(2)),
        ("Hero layout", "hero", GONE),
        ("Hero layout", [], GONE),
        ("Badge", {"text": "Hot", "tone": "warm"}, {"text": "Hot", "tone": "warm"}),
        ("Badge", {"text": "Hot"}, {"text": "Hot"}),
        ("Badge", {"tone": "warm"}, GONE),
    ],
)
def test_a_value_is_of_its_type_or_does_not_fit(name: str, came: object, read: object) -> None:
    """Text becomes a number, a boolean or JSON, a whole number a float; nothing else changes."""
    fit = Banner.content_().fit(name, came, [])
    assert fit is read or (fit == read and type(fit) is type(read))


def test_what_a_nested_class_lacks_is_its_own_default_and_is_named() -> None:
    """The marketer's other fields are kept, however deep the missing one is."""
    lacks: list[str] = []
    hero = Banner.content_().fit("Hero layout", {"columns": "two", "order": ["a"]}, lacks)
    assert hero == Hero(1, ["a"])
    assert lacks == ["columns"]


def test_an_instance_of_the_application_has_defaults_of_its_own() -> None:
    """A page that changes what it got changes no other page."""
    one, other = Banner(), Banner()
    one.Rows.append(2)
    assert (one.Rows, other.Rows, Banner().Rows) == ([1, 2], [1], [1])
    assert one.experience_.source == "default"
    assert one.experience_["Hero layout"] == {"columns": 4, "order": [], "link": None}
    assert Banner(Title="Hi") == Banner(Title="Hi") != Banner()
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        one.Title = "Hi"  # type: ignore[misc]


def test_a_fake_is_reportable() -> None:
    """A test of an application needs no API for an instance that can be reported."""
    banner = Experience.fake(Banner(Title="Hi"))
    assert banner == Banner(Title="Hi")
    assert banner.experience_.is_reportable
    assert banner.experience_["Title"] == "Hi"
    assert not Banner(Title="Hi").experience_.is_reportable


def test_an_instance_that_is_changed_says_how_to_stay_reportable() -> None:
    """As `attrs.evolve` makes another instance, which is the application's own."""
    banner = Experience.fake(Banner())
    changed: Banner = attrs.evolve(cast("Any", banner), Title="Hi")
    assert "with_experience_" in changed.experience_.reason
    kept = changed.with_experience_(banner.experience_)
    assert (kept.Title, kept.experience_) == ("Hi", banner.experience_)


def test_the_defaults_are_json_for_the_emulator() -> None:
    """Nested classes too."""
    assert Banner.content_().as_json() == {
        "Title": "Welcome",
        "Discount": 0,
        "Ratio": 0.5,
        "Shown": False,
        "Tone": "warm",
        "Subtitle": None,
        "Rows": [1],
        "Prices": {},
        "Anything": None,
        "Hero layout": {"columns": 4, "order": [], "link": None},
        "Badge": {"text": "New"},
    }


def test_what_is_changed_is_the_changers_own() -> None:
    """Whatever a default is made of."""

    class Changing(TypedExperience, key="changing"):
        Given: dict[str, int] = value(default={})
        Price: Price = Price(1.0)

    one = Changing()
    one.Given["x"] = 1
    one.Price.amount = 2.0
    assert (Changing().Given, Changing().Price) == ({}, Price(1.0))


class Options(TypedExperience, key="options"):
    OPTIONS: ClassVar[list[str]] = ["a"]
    Title: str = "Welcome"

    class Part:
        pass

    _hidden = "of the class"

    @property
    def shout(self) -> str:
        return self.Title.upper()

    @functools.cached_property
    def length(self) -> int:
        return len(self.Title)

    @classmethod
    def first(cls) -> str:
        return cls.OPTIONS[0]

    @staticmethod
    def last() -> str:
        return Options.OPTIONS[-1]


class More(Options, key="more"):
    OPTIONS = ["b"]  # noqa: RUF012  (its type is the base class's)


def test_what_is_no_value_needs_no_type() -> None:
    """A class variable, a nested class, a hidden attribute, or what is called or computed."""
    assert list(Options.content_()) == list(More.content_()) == ["Title"]
    assert (Options.OPTIONS, More.OPTIONS) == (["a"], ["b"])


def test_a_value_without_a_type_is_told() -> None:
    """It would never be read, not even if a base class has its type."""
    with pytest.raises(InvalidArgumentError, match=r"Mute\.Text: has no type: write Text: str"):

        class Mute(TypedExperience, key="mute"):  # pyright: ignore[reportUnusedClass]
            Text = "Hi"

    with pytest.raises(InvalidArgumentError, match=r"Louder\.Title: has no type: write Title: str"):

        class Louder(Options, key="louder"):  # pyright: ignore[reportUnusedClass]
            Title = "WELCOME"


@attrs.frozen
class Inner:
    _secret: int = 1
    tags: Annotated[list[str], "any"] = attrs.field(factory=list[str])
    tone: Literal["warm", None] = None  # noqa: PYI061  (as some write it)


Amount = NewType("Amount", int)
MaybeAmount = TypeAliasType("MaybeAmount", Amount | None)


class Outer(TypedExperience, key="outer"):
    Inner: Inner = value(default_factory=Inner)
    Cost: MaybeAmount = None
    Rest: list[Amount] = value(default_factory=list[Amount])
    Tone: Literal["warm", None] = None  # noqa: PYI061  (as some write it)


def test_spellings_of_types_are_understood() -> None:
    """Annotated, None in a Literal, and attributes with an alias."""
    inner = Outer.content_().fit("Inner", {"_secret": 5, "tags": ["a"], "tone": None}, [])
    assert inner == Inner(5, ["a"])


def test_an_alias_is_what_it_stands_for() -> None:
    """And so is a `NewType`."""
    read = Outer.content_().fit
    assert [read("Cost", came, []) for came in ("5", None, "five")] == [5, None, MISFIT]
    assert read("Rest", [1, 2.0], []) == [1, 2]


class Tree(TypedExperience, key="tree"):
    Root: Node | None = None


@attrs.frozen
class Node:
    name: str = ""
    children: list[Node] = attrs.field(factory=list["Node"])


def test_a_class_may_stand_below_and_refer_to_itself() -> None:
    """Names are looked up at first use."""
    root = Tree.content_().fit("Root", {"name": "a", "children": [{"name": "b"}]}, [])
    assert root == Node("a", [Node("b")])


@attrs.frozen
class _Unfinished:
    link: Nowhere | None = None  # type: ignore[name-defined]  # noqa: F821


class _Holder(TypedExperience, key="holder"):
    Inner: _Unfinished | None = None


class _Early(TypedExperience, key="early"):
    Layout: dict[str, Any] = value(default_factory=lambda: _LAYOUT)  # type: ignore[name-defined]  # noqa: F821


@pytest.mark.parametrize(
    ("mistaken", "told"),
    [
        (
            _Holder,
            r"_Holder\.Inner, in _Unfinished\.link: its type cannot be evaluated \(NameError",
        ),
        (_Early, r"_Early: cannot be made from its defaults: name '_LAYOUT' is not defined"),
    ],
)
def test_what_a_module_may_define_later_is_told_at_the_first_use(
    mistaken: type[TypedExperience], told: str
) -> None:
    """The error names the attribute and what would be right."""
    with pytest.raises(InvalidArgumentError, match=told):
        mistaken.content_()


def test_a_mistake_in_a_class_is_told_where_it_stands() -> None:
    """What no later line of the module can mend is told when the module is imported."""
    with pytest.raises(
        InvalidArgumentError, match=r"Strange\.When: its type is not supported \(set"
    ):

        class Strange(TypedExperience, key="strange"):  # pyright: ignore[reportUnusedClass]
            When: set[int] = value(default_factory=set)

    with pytest.raises(
        InvalidArgumentError, match=r"Wrong\.Discount: has a default of another type"
    ):

        class Wrong(TypedExperience, key="wrong"):  # pyright: ignore[reportUnusedClass]
            Discount: int = "none"  # type: ignore[assignment]

    with pytest.raises(InvalidArgumentError, match=r"Level\.At: has a default of another type"):

        class Level(TypedExperience, key="level"):  # pyright: ignore[reportUnusedClass]
            At: int = HTTPStatus.OK

    with pytest.raises(InvalidArgumentError, match=r"Truth\.Ratio: has a default of another type"):

        class Truth(TypedExperience, key="truth"):  # pyright: ignore[reportUnusedClass]
            Ratio: float = True

    with pytest.raises(InvalidArgumentError, match=r"Twice\.Other: is the second attribute for"):

        class Twice(TypedExperience, key="twice"):  # pyright: ignore[reportUnusedClass]
            Title: str = ""
            Other: str = value(default="", name="Title")

    with pytest.raises(InvalidArgumentError, match=r"Bare\.Title: needs a default"):

        class Bare(TypedExperience, key="bare"):  # pyright: ignore[reportUnusedClass]
            Title: str

    with pytest.raises(InvalidArgumentError, match=r"Private\._Title: begins with _"):

        class Private(TypedExperience, key="private"):  # pyright: ignore[reportUnusedClass]
            _Title: str = ""

    with pytest.raises(InvalidArgumentError, match=r"Untold\.Other: has no type: write Other: str"):

        class Untold(TypedExperience, key="untold"):  # pyright: ignore[reportUnusedClass]
            Other = value(default="y")  # pyright: ignore[reportGeneralTypeIssues]

    class Mixin:
        Extra: str = "e"

    with pytest.raises(
        InvalidArgumentError, match=r"Mixed\.Extra: is of Mixin, which is not an attrs"
    ):

        class Mixed(Mixin, TypedExperience, key="mixed"):  # pyright: ignore[reportUnusedClass]
            Title: str = ""

    with pytest.raises(InvalidArgumentError, match=r"Own\.self: begins with _ or is a name"):

        class Own(TypedExperience, key="own"):  # pyright: ignore[reportUnusedClass]
            self: str = ""

    with pytest.raises(InvalidArgumentError, match="key: must not be empty"):

        class Empty(TypedExperience, key=""):  # pyright: ignore[reportUnusedClass]
            pass

    with pytest.raises(InvalidArgumentError, match="give exactly one"):
        value()  # type: ignore[call-overload]


def test_a_mixin_may_have_what_is_no_value() -> None:
    """Constants and private attributes, as in an experience class itself."""

    class Logging:
        logger: ClassVar[str] = "shop"
        _cache: int

    class Mixed(Logging, TypedExperience, key="mixed"):
        Title: str = "t"

    assert dict(Mixed.content_()) == {"Title": "t"}
    assert Mixed.logger == "shop"


@pytest.mark.parametrize("option", [{"init": False}, {"alias": "title"}])
def test_what_would_refuse_every_value_is_refused_at_once(option: dict[str, Any]) -> None:
    """The page would show the default for ever."""
    with pytest.raises(InvalidArgumentError, match=r"Field\.Title: has init=False or an alias"):

        class Field(TypedExperience, key="field"):  # pyright: ignore[reportUnusedClass]
            Title: str = attrs.field(default="t", **option)


def test_a_value_with_the_name_of_its_type_is_told_what_to_do() -> None:
    """Without the import, Python takes the value for the type."""
    source = (
        "from moengage_personalize import TypedExperience, value\n"
        "class Layout: pass\n"
        "class B(TypedExperience, key='b'):\n"
        "    Layout: Layout = value(default_factory=Layout)\n"
    )
    with pytest.raises(
        InvalidArgumentError, match=r"B\.Layout: has the name of its type: add this"
    ):
        exec(compile(source, "page", "exec", dont_inherit=True), {"__name__": "page"})


@pytest.mark.skipif(sys.version_info < (3, 14), reason="Python 3.14 looks names up later")
def test_a_type_may_stand_below_without_the_import() -> None:
    """Python takes it there, and so does the package."""
    source = (
        "from moengage_personalize import TypedExperience\n"
        "class B(TypedExperience, key='b'):\n"
        "    Rows: list[Row] | None = None\n"
        "Row = str\n"
    )
    page: dict[str, Any] = {"__name__": "page"}
    exec(compile(source, "page", "exec", dont_inherit=True), page)
    assert page["B"].content_().fit("Rows", ["a"], []) == ["a"]


def test_a_class_within_a_function_is_told_to_move() -> None:
    """Its annotations are texts, which only the module's names can resolve."""

    class Inner(TypedExperience, key="inner"):
        Layout: Local = value(default=None)  # type: ignore[name-defined]  # noqa: F821

    with pytest.raises(
        InvalidArgumentError,
        match=r"Inner\.Layout: its type cannot be evaluated \(NameError: name 'Local'",
    ):
        Inner.content_()


@given(ANY_JSON)
def test_no_value_breaks_a_page(came: object) -> None:
    """Whatever JSON comes, each field gives a value of its type or its default."""
    content = Banner.content_()
    for name in content:
        content.fit(name, came, [])


@given(st.dictionaries(st.sampled_from(["Title", "Discount", "Hero layout", "Rows"]), ANY_JSON))
def test_what_is_shown_is_of_its_type(payload: dict[str, Any]) -> None:
    """Values by name and by attribute are one, and of the type that the class says."""
    content = Banner.content_()
    values = {}
    for name, default in content.items():
        fit = content.fit(name, payload.get(name, MISFIT), [])
        values[name] = default if fit is MISFIT else fit
    banner = content.read(Experience.from_default("banner", values, reason="drawn"))
    assert type(banner.Title) is str
    assert type(banner.Discount) is int
    assert type(banner.Hero) is Hero
    assert all(type(row) is int for row in banner.Rows)
