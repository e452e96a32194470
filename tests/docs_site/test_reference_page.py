"""The reference page in a real browser: whole by itself, complete, and at work on the emulator."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator

from docs_site.__main__ import main
from generator.document import Document
from generator.generation import DOCUMENT
from moengage_personalize.emulator import Emulator
from moengage_personalize.emulator.server.docs_page import page_to_try

pytestmark = pytest.mark.workshop

DATA = Document(DOCUMENT)
OPERATIONS: dict[str, dict[str, Any]] = {
    operation["operationId"]: {"path": path, **operation}
    for path, item in DATA.data["paths"].items()
    for operation in item.values()
}


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page as scripts/docs writes it."""
    path = tmp_path_factory.mktemp("docs") / "reference.html"
    assert main(["--api-page", str(path)]) == 0
    return path


def block(visit: Any, operation_id: str) -> Locator:
    """The part of the page that is about an operation."""
    tag = OPERATIONS[operation_id]["tags"][0]
    found: Locator = visit.page.locator(f"#operations-{tag}-{operation_id}")
    return found


def shown(area: Locator) -> Any:
    """The example that an area shows: JSON, or text."""
    text = area.locator(".highlight-code code").inner_text()
    try:
        return json.loads(text)
    except ValueError:
        return text.strip()


