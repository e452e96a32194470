import json
from pathlib import Path
from typing import Any

import pytest

from moengage_personalize.emulator import Emulator, ExperienceFileError
from moengage_personalize.emulator.experiences.file import read
from moengage_personalize.emulator.experiences.visitor import Visitor

MINIMAL = "experiences:\n- key: greeting\n  payload:\n    Title: Hello\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file to write experiences into."""
    return tmp_path / "mine.yaml"


def fetched(file: Path, **session: str) -> dict[str, Any]:
    """Fetch everything that a file has for all users, in-process."""
    catalogue = read(str(file))
    experiences = json.loads(catalogue.answer(None, Visitor.from_body(session)))["experiences"]
    assert isinstance(experiences, dict)
    return experiences


def test_smallest_file_serves_an_active_experience(file: Path) -> None:
    """A key and a payload are enough for an active experience for all users."""
    file.write_text(MINIMAL)
    greeting = fetched(file)["greeting"]
    assert greeting["payload"] == {"Title": {"value": "Hello", "data_type": "string"}}
    assert greeting["experience_context"]["experience"] == "greeting"
    assert greeting["experience_context"]["audience_name"] == "All Users"


@pytest.mark.parametrize(
    ("written", "value", "data_type"),
    [
        ("Hello", "Hello", "string"),
        ("15", 15, "number"),
        ("1.5", 1.5, "float"),
        ("true", True, "boolean"),
        ("'15'", "15", "string"),
        ("2026-10-21", "2026-10-21", "string"),
        ("yes", "yes", "string"),
        ("{value: 15, data_type: float}", 15, "float"),
        ("{value: [1, a], data_type: json}", [1, "a"], "json"),
        ("{value: {a: null}, data_type: json}", {"a": None}, "json"),
        ("{value: blue, data_type: color, unchecked: true}", "blue", "color"),
        ("{value: x, data_type: number, unchecked: true}", "x", "number"),
    ],
)
def test_data_type_follows_from_the_writing(
    file: Path, written: str, value: object, data_type: str
) -> None:
    """A plain value has the data type that it looks like; any other is stated."""
    file.write_text(MINIMAL.replace("Hello", written))
    title = fetched(file)["greeting"]["payload"]["Title"]
    assert (title["value"], title["data_type"]) == (value, data_type)
    assert type(title["value"]) is type(value)


def test_context_of_a_variation_comes_last(file: Path) -> None:
    """A variation's context replaces the experience's, which replaces the derived one."""
    file.write_text(
        "experiences:\n"
        "- key: a\n"
        "  context: {cid: C1, owner: growth, tags: [1]}\n"
        "  variations: [{id: '7', context: {owner: brand}, payload: {}}]\n"
    )
    context = fetched(file)["a"]["experience_context"]
    assert (context["cid"], context["owner"], context["tags"]) == ("C1", "brand", [1])
    assert context["moe_variation_id"] == "7"


