"""An update changes what no longer holds, and keeps what a person wrote."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from content_types.workspaces import KEY, banner, classes, rewritten, run, workspace, written
from moengage_personalize.content_types import Module, ModuleError, differences, updated

PERSONAL = '''\
#!/usr/bin/env python
"""The experiences of our shop."""
import attrs
from typing import Any
from moengage_personalize import (TypedExperience,
    value)   # all we need

LIMIT = 5

# What the designers call a grid.
@attrs.frozen
class Grid:
    columns:int=3   # more than 4 break on phones
    order: list[str] = attrs.field(factory=lambda: ["hero"])

    def wide(self) -> bool:
        return self.columns>LIMIT

class Hero(TypedExperience, key="homepage-banner"):
    """The hero of the home page; ask Mia."""
    headline: str = value(default = 'Welcome', name="Title")
    """At most 40 characters."""
    Discount : float = 0   # percent

    grid: Grid = value(default_factory=Grid, name="Layout")
    Theme: 'Literal["light", "dark"]' = "light"
    Anything: Any = None

    @property
    def label(self) -> str:
        return f"{self.headline}: {self.Discount} %"

def unrelated( ): return "ä"
'''
AS_PERSONAL = {
    "Title": "Hi",
    "Discount": 15,
    "Layout": {"columns": 4, "order": ["a"]},
    "Theme": "dark",
    "Anything": [1],
}


def changes(old: str, new: str) -> list[str]:
    """The lines that differ."""
    return [
        line
        for line in difflib.ndiff(old.splitlines(), new.splitlines())
        if line[:2] in {"- ", "+ "} and line[2:].strip()
    ]


def personal(**values: Any) -> list[str]:
    """What an update changes in a person's module; a value of `...` is gone."""
    known = {name: value for name, value in (AS_PERSONAL | values).items() if value is not ...}
    return changes(PERSONAL, rewritten(PERSONAL, banner(known)))


def test_what_still_holds_stays_byte_for_byte() -> None:
    """Whatever its format; names, docstrings, defaults, comments and methods are a person's."""
    assert updated(Module.from_text(PERSONAL), banner(AS_PERSONAL)).text == PERSONAL


@pytest.mark.parametrize("newline", ["\r\n", "\n"])
def test_ends_of_lines_stay(newline: str) -> None:
    """In what is added, too."""
    old = PERSONAL.replace("\n", newline)
    new = updated(Module.from_text(old), banner(AS_PERSONAL | {"New": 1})).text
    assert new.count("\n") == new.count(newline) == old.count("\n") + 1


def test_a_new_value_comes_after_the_others() -> None:
    """And nothing else changes."""
    assert personal(New="x") == ['+     New: str = "x"']


def test_a_new_value_needs_its_imports() -> None:
    """They join those that are there."""
    text = (
        "from moengage_personalize import TypedExperience\n\n\n"
        'class Hero(TypedExperience, key="homepage-banner"):\n    Title: str = ""\n'
    )
    assert changes(text, rewritten(text, banner({"Title": "", "a b": 1, "Odd": None}))) == [
        "- from moengage_personalize import TypedExperience",
        "+ from moengage_personalize import TypedExperience, value",
        "+ from typing import Any",
        '+     a_b: int = value(default=1, name="a b")',
        "+     # Null in every sample.",
        "+     Odd: Any = None",
    ]


def test_a_value_that_is_gone_is_removed() -> None:
    """With its docstring; so a type checker finds every use."""
    assert personal(Title=...) == [
        "-     headline: str = value(default = 'Welcome', name=\"Title\")",
        '-     """At most 40 characters."""',
    ]


def test_a_class_that_nothing_needs_any_more_is_removed() -> None:
    """With the import that only it needed."""
    old = written(banner({"Title": "a", "Layout": {"cta": {"text": "Go"}}}))
    assert "import attrs" in old
    assert rewritten(old, banner({"Title": "a"})) == written(banner({"Title": "a"}))


def test_a_type_that_does_not_hold_is_changed() -> None:
    """And its default, if that is none of the new type; the comment beside it stays."""
    assert personal(Discount="15%") == [
        "-     Discount : float = 0   # percent",
        '+     Discount : str = "15%"   # percent',
    ]


