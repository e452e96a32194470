"""A new module: what becomes of each value, and that nothing of a workspace becomes code."""

from __future__ import annotations

import ast
import io
import re
import subprocess
import sys
import tokenize
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from content_types.workspaces import KEY, banner, classes, run, workspace, written
from moengage_personalize.content_types import Module, Sample, Workspace, differences, updated

HOSTILE = [
    '"""\nimport os\n"""',
    'a"""',
    '"',
    "\\",
    'trailing\\"""',
    "two\nlines",
    "a\rb\x0cc\u2028d\u202ee",
    "{x}%s",
    "'); import os  #",
    "\ud800",
    " ",
    "",
]


def lines(text: str) -> list[str]:
    """The lines of the attributes."""
    return re.findall(r"^    (\w+: .*)$", text, flags=re.MULTILINE)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["a"], 'V: str = "a"'),
        ([True], "V: bool = True"),
        ([2**53 + 1], "V: int = 9007199254740993"),
        ([1, 1.5], "V: float = 1.0"),
        ([None], "V: Any = None"),
        ([1, "a"], "V: Any = None"),
        ([None, "a"], "V: str | None = None"),
        ([[]], "V: list[Any] = value(default_factory=list[Any])"),
        ([["a", "b"]], 'V: list[str] = value(default_factory=lambda: ["a", "b"])'),
        ([[[1], [2]]], "V: list[list[int]] = value(default_factory=lambda: [[1], [2]])"),
        ([[1, None]], "V: list[int | None] = value(default_factory=lambda: [1, None])"),
        ([[1, "a"]], 'V: list[Any] = value(default_factory=lambda: [1, "a"])'),
        ([{}], "V: dict[str, Any] = value(default_factory=dict[str, Any])"),
        ([{"b-c": 1}], 'V: dict[str, Any] = value(default_factory=lambda: {"b-c": 1})'),
        ([{"a": 1}], "V: HomepageBannerV = value(default_factory=HomepageBannerV)"),
        ([{"a": 1}, None], "V: HomepageBannerV | None = None"),
        ([10**5000], "V: Any = None"),
    ],
)
def test_a_value_becomes_an_attribute(values: list[Any], expected: str, tmp_path: Path) -> None:
    """With its type, and the first sample as its default; the package can read the class."""
    text = written(banner(*({"V": one} for one in values)))
    assert expected in lines(text)
    run(text, tmp_path)


def test_a_value_that_a_variation_lacks_may_be_none() -> None:
    """And a comment says why."""
    text = written(banner({"Title": "a"}, {}))
    assert "    # Some samples lack it.\n    Title: str | None = None\n" in text


def test_defaults_can_be_left_out(tmp_path: Path) -> None:
    """Then every value may be None, those inside others too."""
    known = banner({"Title": "a", "Layout": {"columns": [1]}, "Odd": None})
    text = written(known, defaults="none")
    assert lines(text)[-4:] == [
        "columns: list[int] | None = None",
        "Title: str | None = None",
        "Layout: HomepageBannerLayout | None = None",
        "Odd: Any = None",
    ]
    run(text, tmp_path)


def test_json_becomes_classes_with_the_samples_values(tmp_path: Path) -> None:
    """One for each object; an entry of a list is no default for another."""
    value = {"columns": 3, "cta": {"text": "Go"}, "slides": [{"image": "x", "alt": "y"}]}
    made = classes(run(written(banner({"Layout": value})), tmp_path))[KEY]()
    assert attrs.asdict(made.Layout) == value  # type: ignore[attr-defined]  # made in the test
    slide = type(made.Layout.slides[0])  # type: ignore[attr-defined]
    assert slide.__name__ == "HomepageBannerLayoutSlidesItem"
    assert slide().image == ""


def test_a_name_inside_json_that_is_no_attribute_is_told() -> None:
    """With where to read it, as the API's names are the attributes' there."""
    text = written(banner({"Layout": {"columns": 3, "data-id": 4, "class": "x"}}))
    told = '# Workspace: without an attribute: data-id, class; read them in experience_["Layout"].'
    assert told in text
    assert "columns: int = 3" in text


def test_a_long_list_is_no_default() -> None:
    """It would fill the module."""
    text = written(banner({"V": list(range(1_000))}))
    assert "# Too long in the sample for a default.\n" in text
    assert "V: list[int] = value(default_factory=list[int])" in text


def test_an_object_of_many_names_is_a_dict() -> None:
    """It maps something, and is no structure."""
    text = written(banner({"V": {f"sku{number}": 1 for number in range(1_000)}}))
    assert "V: dict[str, Any] = value(default_factory=dict[str, Any])" in text


def test_facts_stand_beside_what_they_are_about() -> None:
    """The dashboard's name, the status, and how much was seen."""
    text = written(workspace({KEY: [{"a": 1}, {"a": 2}], "promo-strip": [{}]}, {KEY: "Paused"}))
    assert f'"""Experience "Name of {KEY}"."""' in text
    assert "# Workspace: Paused; 2 samples of 2 variations." in text
    assert "# Workspace: Active; 1 sample of 1 variation." in text


