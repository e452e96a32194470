"""The documented pages in Flask, FastAPI and Django, word for word: shown whatever happens."""

from __future__ import annotations

import asyncio
import re
import sys
import types
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import httpx
import pytest

from moengage_personalize.emulator import Emulator, Fault
from support import blocks

pytestmark = pytest.mark.usefixtures("moengage_environment")

PAGES = ("README.md", "docs/pages.md", "docs/client.md")
Get = Callable[[str, dict[str, str]], tuple[int, str]]


def module(mark: str) -> types.ModuleType:
    """The block with these words, as a module."""
    (source,) = [block for block in blocks("python", *PAGES) if mark in block]
    made = types.ModuleType("page")
    sys.modules["page"] = made  # FastAPI looks annotations up there
    exec(compile(source, "page", "exec"), made.__dict__)
    return made


def flask_page() -> tuple[Get, types.ModuleType]:
    page = module("from flask import Flask, render")

    def get(path: str, headers: dict[str, str]) -> tuple[int, str]:
        answer = page.app.test_client().get(path, headers=headers)
        return answer.status_code, answer.text

    return get, page


def fastapi_page() -> tuple[Get, types.ModuleType]:
    page = module("from fastapi")

    async def ask(path: str, headers: dict[str, str]) -> tuple[int, str]:
        transport = httpx.ASGITransport(page.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://page") as browser:
            sent = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
            answer = await browser.get(path, headers=sent)
        return answer.status_code, answer.text

    return lambda path, headers: asyncio.run(ask(path, headers)), page


def django_page() -> tuple[Get, types.ModuleType]:
    # It has no types. Its client needs settings before it is imported.
    settings: Any = import_module("django.conf").settings
    page = module("from django")
    if not settings.configured:
        settings.configure(ALLOWED_HOSTS=["*"], SECRET_KEY="x" * 50)
        import_module("django").setup()
    urls: Any = types.ModuleType("urls")
    urls.urlpatterns = [import_module("django.urls").path("", page.home)]
    settings.ROOT_URLCONF = urls

    def get(path: str, headers: dict[str, str]) -> tuple[int, str]:
        browser: Any = import_module("django.test").Client(raise_request_exception=False)
        answer = browser.get(path, headers=headers)
        return answer.status_code, answer.content.decode()

    return get, page


@pytest.mark.parametrize("make", [flask_page, fastapi_page, django_page])
def test_the_documented_page_is_shown_whatever_happens(
    make: Callable[[], tuple[Get, types.ModuleType]], moengage_emulator: Emulator
) -> None:
    """A visitor's content while all is well; the default in an outage, and with a wrong key."""
    emulator = moengage_emulator
    get, page = make()
    for path, headers in {
        "/": {"Cookie": "user=user_8821"},
        "/?identifiers=1&experience_key=x&=x": {"Cookie": "user="},
        "/?utm_medium=email%ff%00": {"User-Agent": "Mozilla/5.0 \x01 (\xff)"},
    }.items():
        status, text = get(path, headers)
        assert (status, "Welcome" in text) == (200, False), (path, text)
    emulator.fail("fetchExperiences", Fault.status(503))
    assert "Welcome" in get("/", {})[1]
    emulator.reset()
    emulator.expire_key("rotated")
    status, text = get("/", {})
    assert (status, "Welcome" in text) == (200, True)
    if make is not fastapi_page:
        page.client.close()
        assert "Welcome" in get("/", {})[1]


@pytest.mark.parametrize("customer", ["user_8821", ""])
def test_the_documented_link_brings_its_click_back(
    moengage_emulator: Emulator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, customer: str
) -> None:
    """Once, however often it is followed; a changed link and an unknown visitor report nothing."""
    monkeypatch.chdir(tmp_path)  # where its events are kept
    page = module("from flask import Flask, redirect")
    browser = page.app.test_client()
    browser.set_cookie("user", customer)
    (link,) = re.findall('href="(.+?)"', browser.get("/").text)
    for path in (link, link, f"{link}x", "/buy"):
        assert browser.get(path).status_code == 302
    assert page.reporter.close(timeout=5)
    elements = [event.attributes.get("b_id") for event in moengage_emulator.events]
    assert elements == ([None, "Buy"] if customer else [])
    page.client.close()