@pytest.mark.parametrize(
    ("old", "value", "new"),
    [
        ("Title: int = 3", 1.5, "Title: float = 3"),
        ("Title: int = 3", "x", 'Title: str = "x"'),
        ("Title: int | None = None", "x", "Title: str | None = None"),
        ("Title: list[int] = []", ["x"], "Title: list[str] = []"),
        (
            'Title: list[int] = value(default_factory=lambda: [1], name="Title")',
            ["x"],
            'Title: list[str] = value(default_factory=lambda: ["x"])',
        ),
        ('Title: int = value(default=3, name="Title")', 1.5, None),
        ("Title: bool = True", 1, "Title: int = 1"),
        ("Title: dict[str, int] = {}", {"a-b": "x"}, "Title: dict[str, Any] = {}"),
        ("Title: dict[str, Any] = {}", {"a": 1}, "Title: dict[str, Any] = {}"),
        ("Title: float = 3", 1, "Title: float = 3"),
        ("Title: str = ''", None, "Title: str = ''"),
        (
            "Title: Optional[Union[str, None]] = None",
            "",
            "Title: Optional[Union[str, None]] = None",
        ),
        ("Title: Optional[Union[str, int]] = None", 1, "Title: int | None = None"),
        ("Title: Literal[1, 2] = 1", 3, "Title: int = 1"),
        ("Title: Color = Color()", "red", "Title: Color = Color()"),
        ("Title: 'a b' = ''", 1, "Title: 'a b' = ''"),
        ("Title: Literal[1, 2] = 1", "x", 'Title: str = "x"'),
    ],
)
def test_types(old: str, value: object, new: str | None) -> None:
    """A type that can hold the value stays, a narrower or wider one that a person chose too."""
    head = 'class Hero(TypedExperience, key="homepage-banner"):\n    '
    text = rewritten(head + old + "\n", banner({"Title": value}))
    expected = new or old.replace("int", "float")
    assert text.rpartition(head)[2] == expected + "\n"


def test_what_is_inside_json_is_updated_too() -> None:
    """In the class that a person named."""
    assert personal(Layout={"columns": "x", "gap": 2}) == [
        "-     columns:int=3   # more than 4 break on phones",
        '+     columns:str="x"   # more than 4 break on phones',
        '-     order: list[str] = attrs.field(factory=lambda: ["hero"])',
        "+     gap: int = 2",
    ]


def test_a_new_object_inside_json_has_its_class_before_its_use(tmp_path: Path) -> None:
    """Even above a comment that belongs to the class that uses it."""
    known = banner(AS_PERSONAL | {"Layout": AS_PERSONAL["Layout"] | {"cta": {"a": [{"b": 1}]}}})  # type: ignore[operator]  # a dict
    text = rewritten(PERSONAL.replace('\'Literal["light", "dark"]\'', "str"), known)
    run(text, tmp_path)
    assert "# What the designers call a grid.\n@attrs.frozen\nclass Grid:" in text
    assert text.index("class GridCtaAItem:") < text.index("class GridCta:") < text.index("Grid:")


def test_one_class_for_two_values_is_of_what_either_holds() -> None:
    """Neither use takes away what the other needs."""
    old = (
        "import attrs\nfrom moengage_personalize import TypedExperience, value\n\n\n"
        "@attrs.frozen\nclass Image:\n    url: str = ''\n\n\n"
        'class Hero(TypedExperience, key="homepage-banner"):\n'
        "    a: Image = value(default_factory=Image)\n"
        "    b: list[Image] = value(default_factory=list[Image])\n"
    )
    known = banner({"a": {"url": "x"}, "b": [{"url": "x", "alt": "y"}]})
    assert changes(old, rewritten(old, known)) == [
        "+     # Some samples lack it.",
        "+     alt: str | None = None",
    ]


@pytest.mark.parametrize(
    ("head", "attribute", "new"),
    [
        ("@dataclass(frozen=True)\nclass L:", "a: int = 1", "b: list[int] = field(default_factory"),
        ("@dataclass\nclass L:", "b: int = 1", "b: list[int] = field(default_factory=lambda: [1])"),
        ("class L(TypedDict):", "a: int", "b: list[int]\n"),
        ("class L(TypedDict):", "b: str", "b: list[int]\n"),
        ("class L(TypedDict):", "a: int", "c: NotRequired[str | None]\n"),
    ],
)
def test_a_persons_own_kind_of_class_stays(
    head: str, attribute: str, new: str, tmp_path: Path
) -> None:
    """What is added is as a dataclass or a TypedDict spells it."""
    old = (
        "from dataclasses import dataclass\n"
        "from typing import TypedDict\n"
        "from moengage_personalize import TypedExperience, value\n\n\n"
        f"{head}\n    {attribute}\n\n\n"
        'class Hero(TypedExperience, key="homepage-banner"):\n'
        "    Layout: L | None = None\n"
    )
    values = [{"a": 1, "b": [1]}, {"a": 1, "b": [1], "c": "x"}]
    text = rewritten(old, banner(*({"Layout": one} for one in values)))
    assert f"    {new}" in text
    run(text, tmp_path)


