from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from docs_site.__main__ import main
from provisioning.debian import find_program

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# It runs as root in CI, and asks for nothing of its own.
FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)


@pytest.fixture(scope="session")
def chromium() -> str:
    """Chromium's program; installed where this may install it, else asked for by name."""
    program = find_program("chromium", *NAMES)
    if program is None:
        pytest.fail(
            "these tests need Chromium: install the package chromium (apt-get install chromium)"
        )
    return program


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """Headless, with a new, empty profile."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415  (slow to import)

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=[*FLAGS])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, as scripts/docs builds it."""
    folder = tmp_path_factory.mktemp("docs") / "site"
    assert main(["--output", str(folder)]) == 0
    return folder


class Visit:
    """A page, and all that went on in it.

    Attributes:
        page: The page.
        asked: The address of each request, but for data that stands in the page itself.
        errors: What a script failed with, or the browser refused.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self.asked: list[str] = []
        self.errors: list[str] = []
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on(
            "console", lambda line: self.errors.append(line.text) if _is_bad(line.type) else None
        )

    def open(self, url: str) -> None:
        """Goes there, and waits until the page is drawn."""
        self.page.goto(url)
        self.page.wait_for_selector("html[data-state=drawn]")

    def outside(self) -> list[str]:
        """The requests for anything but the page."""
        return [url for url in self.asked if not url.startswith("data:") and url != self.page.url]


def _is_bad(kind: str) -> bool:
    return kind in {"error", "warning"}


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visit]:
    """A new tab that remembers nothing."""
    context = browser.new_context()
    yield Visit(context.new_page())
    context.close()
