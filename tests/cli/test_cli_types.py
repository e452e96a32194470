"""`types`: a module from a workspace, and what no longer fits."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cli.helpers import CUSTOMER, Invoke
from content_types.workspaces import run
from moengage_personalize import PersonalizeClient
from moengage_personalize.emulator import Emulator, Fault
from support import ScriptedServer, experiences

PACKAGE = "moengage_personalize.content_types"
ROOT = Path(__file__).parents[2]
PAGE = """\
from experiences_of_a_test import HomepageBanner
from moengage_personalize import PersonalizeClient


def page(client: PersonalizeClient) -> str:
    banner = client.experience(HomepageBanner, "user_8821")
    if banner.Discount > 5:
        return f"<h1>{banner.Title.upper()}</h1>"
    return banner.Title


if __name__ == "__main__":
    with PersonalizeClient.from_env() as client:
        print(page(client))
"""
BEFORE = {"homepage-banner": {"Title": "Hi", "Discount": 15}}
AFTER = {"homepage-banner": {"Headline": "Hi", "Discount": 15}}
DIFFERENCES = [
    {
        "key": "homepage-banner",
        "value": "Title",
        "problem": "value gone",
        "in_module": "str",
        "in_workspace": "",
        "inherited_from": "",
    },
    {
        "key": "homepage-banner",
        "value": "Headline",
        "problem": "new value",
        "in_module": "",
        "in_workspace": "str",
        "inherited_from": "",
    },
]


@pytest.fixture
def shop(pointed: Emulator) -> Iterator[Emulator]:
    """A workspace that the test may change."""
    pointed.replace_experiences(BEFORE)
    yield pointed
    pointed.replace_experiences(None)


@pytest.fixture
def module(tmp_path: Path) -> Path:
    return tmp_path / "experiences_of_a_test.py"


def test_a_marketer_renames_a_value(
    shop: Emulator, invoke: Invoke, module: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The check names it, the page shows the default and warns once, the new module lacks it."""
    assert invoke("types", "--output", str(module)).code == 0
    assert invoke("types", "--check", str(module)).code == 0
    banner: Any = run(module.read_text(), module.parent).HomepageBanner
    shop.replace_experiences(AFTER)

    outcome = invoke("types", "--check", str(module), "--json")
    assert (outcome.code, outcome.json["differences"]) == (1, DIFFERENCES)
    with PersonalizeClient.from_env() as client, caplog.at_level(logging.WARNING):
        pages: list[Any] = [client.experience(banner, CUSTOMER) for _ in range(3)]
    assert [page.Title for page in pages] == ["Hi"] * 3
    assert [one.message for one in caplog.records] == [
        "homepage-banner has no value 'Title' any more; its default is shown"
    ]

    assert invoke("types", "--output", str(module)).code == 0
    assert invoke("types", "--check", str(module)).code == 0
    assert not hasattr(run(module.read_text(), module.parent).HomepageBanner(), "Title")


def test_the_emulator_answers_as_the_module_says(
    shop: Emulator, invoke: Invoke, module: Path
) -> None:
    """So page, types and emulator cannot drift apart."""
    nested = {"columns": 3, "cta": {"text": "Go"}, "slides": [{"image": "x"}, {"alt": "y"}]}
    shop.replace_experiences(BEFORE | {"promo-strip": {"a b": 1.5, "Layout": nested}})
    invoke("types", "--output", str(module))
    shop.replace_experiences(module)
    outcome = invoke("types", "--check", str(module), "--json")
    assert outcome.json == {"differences": [], "not_compared": []}


@pytest.mark.workshop
def test_a_type_checker_finds_every_use_of_a_renamed_value(
    shop: Emulator, invoke: Invoke, module: Path
) -> None:
    """Mypy passes before, and names each line after the module is written again."""
    page = module.with_name("page.py")
    page.write_text(PAGE)
    invoke("types", "--output", str(module))
    assert mypy(module, page) == (0, [])
    environment = os.environ | {"PYTHONPATH": str(module.parent)}
    printed = subprocess.run(
        [sys.executable, page], env=environment, capture_output=True, check=False
    )
    assert printed.stdout == b"<h1>HI</h1>\n"
    shop.replace_experiences(AFTER)
    invoke("types", "--output", str(module))
    code, errors = mypy(module, page)
    assert code == 1
    missing = [error for error in errors if '"HomepageBanner" has no attribute "Title"' in error]
    assert [error.partition(": ")[0] for error in missing] == ["page.py:8", "page.py:9"]