def test_a_new_experience_comes_at_the_end() -> None:
    """After what a person wrote there."""
    known = workspace({KEY: [AS_PERSONAL], "promo-strip": [{"Text": "x"}]})
    assert changes(PERSONAL, rewritten(PERSONAL, known)) == [
        '+ class PromoStrip(TypedExperience, key="promo-strip"):',
        '+     """Experience "Name of promo-strip"."""',
        "+     # Workspace: Active; 1 sample of 1 variation.",
        '+     Text: str = "x"',
    ]


def test_an_experience_that_is_gone_is_removed() -> None:
    """Its classes with it; a comment at its end is part of it."""
    both = written(workspace({KEY: [{}], "promo-strip": [{"a": {"b": 1}}]}))
    assert rewritten(both, banner({})) == written(banner({}))
    one = workspace({"promo-strip": [{"a": {"b": 1}}]})
    assert rewritten(both, one) == written(one)


def test_a_class_stays_whose_experience_has_no_sample() -> None:
    """Paused, or for other visitors: nothing is known of its values."""
    old = written(workspace({KEY: [{"Title": "a"}]}))
    new = rewritten(old, workspace({}, {KEY: "Paused"}))
    assert new.startswith(old)
    assert f"#   {KEY} (Name of {KEY}), Paused\n" in new


def test_the_list_of_keys_without_a_sample_is_renewed() -> None:
    """And goes when each has one."""
    old = written(workspace({KEY: [{}]}, {"black-friday": "Active"}))
    assert rewritten(old, banner({})) == written(banner({}))


def test_other_keys_than_the_chosen_are_left_alone() -> None:
    """They are neither gone nor new."""
    old = written(workspace({KEY: [{"a": 1}], "promo-strip": [{"b": 1}]}, {"summer": "Paused"}))
    known = workspace({"promo-strip": [{"b": 1, "c": 1}], "third": [{}]}).only(["promo-strip"])
    assert changes(old, rewritten(old, known)) == ["+     c: int = 1"]


def test_facts_are_renewed_unless_a_person_removed_them() -> None:
    """They are no one's words."""
    old = written(banner({"a": 1}))
    known = banner({"a": 1}, {"a": 2})
    assert changes(old, rewritten(old, known)) == [
        "-     # Workspace: Active; 1 sample of 1 variation.",
        "+     # Workspace: Active; 2 samples of 2 variations.",
    ]
    without = old.replace("    # Workspace: Active; 1 sample of 1 variation.\n", "")
    assert rewritten(without, known) == without


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("class A(TypedExperience, key='homepage-banner'): ...\n", "    ...\n    a: int = 1\n"),
        ("class A(TypedExperience, key='homepage-banner'):\n\tpass\n", "\ta: int = 1\n\tpass\n"),
        ("class A(TypedExperience, key='homepage-banner'):\n  b: int = 1", "  a: int = 1\n"),
        (
            "class A(TypedExperience, key='homepage-banner'): b: int = 1; c: int = 2\n",
            "'):\n    pass; pass\n    a: int = 1\n",
        ),
        (
            "class A(TypedExperience, key='homepage-banner'): \\\n  b: int = 1\n",
            "'):\n    pass\n    a: int = 1\n",
        ),
        (
            "class A(TypedExperience, key='homepage-banner'):\n    def m(self): return 1\n",
            "    a: int = 1\n    def m",
        ),
        (
            "class A(TypedExperience, key='homepage-banner'):\n    a: int = 1\n    a_b = 5\n",
            '    a_b_2: int = value(default=1, name="a-b")',
        ),
        ("class A(m.TypedExperience, key='homepage-banner'):\n x: int = m.value(name='a')", ""),
    ],
)
def test_odd_layouts(old: str, new: str) -> None:
    """A body on the class's own line, tabs, no attribute yet, a name that is taken."""
    values = {"a": 1, "a-b": 1} if "a_b" in old else {"a": 1}
    assert new in rewritten(old, banner(values))


@pytest.mark.parametrize(
    ("head", "base", "is_experience"),
    [
        ("", "Route", False),
        ("class Route: ...", "Route", False),
        ("from moengage_personalize import TypedExperience as TE", "TE", True),
        ("import moengage_personalize as mp", "mp.TypedExperience", True),
        ("class P(TypedExperience, key='p'): ...", "P", True),
    ],
)
def test_an_experience_is_what_has_the_base(head: str, base: str, is_experience: bool) -> None:  # noqa: FBT001  (a case)
    """By whatever name; other classes may have a key too, and stay."""
    old = f"{head}\nclass A({base}, key='gone'): ...\n"
    text = updated(Module.from_text(old), workspace({KEY: [{}]})).text
    assert ("class A(" in text) is not is_experience


