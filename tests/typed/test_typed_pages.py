"""A page that asks by class: both clients, on a real server."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

import attrs
import pytest

from moengage_personalize import (
    Experience,
    InvalidArgumentError,
    PersonalizeClient,
    TrackingTokens,
    TypedExperience,
    value,
)
from moengage_personalize.emulator import Emulator, ExperienceFileError, Fault
from support import Driver


class Banner(TypedExperience, key="homepage-banner"):
    Title: str = "Welcome"
    Discount: int = 0


class Promo(TypedExperience, key="promo-strip"):
    Text: str = "Free delivery"


class Rival(TypedExperience, key="promo-strip"):
    Text: str = "None"


@pytest.fixture
def api() -> Iterator[Emulator]:
    with Emulator({"homepage-banner": {"Title": "Hi", "Discount": "15"}}) as emulator:
        yield emulator


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [one.message for one in caplog.records if one.levelno >= logging.WARNING]


def test_a_class_gives_an_instance(call: Driver, api: Emulator) -> None:
    """Its values are the API's, as their types; `experience_` says where they came from."""
    banner = call(api.base_url, "experience", Banner, "user_8821")
    assert banner == Banner(Title="Hi", Discount=15)
    assert banner.experience_.source == "network"
    assert banner.experience_.is_reportable


def test_several_classes_give_a_tuple(call: Driver, api: Emulator) -> None:
    """In the order of the classes, by one request; a key without an experience has its defaults."""
    promo, banner = call(api.base_url, "experiences", Promo, Banner, visitor="user_8821")
    assert (promo, banner) == (Promo(), Banner(Title="Hi", Discount=15))
    assert promo.experience_.source == "default"
    assert len(api.requests) == 1


def test_an_outage_gives_the_defaults(call: Driver, api: Emulator) -> None:
    """And tells why, as for a key."""
    api.fail(None, Fault.status(503))
    banner = call(api.base_url, "experience", Banner, "user_8821", retries=0)
    assert banner == Banner()
    assert "503" in banner.experience_.reason


def test_a_value_that_the_marketer_renamed_is_told_once(
    api: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    """The page shows the class's default meanwhile, and the other values as they are."""
    with PersonalizeClient.from_env(
        {},
        workspace_id=api.workspace_id,
        api_key=api.api_key,
        base_url=api.base_url,
        transport="httpx",
    ) as client:
        api.replace_experiences({"homepage-banner": {"Headline": "Hi", "Discount": 10}})
        for _ in range(2):
            assert client.experience(Banner, "user_8821") == Banner(Discount=10)
    assert warnings(caplog) == [
        "homepage-banner has no value 'Title' any more; its default is shown"
    ]


class Strict(TypedExperience, key="homepage-banner"):
    Title: str = "Welcome"

    def __attrs_post_init__(self) -> None:
        if self.Title != "Welcome":
            raise ValueError(self.Title)


def test_a_class_whose_own_code_raises_breaks_no_page(
    call: Driver, api: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    """Its default is shown, beside the others, and the log names the class's error only."""
    strict, promo = call(api.base_url, "experiences", Strict, Promo, visitor="user_8821")
    assert (strict, promo) == (Strict(), Promo())
    assert "refuses its values (ValueError)" in strict.experience_.reason
    assert warnings(caplog) == [
        "homepage-banner: its class refuses its values (ValueError); its default is shown"
    ]


@attrs.frozen
class Cell:
    a: int = 0


class Table(TypedExperience, key="table"):
    Cells: list[Cell] = value(default_factory=list[Cell])


def test_a_nested_value_stays_json_in_the_experience(
    api: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    """What a class has no attribute for is there, too; a line of the log tells each name once."""
    cells = [{"a": 1, "my col": 5}, *({"b": 2} for _ in range(3_000))]
    api.replace_experiences({"table": {"Cells": cells}})
    client = PersonalizeClient(api.workspace_id, api.api_key, base_url=api.base_url)
    with client:
        table = client.experience(Table, "user_8821", timeout=30)
    assert table.Cells[:2] == [Cell(1), Cell(0)]
    assert json.loads(json.dumps(dict(table.experience_))) == {"Cells": cells}
    assert warnings(caplog) == [
        "table has no a in its value 'Cells', or one of another kind; its default is shown"
    ]


def test_an_instance_is_reported_signed_and_clicked(api: Emulator) -> None:
    """Wherever an experience is taken, an instance is."""
    client = PersonalizeClient(api.workspace_id, api.api_key, base_url=api.base_url)
    tokens = TrackingTokens("a secret of 16 letters or more")
    with client:
        banner, promo = client.experiences(Banner, Promo, visitor="user_8821")
        receipt = client.shown(banner, promo, visitor="user_8821")
        assert (receipt.accepted, receipt.skipped) == (1, 1)
        assert client.clicked(banner, visitor="user_8821", element="Buy").accepted == 1
        clicked = tokens.read(tokens.sign(banner, visitor="user_8821"), visitor="user_8821")
    assert clicked.key == "homepage-banner"
    assert clicked.context == banner.experience_.context
    assert len({event.attributes["cid"] for event in api.events}) == 1


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((Banner, "homepage-banner"), "keys: must all be classes"),
        ((Banner, Experience), "keys: must all be classes"),
        ((TypedExperience,), "keys: must all be classes"),
        ((Promo, Rival), "keys: has two classes for 'promo-strip'"),
    ],
)
def test_what_is_no_class_for_an_experience_is_refused(
    arguments: tuple[Any, ...], told: str
) -> None:
    """Before anything is sent, and in a disabled client too."""
    with PersonalizeClient.disabled() as client, pytest.raises(InvalidArgumentError, match=told):
        client.experiences(*arguments, visitor="user_8821")


def test_a_class_takes_no_second_default() -> None:
    """It has its own."""
    client: Any = PersonalizeClient.disabled()
    with client, pytest.raises(InvalidArgumentError, match="default: leave it out"):
        client.experience(Banner, "user_8821", {"Title": "Hi"})


def test_the_emulator_answers_with_classes(api: Emulator, tmp_path: Any) -> None:
    """With the classes themselves, or with the file that has them: page and types cannot differ."""
    module = tmp_path / "shop_experiences.py"
    module.write_text(
        "from moengage_personalize import TypedExperience\n\n\n"
        'class Banner(TypedExperience, key="homepage-banner"):\n    Title: str = "From the file"\n'
    )
    client = PersonalizeClient(api.workspace_id, api.api_key, base_url=api.base_url)
    with client:
        api.replace_experiences([Banner, Promo])
        assert client.experience(Promo, "user_8821").experience_.source == "network"
        api.replace_experiences(module)
        assert client.experience(Banner, "user_8821").Title == "From the file"
    module.write_text("x = 1\n")
    with pytest.raises(ExperienceFileError, match="must have classes derived from"):
        Emulator(module)
    module.write_text("import nothing_of_this_name\n")
    with pytest.raises(ExperienceFileError, match="cannot be run: No module named"):
        Emulator(module)