@pytest.mark.workshop
def test_what_is_written_passes_mypy_and_pyright(
    invoke: Invoke, module: Path, tmp_path: Path
) -> None:
    """Both in their strict modes, with every kind of type and of name."""
    names = ["class", "str", "a b", "_x", "HomepageBanner", "self", "list", "Any", "Überschrift"]
    known: dict[str, dict[str, Any]] = {
        "homepage-banner": dict.fromkeys(names, "x"),
        "every-type": {
            "Text": "a", "Whole": 1, "Part": 1.5, "Yes": True, "Null": None, "Empty": {},
            "None of it": [], "List": [1, 2], "Mixed": [1, "a"], "Lists": [[1.5]],
            "Objects": [{"a": 1, "b": {"c": [{"d": None}]}}, {"a": 2}],
            "Nested": {"list": ["x"], "none": None, "empty": [], "dict": {}, "in": {"in": {"a": 1}},
                       "b-c": 1},
            "Odd": {"a-b": [1]}, "Long": ["x" * 300, "y" * 300], "Wide": "z" * 200,
        },
    }  # fmt: skip
    for name in ("sample", "none"):
        file = module.with_name(f"{name}_defaults.py")
        answer = {
            key: {
                "payload": {
                    each: {"value": value, "data_type": "any"} for each, value in values.items()
                }
            }
            for key, values in known.items()
        }
        (tmp_path / "answers.json").write_text(json.dumps({"experiences": answer}))
        arguments = ("--answers", str(tmp_path), "--output", str(file), "--defaults", name)
        assert invoke("types", *arguments).code == 0
        assert mypy(file) == (0, [])
    project = {
        "typeCheckingMode": "strict",
        "extraPaths": [str(ROOT / "overrides"), str(ROOT / "generated")],
        "venvPath": str(ROOT),
        "venv": ".venv",
    }
    (tmp_path / "pyrightconfig.json").write_text(json.dumps(project))
    pyright = ROOT / "node_modules" / ".bin" / "pyright"
    if not pyright.exists():
        pytest.skip("scripts/lint installs pyright")
    done = subprocess.run([pyright, "-p", tmp_path], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def mypy(*files: Path) -> tuple[int, list[str]]:
    """Its exit code and errors, with a cache that runs share."""
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--config-file=",
         *(file.name for file in files)],
        cwd=files[0].parent, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout.splitlines()


def test_a_customer_can_be_given_several_times(shop: Emulator, invoke: Invoke) -> None:
    """Each is a sample; none is told in the module."""
    customers = ["user_8821", "user_1405", "user_77"]
    outcome = invoke("types", *(text for one in customers for text in ("--customer-id", one)))
    assert "# Workspace: Active; 3 samples of 1 variation." in outcome.stdout
    asked = [one.json["identifiers"]["customer_id"] for one in shop.requests if one.json]
    assert asked == customers
    assert not any(one in outcome.stdout for one in customers)


def test_only_active_experiences_are_asked_for(pointed: Emulator, invoke: Invoke) -> None:
    """And others are told on stderr, as are those that no visitor matched."""
    outcome = invoke("types", "--attribute", "utm_medium=email")
    asked = pointed.requests[-1].json
    assert asked["utm_medium"] == "email"
    assert "summer-sale" not in asked["experience_key"]
    assert "class NewsletterWelcome(" in outcome.stdout
    assert "summer-sale: Paused, but in no sample\n" in outcome.stderr
    assert "loyalty-offer: Active, but in no sample\n" in outcome.stderr


def test_keys_can_be_chosen(pointed: Emulator, invoke: Invoke) -> None:
    """Nothing else is asked for, written or told."""
    outcome = invoke("types", "promo-strip")
    assert pointed.requests[-1].json["experience_key"] == ["promo-strip"]
    assert outcome.stdout.count("class ") == 1
    assert outcome.stderr == ""