@pytest.mark.parametrize(
    ("imports", "spelled"),
    [
        ("from moengage_personalize import TypedExperience, value as v", "v"),
        (
            "import moengage_personalize as mp\nfrom moengage_personalize import TypedExperience",
            "mp.value",
        ),
        ("from moengage_personalize import *", "value"),
    ],
)
def test_a_person_may_import_by_another_name(imports: str, spelled: str) -> None:
    """What stands there is understood, and what is added is spelled so."""
    old = (
        f"{imports}\nimport typing as t\n\n\nclass A(TypedExperience, key='homepage-banner'):\n"
        f"    names: 't.ClassVar[list[str]]' = []\n"
        f'    Txt: str = {spelled}(default="q", name="Text")\n'
    )
    assert changes(old, rewritten(old, banner({"Text": "x", "a b": 1, "Odd": None}))) == [
        f'+     a_b: int = {spelled}(default=1, name="a b")',
        "+     # Null in every sample.",
        "+     Odd: t.Any = None",
    ]


def test_a_base_with_values_is_left_alone() -> None:
    """Other experiences may have what this one has no more; what it has is not added again."""
    old = (
        "class Base(TypedExperience, key='base-key'):\n"
        "    count: ClassVar[int] = 0\n    a: int = 1\n\n\n"
        "class A(Base, key='homepage-banner'):\n    b: int = 1\n"
    )
    text = updated(Module.from_text(old), workspace({KEY: [{"c": 1}], "base-key": [{"a": 1}]}))
    assert changes(old, text.text)[-2:] == ["-     b: int = 1", "+     c: int = 1"]
    assert "    count: ClassVar[int] = 0\n    a: int = 1\n" in text.text


def test_a_docstring_is_followed_by_the_new_values() -> None:
    """If there is no value yet."""
    old = 'class A(TypedExperience, key=\'homepage-banner\'):\n    """Mine."""\n'
    assert rewritten(old, banner({"a": 1})).endswith('    """Mine."""\n\n    a: int = 1\n')


def test_a_class_keeps_a_body() -> None:
    """When its only value is gone."""
    old = 'class A(TypedExperience, key="homepage-banner"):\n    a: int = 1\n'
    assert "    pass\n" in rewritten(old, banner({}))
    assert "    pass\n" not in rewritten(old, banner({"b": 1}))


def test_a_formatted_module_stays_formatted() -> None:
    """One that is not, stays as it is."""
    old = written(banner({"a": 1}))
    name = "long name " * 6
    assert rewritten(old, banner({"a": 1, name: ["x"] * 9})) == written(
        banner({"a": 1, name: ["x"] * 9})
    )


@settings(max_examples=25)
@given(
    *[
        st.dictionaries(
            st.sampled_from(["Title", "a b", "class", "Layout", "List"]),
            st.recursive(
                st.none() | st.booleans() | st.integers(0, 9) | st.just(1.5) | st.text(max_size=2),
                lambda inner: (
                    st.lists(inner, max_size=2)
                    | st.dictionaries(st.sampled_from(["a", "b", "c-d"]), inner, max_size=3)
                ),
                max_leaves=6,
            ),
        )
    ]
    * 2
)
def test_after_an_update_there_is_no_difference(
    tmp_path_factory: pytest.TempPathFactory, old: dict[str, Any], new: dict[str, Any]
) -> None:
    """From any workspace to any other; the package can still read the classes."""
    text = rewritten(written(banner(old)), banner(new))
    assert differences(Module.from_text(text), banner(new)) == []
    assert [*classes(run(text, tmp_path_factory.mktemp("module")))] == [KEY]


@pytest.mark.parametrize("layout", [{"a": {"b": 1}}, [{"b": 2}], ...])
def test_a_class_below_an_if_is_updated_there(layout: object, tmp_path: Path) -> None:
    """With the same indent; one that goes leaves a body behind."""
    old = (
        "from moengage_personalize import TypedExperience\n\ntry:\n"
        "    # Mine.\n    class A(TypedExperience, key='homepage-banner'): a: int = 1\n\n\n"
        "    LIMIT = 1\nfinally:\n    class B(TypedExperience, key='gone'):\n        a: int = 1\n"
    )
    text = rewritten(old, workspace({} if layout is ... else {KEY: [{"a": 1, "L": layout}]}))
    assert text.endswith("finally:\n    pass\n")
    assert "    LIMIT = 1\n" in text
    run(text, tmp_path)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("class", "experiences.py:1: is not Python: "),
        ("x = '\x00'", "experiences.py"),
        (
            "K = 'a'\nclass A(TypedExperience, key=K): ...",
            "experiences.py:2: A must have its key written as text",
        ),
        (
            "def f():\n class A(TypedExperience, key='a'): ...",
            "experiences.py:2: A must be at the top of the module and only once",
        ),
    ],
)
def test_a_module_that_cannot_be_read_is_refused(text: str, problem: str) -> None:
    """With the line."""
    with pytest.raises(ModuleError, match=f"^{problem}"):
        Module.from_text(text, "experiences.py")
