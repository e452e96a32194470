"""What a check finds between a module and a workspace."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from content_types.workspaces import KEY, banner, workspace, written
from moengage_personalize.content_types import (
    AnswerError,
    Difference,
    Module,
    Workspace,
    differences,
    read_answers,
)

VALUES: dict[str, Any] = {"Title": "a", "Layout": {"cta": {"text": "Go"}, "slides": [{"a": 1}]}}
MODULE = Module.from_text(written(banner(VALUES)))


def found(**values: Any) -> list[tuple[str, str, str, str]]:
    """The differences of the values, for people."""
    known = {name: value for name, value in (VALUES | values).items() if value is not ...}
    return [
        (one.value, one.problem, one.in_module, one.in_workspace)
        for one in differences(MODULE, banner(known))
    ]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, []),
        ({"Title": None}, []),
        ({"Title": ...}, [("Title", "value gone", "str", "")]),
        ({"Title": 1}, [("Title", "other type", "str", "int")]),
        ({"Title": [{"a": 1}]}, [("Title", "other type", "str", "list[dict[str, Any]]")]),
        ({"New": 1.5}, [("New", "new value", "", "float")]),
        ({"Layout": []}, [("Layout", "other type", "HomepageBannerLayout", "list[Any]")]),
        (
            {"Layout": {"cta": {"text": 1, "n": 1}, "slides": [{}]}},
            [
                ("Layout / cta / text", "other type", "str", "int"),
                ("Layout / cta / n", "new value", "", "int"),
                ("Layout / slides / a", "value gone", "int", ""),
            ],
        ),
        ({"Layout": VALUES["Layout"] | {"data-id": 1}}, []),
    ],
)
def test_values(values: dict[str, Any], expected: list[tuple[str, ...]]) -> None:
    """Inside JSON too; what is null, or no attribute can be, is none."""
    assert found(**values) == expected


@pytest.mark.parametrize(
    ("annotation", "value", "problem"),
    [
        ("Literal['light', 'dark']", "light", None),
        ("Theme | None", "light", None),
        ("Theme", "sepia", "other type"),
        ("list[Literal[1, 2]]", [1, 3], "other type"),
        ("str | int", "x", "not supported"),
        ("dict[int, str]", {}, "not supported"),
        ("list[tuple[str, ...]]", [], "not supported"),
        ("abc.Mapping[str, str]", {}, "not supported"),
        ("Color", "red", "not supported"),
        ("ShopText", "red", None),
        ("Amount", 5, None),
        ("list[Amount]", ["5 EUR"], "other type"),
        ("Amounts", [5], "not supported"),
    ],
)
def test_types_that_no_page_can_show(annotation: str, value: object, problem: str | None) -> None:
    """A choice that the workspace left, and what the package has no reader for."""
    module = Module.from_text(
        "import enum, collections.abc as abc\nfrom shop import ShopText\n"
        "Theme = Literal['light', 'dark']\n"
        "Amount = NewType('Amount', int)\nAmounts = NewType('Amounts', set[int])\n"
        "@enum.unique\nclass Color(enum.Enum):\n    RED = 'red'\n"
        f"if True:\n    class A(TypedExperience, key='homepage-banner'):\n        a: {annotation}\n"
    )
    found = [one.problem for one in differences(module, banner({"a": value}))]
    assert found == ([problem] if problem else [])


@pytest.mark.skipif(sys.version_info < (3, 12), reason="type statements are of Python 3.12")
def test_a_type_statement_is_what_it_stands_for() -> None:
    """As for the package, which reads what is behind it."""
    text = "type Rows = list[int]\ntype Odd = set[int]\n"
    text += "class A(TypedExperience, key='homepage-banner'):\n    a: Rows\n    b: Odd\n"
    module = Module.from_text(text)
    known = banner({"a": ["x"], "b": [1]})
    assert [one.problem for one in differences(module, known)] == ["other type", "not supported"]


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        (workspace({}), [Difference(KEY, "", "key gone", "HomepageBanner")]),
        (
            workspace({}, {KEY: "Paused"}),
            [Difference(KEY, "", "paused", "HomepageBanner", "Paused")],
        ),
        (
            workspace({}, {KEY: "Scheduled"}),
            [Difference(KEY, "", "scheduled", "HomepageBanner", "Scheduled")],
        ),
        (workspace({}, {KEY: "Active", "another": "Active"}), []),
        (Workspace(None, ()), []),
        (workspace({}).only(["another"]), []),
    ],
)
def test_keys(known: Workspace, expected: list[Difference]) -> None:
    """A workspace has experiences that no application needs; one may not be told at all."""
    assert differences(MODULE, known) == expected


def test_recorded_answers_are_a_workspace(tmp_path: Path) -> None:
    """Fetches and listings, in the order of the files' names; halves of emoji are replaced."""
    entry = {"experience_key": KEY, "experience_name": "Banner", "status": "Active"}
    content = {
        "payload": {"T": {"value": "\ud83d", "data_type": "string"}},
        "experience_context": {"moe_variation_id": "2"},
    }
    (tmp_path / "b.json").write_text(json.dumps({"experiences": {KEY: content}}))
    (tmp_path / "a.json").write_text(json.dumps({"experiences": {}}))
    (tmp_path / "c.json").write_text(
        json.dumps({"metadata": {"count": 2, "experiences": [entry, 5, {}]}})
    )
    (tmp_path / "d.txt").write_text("no answer")
    known = read_answers(tmp_path)
    assert known.listing is not None
    assert [one.experience_name for one in known.listing.values()] == ["Banner"]
    assert [(one.key, one.values, one.variation) for one in known.samples] == [
        (KEY, {"T": "\ufffd"}, "2")
    ]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"{", "is not JSON"),
        (b"\xff", "is not JSON"),
        (b"[" * 100_000, "is nested too deeply"),
        (b"[]", "must be the answer to"),
        (b'{"experiences": 5}', "must be the answer to"),
        (b'{"metadata": {}}', "must be the answer to"),
    ],
)
def test_a_file_that_is_no_answer_is_refused(tmp_path: Path, content: bytes, problem: str) -> None:
    """With its name."""
    (tmp_path / "a.json").write_bytes(content)
    with pytest.raises(AnswerError, match=rf"a\.json: {problem}"):
        read_answers(tmp_path)


def test_a_folder_in_a_files_place_is_refused(tmp_path: Path) -> None:
    """With the system's words."""
    (tmp_path / "a.json").mkdir()
    with pytest.raises(AnswerError, match=r"a\.json: Is a directory"):
        read_answers(tmp_path)


def test_a_folder_without_answers_is_refused(tmp_path: Path) -> None:
    """Nothing can be learned from it."""
    with pytest.raises(AnswerError, match=r"has no \*\.json file"):
        read_answers(tmp_path)
