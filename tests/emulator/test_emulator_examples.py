"""What the document shows can be tried: Execute at `/docs` sends its examples."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from moengage_personalize.emulator.contract import document

PATHS = document.load().content["paths"]
REQUESTS = PATHS["/experiences/fetch"]["post"]["requestBody"]["content"]["application/json"]
REPORTS = PATHS["/experiences/events"]["post"]["requestBody"]["content"]["application/json"]
(STATUS,) = PATHS["/experiences/metadata"]["get"]["parameters"]


@pytest.mark.parametrize("name", REQUESTS["examples"])
def test_each_fetch_answers_with_content(http: httpx.Client, name: str) -> None:
    """With every experience that the example asks for."""
    body: dict[str, Any] = REQUESTS["examples"][name]["value"]
    answer = http.post("/experiences/fetch", json=body).json()
    assert answer["experiences"]
    assert set(body.get("experience_key", ())) <= set(answer["experiences"])


@pytest.mark.parametrize("name", STATUS["examples"])
def test_each_listing_has_every_status(http: httpx.Client, name: str) -> None:
    """That the example asks for."""
    statuses: list[str] = STATUS["examples"][name]["value"]
    answer = http.get(f"/experiences/metadata?status={','.join(statuses)}").json()
    assert {one["status"] for one in answer["metadata"]["experiences"]} == set(statuses)


@pytest.mark.parametrize("name", REPORTS["examples"])
def test_each_report_is_accepted(http: httpx.Client, name: str) -> None:
    """As it is."""
    answer = http.post("/experiences/events", json=REPORTS["examples"][name]["value"])
    assert answer.json()["status"] == "success"