def examples(media: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """The examples of a body or an answer, by the names in the list to choose from."""
    ((_, content),) = media["content"].items()
    for name, example in content["examples"].items():
        yield name, example["value"]


def test_the_page_asks_for_nothing_outside_itself(visit: Any, file: Path) -> None:
    """Opened as a file: not one request, and not one error."""
    visit.open(file.as_uri())
    assert visit.outside() == []
    assert visit.errors == []


def test_the_browser_would_refuse_a_request_outside(visit: Any, file: Path) -> None:
    """And the check above can fail: without the policy, the request is made."""
    copy = file.with_name("copy.html")
    picture = '<img src="http://127.0.0.1:9/outside.png">'
    text = file.read_text().replace('<div id="reference">', picture + '<div id="reference">')
    copy.write_text(text)
    visit.open(copy.as_uri())
    assert any("Content Security Policy" in error for error in visit.errors)
    visit.errors.clear()
    copy.write_text(text.replace("Content-Security-Policy", "Nothing"))
    visit.open(copy.as_uri())
    assert "http://127.0.0.1:9/outside.png" in visit.outside()
    assert any("ERR_" in error for error in visit.errors)


@pytest.mark.parametrize("operation_id", OPERATIONS)
def test_the_page_draws_every_operation(visit: Any, file: Path, operation_id: str) -> None:
    """Method and path, what it does, and each status that it answers with."""
    visit.open(file.as_uri())
    area = block(visit, operation_id)
    operation = OPERATIONS[operation_id]
    text = area.inner_text()
    assert operation["path"] in text
    assert operation["summary"] in text
    statuses = area.locator("tr.response").all()
    assert [row.get_attribute("data-code") for row in statuses] == list(operation["responses"])
    assert area.locator("button.execute").count() == 0


@pytest.mark.parametrize("operation_id", OPERATIONS)
def test_the_page_draws_every_example(visit: Any, file: Path, operation_id: str) -> None:
    """Of requests, parameters and answers: each is chosen, and shown as the document has it."""
    visit.open(file.as_uri())
    area, operation = block(visit, operation_id), OPERATIONS[operation_id]
    places: list[tuple[Locator, dict[str, Any]]] = [
        (area.locator(f'tr.response[data-code="{status}"]'), DATA.resolved(answer))
        for status, answer in operation["responses"].items()
    ]
    if "requestBody" in operation:
        places.append((area.locator(".opblock-section-request-body"), operation["requestBody"]))
    for place, media in places:
        chooser = place.locator("select.examples-select-element")
        for name, value in examples(media):
            chooser.select_option(name)
            assert shown(place) == (value.strip() if isinstance(value, str) else value)
    for parameter in operation.get("parameters", ()):
        row = area.locator(f'tr[data-param-name="{parameter["name"]}"]')
        names = [option.inner_text() for option in row.locator(".examples-select option").all()]
        assert names == [example["summary"] for example in parameter["examples"].values()]
    assert visit.outside() == []


def test_all_operations_are_those_of_the_document(visit: Any, file: Path) -> None:
    """None is missing, none is left over."""
    visit.open(file.as_uri())
    found = [area.get_attribute("id") for area in visit.page.locator(".opblock").all()]
    assert len(found) == len(OPERATIONS)


def execute(area: Locator) -> tuple[str, Any]:
    """Clicks *Execute* and waits for the answer: its status and its body."""
    area.locator("button.execute").click()
    row = area.locator(".live-responses-table tr.response")
    row.wait_for()
    body = row.locator(".highlight-code code").first.inner_text()
    return row.locator(".response-col_status").inner_text().split()[0], json.loads(body)


def page_of(emulator: Emulator) -> str:
    return emulator.base_url.removesuffix("/v1") + "/docs"


def test_a_fetch_can_be_tried(visit: Any, emulator: Emulator) -> None:
    """By clicking: with the credentials filled in, from the page's own server and no other."""
    visit.open(page_of(emulator))
    area = block(visit, "fetchExperiences")
    area.locator("textarea.body-param__text").fill('{"experience_key": ["homepage-banner"]}')
    status, body = execute(area)
    assert (status, list(body["experiences"])) == ("200", ["homepage-banner"])
    assert visit.outside() == [f"{emulator.base_url}/experiences/fetch"]
    (request,) = emulator.requests
    assert request.headers["moe-appkey"] == emulator.workspace_id
    assert visit.errors == []


def test_an_example_can_be_sent(visit: Any, emulator: Emulator) -> None:
    """A report's event arrives."""
    visit.open(page_of(emulator))
    area = block(visit, "reportExperienceEvents")
    chooser = area.locator(".opblock-section-request-body select.examples-select-element")
    chooser.select_option("shown_to_existing_user")
    status, body = execute(area)
    assert (status, body["status"]) == ("200", "success")
    assert [event.customer_id for event in emulator.events] == ["user_8821"]


def test_statuses_travel_as_one_parameter(visit: Any, emulator: Emulator) -> None:
    """As the document says, and as the API reads it."""
    visit.open(page_of(emulator))
    area = block(visit, "listExperienceMetadata")
    row = area.locator('tr[data-param-name="status"]')
    row.locator("select.examples-select-element").select_option("active_and_paused")
    status, body = execute(area)
    assert status == "200"
    assert {found["status"] for found in body["metadata"]["experiences"]} == {"Active", "Paused"}
    (request,) = emulator.requests
    assert request.query in {"status=Active,Paused", "status=Active%2CPaused"}


def test_chosen_credentials_are_the_readers_to_type(visit: Any) -> None:
    """A page does not hold a key that somebody chose; typed in, it works."""
    with Emulator(api_key="a-key-of-mine") as emulator:
        visit.open(page_of(emulator))
        assert "a-key-of-mine" not in visit.page.content()
        area = block(visit, "listExperienceMetadata")
        status, body = execute(area)
        assert (status, body["title"]) == ("401", "Authentication required")
        visit.page.locator("button.authorize").first.click()
        dialog = visit.page.locator(".dialog-ux")
        basic = dialog.locator(".auth-container").filter(has_text="BasicAuth")
        basic.locator("input").nth(0).fill(emulator.workspace_id)
        basic.locator("input").nth(1).fill("a-key-of-mine")
        basic.locator("button.authorize").click()
        key = dialog.locator(".auth-container").filter(has_text="AppKey")
        key.locator("input").fill(emulator.workspace_id)
        key.locator("button.authorize").click()
        dialog.locator("button.btn-done").first.click()
        area.locator("button.execute").click()
        status_cell = ".live-responses-table tr.response .response-col_status"
        area.locator(status_cell, has_text="200").wait_for()


def test_the_page_fits_a_phone(visit: Any, emulator: Emulator) -> None:
    """Nothing sticks out to the right, an answer included: a reader scrolls down only."""
    visit.page.set_viewport_size({"width": 390, "height": 844})
    visit.open(page_of(emulator))
    execute(block(visit, "listExperienceMetadata"))
    sticking_out = visit.page.evaluate(
        """() => [...document.querySelectorAll("body *")]
            .filter((e) => e.getBoundingClientRect().right > innerWidth + 1)
            .map((e) => `${e.tagName}.${e.className}`)"""
    )
    assert sticking_out == []
    assert visit.page.evaluate("document.documentElement.scrollWidth") == 390


def test_hostile_words_of_a_document_stay_words(visit: Any, tmp_path: Path) -> None:
    """A document cannot end the script that it stands in."""
    document = json.loads(json.dumps(DATA.data))
    document["info"]["title"] = "</script><script>document.title = 'broken'</script><!--"
    path = tmp_path / "hostile.html"
    path.write_text(page_to_try(document, "/v1", None))
    visit.open(path.as_uri())
    assert visit.page.title() != "broken"
    assert visit.errors == []
