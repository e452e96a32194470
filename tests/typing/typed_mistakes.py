"""Misuses of typed experiences: each line must be an error for mypy and for pyright.

Nothing here runs, and an ignore that neither needs is an error.
"""

# pyright: reportUnnecessaryTypeIgnoreComment=true

from moengage_personalize import (
    AsyncPersonalizeClient,
    Experience,
    PersonalizeClient,
    TypedExperience,
    value,
)


class Banner(TypedExperience, key="homepage-banner"):
    Title: str = "Welcome"
    Discount: int = 0
    Layout: list[str] = value(default=3)  # type: ignore[arg-type]
    Labels: list[str] = value(default=[], named="labels")  # type: ignore[call-overload]


class NoKey(TypedExperience):  # type: ignore[call-arg]
    Title: str = ""


class Promo(TypedExperience, key="promo-strip"):
    Text: str = 5  # type: ignore[assignment]


def a_page(client: PersonalizeClient) -> None:
    banner = client.experience(Banner, "user_8821")
    _ = banner.title  # type: ignore[attr-defined]
    banner.Title = "Hi"  # type: ignore[misc]
    _ = banner.Title + 1  # type: ignore[operator]
    _ = banner["Title"]  # type: ignore[index]
    discount: str = banner.Discount  # type: ignore[assignment]
    Banner("Hi")  # type: ignore[call-arg]
    Banner(Title=5)  # type: ignore[arg-type]
    Banner(Titel="Hi")  # type: ignore[call-arg]
    Experience.fake(Banner(), {"Title": discount})  # type: ignore[call-overload]
    client.experience(Banner, "user_8821", {"Title": "Hi"})  # type: ignore[call-overload]
    client.experience(Banner, "user_8821", timout=1)  # type: ignore[call-overload]
    client.experience(Banner)  # type: ignore[call-overload]
    client.experience(str, "user_8821")  # type: ignore[type-var]
    client.experiences(Banner, "promo-strip", visitor="user_8821")  # type: ignore[call-overload]
    _promo, banner = client.experiences(Banner, Promo, Banner)  # type: ignore[misc]
    client.shown(Banner, visitor="user_8821")  # type: ignore[arg-type]


async def a_page_awaited(client: AsyncPersonalizeClient) -> None:
    _ = client.experience(Banner, "user_8821").Title  # type: ignore[attr-defined]