def test_a_file_of_the_emulator_has_all_variations(invoke: Invoke, tmp_path: Path) -> None:
    """Without a network, and of paused experiences too."""
    file = tmp_path / "experiences.yaml"
    file.write_text(
        "experiences:\n"
        "- key: promo-strip\n  name: Promo\n  status: Paused\n  variations:\n"
        "  - {id: '1', payload: {Discount: 5, Text: a}}\n"
        "  - {id: '2', payload: {Discount: 7.5}}\n"
    )
    outcome = invoke("types", "--experiences", str(file))
    assert outcome.stdout.endswith(
        'class PromoStrip(TypedExperience, key="promo-strip"):\n'
        '    """Experience "Promo"."""\n\n'
        "    # Workspace: Paused; 2 samples of 2 variations.\n"
        "    Discount: float = 5.0\n"
        "    # Some samples lack it.\n"
        "    Text: str | None = None\n"
    )


def test_an_update_tells_what_it_changed(shop: Emulator, invoke: Invoke, module: Path) -> None:
    """As a table, or as a document; nothing, if nothing did."""
    invoke("types", "--output", str(module))
    assert "Nothing to change." in invoke("types", "--output", str(module)).stdout
    module.chmod(0o640)
    shop.replace_experiences(AFTER | {"promo-strip": {"Text": "x"}})
    outcome = invoke("types", "--output", str(module), "--json")
    expected = {"added": ["promo-strip"], "changed": DIFFERENCES, "left": [], "unmatched": []}
    assert outcome.json == expected
    assert module.stat().st_mode & 0o777 == 0o640
    assert [one.name for one in module.parent.iterdir()] == [module.name]


@pytest.mark.parametrize("form", ["python", "openapi"])
def test_a_key_that_is_mistyped_is_named_and_nothing_is_written(
    shop: Emulator, invoke: Invoke, module: Path, form: str
) -> None:
    """With the keys that it may have meant; one whose class is left can still be removed."""
    invoke("types", "--output", str(module))
    before, last = module.read_text(), ("--format", form, "--output", str(module))
    outcome = invoke("types", "homepage-baner", "homepage-banner", *last)
    told = "Error: homepage-baner: there is no such experience; did you mean homepage-banner?\n"
    assert (outcome.code, outcome.stderr, module.read_text()) == (1, told, before)
    shop.replace_experiences({"promo-strip": {"Text": "x"}})
    assert invoke("types", "homepage-banner", "--output", str(module)).code == 0


def test_a_check_shows_a_table(shop: Emulator, invoke: Invoke, module: Path) -> None:
    """One row a difference."""
    invoke("types", "--output", str(module))
    shop.replace_experiences(AFTER)
    outcome = invoke("types", "--check", str(module))
    rows = [" ".join(line.split()) for line in outcome.stdout.splitlines()]
    assert outcome.code == 1
    assert "homepage-banner Title value gone str" in rows
    assert "homepage-banner Headline new value str" in rows


def test_a_check_may_leave_out_new_values(shop: Emulator, invoke: Invoke, module: Path) -> None:
    """A class that has only what its page uses still fits; what breaks the page does not."""
    key = 'key="homepage-banner"): Title: str = ""\n'
    module.write_text(f"class A(TypedExperience, {key}")
    check = ("types", "--check", str(module))
    assert (invoke(*check).code, invoke(*check, "--ignore-new").code) == (1, 0)
    shop.replace_experiences(AFTER)
    outcome = invoke(*check, "--ignore-new", "--json")
    assert outcome.code == 1
    assert [one["problem"] for one in outcome.json["differences"]] == ["value gone"]


