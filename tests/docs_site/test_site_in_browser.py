"""The site in a real browser, opened as files: nothing from outside, nothing too wide, a search."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from docs_site import api_page

pytestmark = pytest.mark.workshop

WIDE, PHONE = 1280, 390


@pytest.fixture(params=[(WIDE, "light"), (PHONE, "dark")], ids=["wide", "phone"])
def context(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Any]:
    width, scheme = request.param
    context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 900})
    yield context
    context.close()


def listen(page: Page, site: Path) -> list[str]:
    """What a page asks for that is not the site's, and what goes wrong on it, as it happens."""
    heard: list[str] = []
    inside = (site.as_uri(), "data:")
    page.on("request", lambda one: None if one.url.startswith(inside) else heard.append(one.url))
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on(
        "console",
        lambda line: heard.append(line.text) if line.type in {"error", "warning"} else None,
    )
    return heard


def test_every_page_is_whole_by_itself_and_fits(context: Any, site: Path) -> None:
    """No request outside, no error, and no scrolling to the side."""
    page = context.new_page()
    heard = listen(page, site)
    for file in sorted(site.rglob("*.html")):
        if file.name != api_page.NAME:  # it has tests of its own
            page.goto(file.as_uri())
            wide = page.evaluate("document.documentElement.scrollWidth - document.body.clientWidth")
            assert (heard, wide) == ([], 0), file.name


@pytest.mark.parametrize(
    ("words", "title"),
    [
        ("SSL_CERT_FILE", "Proxies and certificates"),
        ("RateLimitedError", "moengage_personalize.RateLimitedError"),
        ("listExperienceMetadata", "The API"),
        ("dead letters", "Delivery"),
    ],
)
def test_the_search_works_without_a_server(
    browser: Browser, site: Path, words: str, title: str
) -> None:
    """From the box of any page."""
    page = browser.new_page()
    heard = listen(page, site)
    page.goto((site / "reference" / "client.html").as_uri())
    page.fill("input[name=q]", words)
    page.press("input[name=q]", "Enter")
    page.locator("ul.search li a", has_text=title).first.wait_for()
    assert heard == []
    page.close()


def test_the_site_is_dark_where_the_reader_wants_it_dark(browser: Browser, site: Path) -> None:
    """As the system says, without a click."""
    shades: dict[str, str] = {}
    for scheme in ("light", "dark"):
        page = browser.new_page(color_scheme=scheme)
        page.goto((site / "index.html").as_uri())
        shades[scheme] = page.evaluate("getComputedStyle(document.body).backgroundColor")
        page.close()
    assert shades["light"] == "rgb(255, 255, 255)"
    assert sum(map(int, shades["dark"][4:-1].split(", "))) < 3 * 64
