"""Typed experiences as an application uses them: every line must type-check.

Nothing here runs: mypy and pyright read it.
"""

from typing import Any, Literal, TypedDict, assert_type

from moengage_personalize import (
    AsyncPersonalizeClient,
    EventReporter,
    Experience,
    Experiences,
    PersonalizeClient,
    TrackingTokens,
    TypedExperience,
    Visitor,
    value,
)


class Layout(TypedDict):
    columns: int


class Banner(TypedExperience, key="homepage-banner"):
    Title: str = "Welcome"
    Discount: int = 0
    Tone: Literal["warm", "cold"] = "warm"
    Subtitle: str | None = None
    Hero: Layout = value(default_factory=lambda: Layout(columns=1), name="Hero layout")
    Labels: dict[str, Any] = value(default_factory=dict[str, Any])
    Price: float = value(default=1.5, name="The price")


class Promo(TypedExperience, key="promo-strip"):
    Text: str = ""


def a_page(client: PersonalizeClient, reporter: EventReporter, tokens: TrackingTokens) -> None:
    visitor = Visitor("user_8821")
    banner = client.experience(Banner, visitor)
    assert_type(banner, Banner)
    assert_type(banner.Title, str)
    assert_type(banner.Subtitle, str | None)
    assert_type(banner.Hero["columns"], int)
    assert_type(banner.Price, float)
    assert_type(banner.experience_, Experience)
    assert_type(client.experience(Banner, visitor, timeout=0.05, at=None), Banner)
    assert_type(client.experiences(Banner, visitor=visitor), tuple[Banner])
    promo, again = client.experiences(Promo, Banner, visitor=visitor, timeout=1)
    assert_type(promo, Promo)
    assert_type(again, Banner)
    assert_type(
        client.experiences(Promo, Promo, Promo, Promo, Promo, Promo, Promo, Banner),
        tuple[Promo, Promo, Promo, Promo, Promo, Promo, Promo, Banner],
    )
    assert_type(client.experiences("homepage-banner", visitor=visitor), Experiences)
    client.shown(banner, promo, visitor=visitor)
    reporter.shown(banner, visitor=visitor)
    reporter.clicked(banner, visitor=visitor, element="Add to Cart")
    assert_type(tokens.sign(banner, visitor=visitor), str)
    assert_type(Experience.fake(Banner(Title="Hi", Hero={"columns": 2})), Banner)
    assert_type(Experience.fake("homepage-banner", {"Title": "Hi"}), Experience)


async def a_page_awaited(client: AsyncPersonalizeClient) -> None:
    assert_type(await client.experience(Banner, None), Banner)
    assert_type(await client.experiences(Promo, Banner, visitor="user_8821"), tuple[Promo, Banner])
