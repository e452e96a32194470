"""An operation that the emulator has no code for: its example, or a word about what is missing."""

import asyncio
import json
from dataclasses import replace
from typing import Any

import httpx
import pytest

from moengage_personalize.emulator import create_app
from moengage_personalize.emulator.contract import document
from moengage_personalize.emulator.server import app as application

LISTING = "/v1/experiences/metadata"


@pytest.fixture(autouse=True)
def _no_code(monkeypatch: pytest.MonkeyPatch) -> None:
    """The document's operations are all new to the emulator."""
    monkeypatch.setattr(application, "OPERATIONS", {})


def ask() -> httpx.Response:
    """Lists the experiences, with the right credentials."""
    app = create_app()
    identity = app.workspace.workspace_id

    async def get() -> httpx.Response:
        transport: Any = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            return await client.get(
                LISTING, auth=(identity, app.workspace.api_key), headers={"MOE-APPKEY": identity}
            )

    return asyncio.run(get())


def test_it_answers_the_documents_first_example() -> None:
    """Of a success."""
    operation = document.load().routes[LISTING]["GET"]
    answer = ask()
    assert answer.status_code == 200
    assert answer.json() == json.loads(operation.example or b"")
    assert answer.json()["metadata"]["count"] == 3


def test_without_an_example_it_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """501, naming the operation."""
    whole = document.load()
    silent = {"GET": replace(whole.routes[LISTING]["GET"], example=None)}
    monkeypatch.setattr(document, "load", lambda: replace(whole, routes={LISTING: silent}))
    answer = ask()
    assert answer.status_code == 501
    assert "listExperienceMetadata" in answer.json()["description"]