def test_a_check_tells_what_it_could_not_compare(
    pointed: Emulator, invoke: Invoke, module: Path
) -> None:
    """As no visitor matched; a paused experience is a difference."""
    del pointed
    key = 'key="{}"): ...\n'
    module.write_text(
        f"class A(TypedExperience, {key.format('loyalty-offer')}"
        f"class B(TypedExperience, {key.format('summer-sale')}"
    )
    outcome = invoke("types", "--check", str(module), "--json")
    assert outcome.code == 1
    assert [one["problem"] for one in outcome.json["differences"]] == ["paused"]
    assert outcome.json["not_compared"] == ["loyalty-offer"]
    assert outcome.stderr.startswith("loyalty-offer: in no sample")


def test_an_update_tells_what_it_leaves_to_a_person(
    shop: Emulator, invoke: Invoke, module: Path
) -> None:
    """A value that a class inherits stays, as others may need it; the table names the base."""
    shop.replace_experiences({"a-key": {"Title": "x"}, "b-key": {}})
    text = (
        'class P(TypedExperience, key="a-key"):\n    Title: str = ""\n\n\n'
        'class H(P, key="b-key"): ...\n'
    )
    module.write_text(f"from moengage_personalize import TypedExperience\n\n\n{text}")
    for option in ("--output", "--check"):
        outcome = invoke("types", option, str(module))
        rows = [" ".join(line.split()) for line in outcome.stdout.splitlines()]
        assert "b-key Title value gone str, inherited from P" in rows
        assert module.read_text().endswith(text)
    outcome = invoke("types", "--output", str(module))
    assert outcome.stderr == "P: not changed, because other classes inherit from it\n"


@pytest.mark.usefixtures("shop")
def test_a_check_of_nothing_is_refused(invoke: Invoke, module: Path) -> None:
    """It would say that all is well."""
    module.write_text("class Layout: ...\n")
    outcome = invoke("types", "--check", str(module))
    expected = f"Error: {module}: has no class for an experience\n"
    assert (outcome.code, outcome.stderr) == (2, expected)
    module.write_text("class A(TypedExperience, key='a'): ...\n")
    outcome = invoke("types", "a", "b", "c", "--check", str(module))
    assert (outcome.code, outcome.stderr) == (2, f"Error: {module}: has no class for b, c\n")


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("--check", "a.py", "--output", "b.py"), 2, "give either --check or --output"),
        (("--ignore-new",), 2, "--ignore-new needs --check"),
        (("--check", "missing.py"), 2, "missing.py: No such file"),
        (("--check", "."), 2, ".: Is a directory"),
        (("--answers", "missing"), 2, "missing: has no *.json file"),
        (("--answers", "a", "--customer-id", "x"), 2, "give either --experiences"),
        (("--experiences", "missing.yaml"), 2, "missing.yaml: cannot be read"),
        (("nowhere",), 1, "nowhere: there is no such experience\n"),
        (("--output", "missing/a.py"), 2, "--output: missing/a.py: No such file"),
    ],
)
def test_what_cannot_be_done_is_told(
    shop: Emulator, invoke: Invoke, arguments: tuple[str, ...], code: int, message: str
) -> None:
    """In one line, and nothing is written."""
    del shop
    outcome = invoke("types", *arguments)
    assert (outcome.code, outcome.stdout) == (code, "")
    assert outcome.stderr.startswith(f"Error: {message}")
    assert outcome.stderr.count("\n") == 1


def test_a_new_module_on_stdout_is_no_json(invoke: Invoke) -> None:
    """There is one document on stdout."""
    outcome = invoke("types", "--json")
    assert (outcome.code, outcome.json["error"]["kind"]) == (2, "refused")


@pytest.mark.parametrize("operation", ["fetchExperiences", "listExperienceMetadata"])
def test_a_failure_leaves_the_module_as_it_was(
    shop: Emulator, invoke: Invoke, module: Path, operation: str
) -> None:
    """An outage is no reason to take a value for gone."""
    invoke("types", "--output", str(module))
    before = module.read_bytes()
    shop.fail(operation, Fault.status(418))
    assert invoke("types", "--output", str(module)).code == 5
    assert module.read_bytes() == before