def test_hour_may_be_written_with_a_zero(file: Path) -> None:
    """`07` is seven, as a person means it."""
    file.write_text(MINIMAL + "  audience: {name: Early, hours: [07]}\n")
    assert fetched(file, TIME_OF_THE_DAY="07").keys() == {"greeting"}
    assert fetched(file, TIME_OF_THE_DAY="08") == {}


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("", 1, "the file must be an object"),
        ("- key: a\n", 1, "the file must be an object"),
        ("{}\n", 1, "experiences is required"),
        ("experiences: []\nexperience: []\n", 2, "experience that is not known there"),
        ("experiences:\n- key: a\n  payload: [\n", 4, "is not YAML"),
        ("experiences:\n\t- key: a\n", 2, "is not YAML"),
        ("experiences: []\n---\nexperiences: []\n", 2, "is not YAML"),
        ("experiences: \x07\n", 1, "is not YAML"),
        ("experiences: *nowhere\n", 1, "is not YAML"),
        (MINIMAL + "  key: b\n", 5, "key is already given in line 2"),
        ("experiences:\n- key: \x07\n", 2, "is not YAML: unacceptable character"),
        ("experiences:\n- key: 'a\n  payload:\n", 4, "that began in line 2)"),
        (MINIMAL + "  ? [a]\n  : b\n", 5, "a key must be text"),
        (MINIMAL + "    15: per cent\n", 5, "a key must be text: write '15' in quotes"),
        (MINIMAL + "  context: &self {again: *self}\n", 5, "must not be inside its own anchor"),
        (MINIMAL + "    Size: .inf\n", 5, "must be a finite number"),
        (MINIMAL + "- payload: {}\n", 5, "experiences[1].key is required"),
        (
            MINIMAL + "  status: active\n",
            5,
            "experiences[0].status must be one of Active, Paused, Scheduled",
        ),
        (
            MINIMAL + "  audience:\n    name: A\n    hours: [24]\n",
            7,
            "experiences[0].audience.hours[0] must be at most 23",
        ),
        (
            MINIMAL + "  audience:\n    name: A\n    days:\n    - Friday\n    - friday\n",
            9,
            "experiences[0].audience.days[1] must be one of Monday, Tuesday, Wednesday,",
        ),
        (
            MINIMAL + "  audience:\n    name: A\n    customers: [8821]\n",
            7,
            "experiences[0].audience.customers[0] must be a string",
        ),
        (
            MINIMAL + "  audience:\n    name: A\n    attributes:\n      utm_medium: email\n",
            8,
            "experiences[0].audience.attributes.utm_medium must be an array",
        ),
        (
            MINIMAL + "    List: [1, 2]\n",
            5,
            "experiences[0].payload.List must be a boolean, a number or a string",
        ),
        (
            MINIMAL + "    Size:\n      value: big\n      data_type: number\n",
            6,
            "experiences[0].payload.Size.value must be a number",
        ),
        (
            MINIMAL + "    Size:\n      value: big\n      data_type: text\n",
            7,
            "experiences[0].payload.Size.data_type must be one of string, number, float,",
        ),
        (
            MINIMAL + "    Size:\n      value: big\n",
            5,
            "experiences[0].payload.Size.data_type is required",
        ),
        (
            MINIMAL + "  context:\n    cid: 5\n",
            6,
            "experiences[0].context.cid must be a string",
        ),
        (
            MINIMAL + "- key: greeting\n  payload: {}\n",
            5,
            "experiences[1].key must differ from the other keys",
        ),
        (
            MINIMAL + "- key: b\n",
            5,
            "experiences[1] must have either a payload or variations",
        ),
        (
            MINIMAL + "  variations: [{id: a, payload: {}}]\n",
            2,
            "experiences[0] must have either a payload or variations",
        ),
        (
            "experiences:\n- key: a\n  variations:" + "\n  - {id: a, payload: {}}" * 2,
            5,
            "experiences[0].variations[1].id must differ from the other ids",
        ),
        (
            "experiences:\n- key: a\n  variations: [{id: a, weight: 0, payload: {}}]\n",
            3,
            "experiences[0].variations[0].weight must be at least 1",
        ),
    ],
)
def test_broken_file_is_refused_with_its_line(
    file: Path, text: str, line: int, problem: str
) -> None:
    """A file that cannot be used is refused by name, line and remedy."""
    file.write_text(text)
    with pytest.raises(ExperienceFileError) as refused:
        Emulator(file)
    assert refused.value.line == line
    assert problem in refused.value.problem
    assert str(refused.value) == f"{file}:{line}: {refused.value.problem}"


def test_missing_file_is_refused_by_name(file: Path) -> None:
    """A file that is not there is refused without a line."""
    with pytest.raises(ExperienceFileError, match="cannot be read: No such file") as refused:
        Emulator(file)
    assert (refused.value.file, refused.value.line) == (str(file), None)


def test_other_encoding_is_refused(file: Path) -> None:
    """A file that is not UTF-8 is refused as such, with the line of the first such byte."""
    file.write_bytes(b"experiences:\n- key: \xff\n")
    with pytest.raises(ExperienceFileError, match=r"mine\.yaml:2: must be UTF-8"):
        Emulator(file)


def test_first_problem_of_several_is_named(file: Path) -> None:
    """Of several problems, the one nearest to the top is told."""
    file.write_text("experiences:\n- payload: {a: []}\n  status: No\n  key: 5\n")
    with pytest.raises(ExperienceFileError) as refused:
        Emulator(file)
    assert refused.value.line == 2