def test_keys_without_a_sample_are_listed_not_invented() -> None:
    """With their status."""
    text = written(workspace({KEY: [{}]}, {"summer-sale": "Paused", "black-friday": "Active"}))
    assert text.endswith(
        "# Listed in the workspace, but in no sample, so no class was written for them:\n"
        "#   black-friday (Name of black-friday), Active\n"
        "#   summer-sale (Name of summer-sale), Paused\n"
    )
    assert text.count("class ") == 2  # and the word in that comment


@pytest.mark.parametrize(
    ("names", "attributes"),
    [
        (["Title"], ["Title"]),
        (["Hero layout"], ["Hero_layout"]),
        (["class", "None"], ["class_value", "None_value"]),
        (["a-b", "a_b", "a b"], ["a_b_2", "a_b", "a_b_3"]),
        (["experience_", "content_", "key_"], ["experience", "content", "key"]),
        (["_hidden", "__init__"], ["hidden", "init"]),
        (["1st", "!!!"], ["value_1st", "value_value"]),
        (
            ["str", "value", "self", "attrs"],
            ["str_value", "value_value", "self_value", "attrs_value"],
        ),
        (["Überschrift", "見出し"], ["Überschrift", "見出し"]),
        (["ﬁt", "fit"], ["fit_2", "fit"]),
        (["HomepageBanner"], ["HomepageBanner_2"]),
        (["mro", "key", "NOTHING", "attr_dict"], ["mro_value", "key", "NOTHING", "attr_dict"]),
        (["", "  "], []),
    ],
)
def test_a_name_that_cannot_be_an_attribute_has_another(
    names: list[str], attributes: list[str], tmp_path: Path
) -> None:
    """And the value is still read by its own name."""
    known = banner(dict.fromkeys(names, "x"))
    text = written(known)
    made = classes(run(text, tmp_path))[KEY]
    assert [*made.__annotations__] == attributes
    assert list(made.content_()) == [name for name in names if name.strip()]
    assert differences(Module.from_text(text), known) == []


@pytest.mark.parametrize(
    ("keys", "names"),
    [
        (["a-b-c", "a_b_c", "a b c"], ["ABC", "ABC2", "ABC3"]),
        (["none!", "True"], ["NoneExperience", "TrueExperience"]),
        (["exception", "typed-experience"], ["ExceptionExperience", "TypedExperienceExperience"]),
        (["2024-sale", "!!!!!", "größe"], ["Experience", "Experience2024Sale", "Größe"]),
    ],
)
def test_a_key_gives_a_class_name(keys: list[str], names: list[str], tmp_path: Path) -> None:
    """Each another, and none that Python or the module needs."""
    made = classes(run(written(workspace({key: [{}] for key in keys})), tmp_path))
    assert sorted(one.__name__ for one in made.values()) == names
    assert {*made} == {*keys}


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_becomes_code(text: str, tmp_path: Path) -> None:
    """As a key, a name, a value or a dashboard's name, outside and inside JSON."""
    inside = {text: {text: text}, "list": [{text: text, "a": text}], "a": text}
    known = workspace({text or "key": [{text: text, "V": inside}, {}]}, {f"x{text}": "Active"})
    made = run(written(known), tmp_path)
    tree = ast.parse(written(known))
    assert {type(node) for node in tree.body} <= {
        ast.Expr, ast.Import, ast.ImportFrom, ast.ClassDef,
    }  # fmt: skip
    assert "os" not in vars(made)


@settings(max_examples=25)
@given(
    st.dictionaries(
        st.text(max_size=6),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(st.text(max_size=4), inner, max_size=3)
            ),
            max_leaves=8,
        ),
        max_size=4,
    )
)
def test_any_payload_becomes_a_module_that_fits(
    tmp_path_factory: pytest.TempPathFactory, values: dict[str, Any]
) -> None:
    """The package reads its classes, a check finds no difference, an update changes nothing."""
    known = banner(values)
    text = written(known)
    run(text, tmp_path_factory.mktemp("module"))
    module = Module.from_text(text)
    assert differences(module, known) == []
    assert updated(module, known).text == text


def test_the_same_samples_give_the_same_module() -> None:
    """In whatever order the workspace lists its experiences, and whatever hashes are."""
    known = workspace({"b-key": [{"a": {"b": 1}}], "a-key": [{"x": [{"y": 1}]}, {}]})
    assert known.listing is not None
    other = Workspace(
        dict(reversed([*known.listing.items()])), (known.samples[1:] + known.samples[:1])
    )
    assert written(other) == written(known)


def test_the_text_is_as_ruff_formats_it() -> None:
    """By its defaults."""
    known = banner({"Hero layout " + "x" * 40: {"a": ["long text " * 3] * 4}, "T": "y" * 200})
    text = written(known)
    assert written(known) == text
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "format", "--isolated", "--diff", "-"],
        input=text, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "")


def test_a_customers_id_is_nowhere() -> None:
    """A sample does not even keep it."""
    assert {one.name for one in attrs.fields(Sample)} == {"key", "values", "variation"}


def test_comments_are_comments() -> None:
    """Whatever a dashboard calls an experience."""
    text = written(workspace({KEY: [{}]}, {"x\nimport os": "Paused\n\x0c1"}))
    comments = [
        one.string
        for one in tokenize.generate_tokens(io.StringIO(text).readline)
        if one.type == tokenize.COMMENT
    ]
    assert comments[-1] == r"#   x\nimport os (Name of x\nimport os), Paused\n\x0c1"