def test_what_cannot_be_read_is_not_gone(
    answering: Callable[..., ScriptedServer],
    invoke: Invoke,
    module: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The class stays as it is, and stderr says why."""
    monkeypatch.setenv("MOENGAGE_PERSONALIZE_API_KEY", "key")
    listed = {"experience_key": "a-key", "experience_name": "A", "status": "Active"}
    listing = {"metadata": {"count": 1, "experiences": [listed]}}
    answer = experiences("a-key")
    broken = json.loads(json.dumps(answer))
    broken["experiences"]["a-key"]["payload"] = {"Title": 5}
    server = answering(listing, answer, listing, broken)
    where = ("--workspace-id", "w", "--base-url", server.base_url, "--output", str(module))
    assert invoke("types", *where).code == 0
    before = module.read_text()
    outcome = invoke("types", *where)
    assert "a-key: " in outcome.stderr
    assert module.read_text().startswith(before)


def test_files_and_recorded_answers_can_be_joined(invoke: Invoke, tmp_path: Path) -> None:
    """Each adds its samples."""
    file = tmp_path / "experiences.yaml"
    file.write_text("experiences:\n- {key: promo-strip, payload: {Discount: 5}}\n")
    content = {"payload": {"Discount": {"value": 7.5, "data_type": "float"}}}
    (tmp_path / "answer.json").write_text(json.dumps({"experiences": {"promo-strip": content}}))
    outcome = invoke("types", "--experiences", str(file), "--answers", str(tmp_path))
    assert "Discount: float = 5.0" in outcome.stdout
    assert "# Workspace: Active; 2 samples of 2 variations." in outcome.stdout


def test_the_format_is_that_of_the_place(shop: Emulator, invoke: Invoke, module: Path) -> None:
    """By the settings of ruff there, which may be refused."""
    del shop
    settings = module.with_name("ruff.toml")
    settings.write_text('format.quote-style = "single"')
    assert invoke("types", "--output", str(module)).code == 0
    assert "Title: str = 'Hi'" in module.read_text()
    settings.write_text("nonsense = 1")
    outcome = invoke("types", "--output", str(module))
    assert outcome.code == 2
    assert "ruff format: " in outcome.stderr


def test_a_module_of_another_encoding_is_refused(
    shop: Emulator, invoke: Invoke, module: Path
) -> None:
    """It would be written as UTF-8."""
    del shop
    module.write_bytes(b"# \xe4\n")
    outcome = invoke("types", "--check", str(module))
    assert (outcome.code, outcome.stderr) == (2, f"Error: {module}: must be UTF-8\n")


@pytest.mark.usefixtures("shop")
def test_a_byte_order_mark_stays(invoke: Invoke, module: Path) -> None:
    """As some editors write one."""
    invoke("types", "--output", str(module))
    module.write_bytes(b"\xef\xbb\xbf" + module.read_bytes().replace(b"Title", b"Titel"))
    assert invoke("types", "--check", str(module)).code == 1
    assert invoke("types", "--output", str(module)).code == 0
    assert module.read_bytes().startswith(b'\xef\xbb\xbf"""Experiences of')
    assert invoke("types", "--check", str(module)).code == 0


def test_a_module_that_is_no_python_is_left_alone(
    shop: Emulator, invoke: Invoke, module: Path
) -> None:
    """And named with the line."""
    del shop
    module.write_text("x = 1\nclass\n")
    outcome = invoke("types", "--output", str(module))
    assert (outcome.code, module.read_text()) == (2, "x = 1\nclass\n")
    assert f"{module}:2: is not Python" in outcome.stderr


def test_a_module_is_never_imported(shop: Emulator, invoke: Invoke, module: Path) -> None:
    """It may be part of an application that does not start here."""
    del shop
    invoke("types", "--output", str(module))
    module.write_text(module.read_text() + "\n\nraise SystemExit(1)\n")
    assert invoke("types", "--check", str(module)).code == 0
    assert invoke("types", "--output", str(module)).code == 0


def test_a_missing_extra_is_named(
    invoke: Invoke, monkeypatch: pytest.MonkeyPatch, shop: Emulator
) -> None:
    """With the command that installs it, and exit code 9."""
    del shop
    for name in [name for name in sys.modules if name.startswith(PACKAGE)]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "genson", None)
    outcome = invoke("types")
    assert outcome.code == 9
    assert "with the extra types" in outcome.stderr
