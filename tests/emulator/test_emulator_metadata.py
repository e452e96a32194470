from typing import Any

import httpx
import pytest


def listed(http: httpx.Client, query: str = "") -> list[dict[str, Any]]:
    """List the metadata and check the count."""
    answer = http.get(f"/experiences/metadata{query}")
    assert answer.status_code == 200
    metadata = answer.json()["metadata"]
    assert metadata["count"] == len(metadata["experiences"])
    experiences = metadata["experiences"]
    assert isinstance(experiences, list)
    return experiences


def test_without_status_all_are_listed(http: httpx.Client) -> None:
    """Without a status, experiences in every status are listed."""
    assert {one["status"] for one in listed(http)} == {"Active", "Paused", "Scheduled"}


@pytest.mark.parametrize("separator", [",", "%2C"])
def test_statuses_are_separated_by_commas(http: httpx.Client, separator: str) -> None:
    """Several statuses stand in one parameter, the comma encoded or not."""
    experiences = listed(http, f"?status=Paused{separator}Scheduled")
    assert {one["status"] for one in experiences} == {"Paused", "Scheduled"}


def test_entry_has_name_key_and_status(http: httpx.Client) -> None:
    """Each entry has exactly the three fields of the guide."""
    assert listed(http, "?status=Paused") == [
        {"experience_name": "Summer sale", "experience_key": "summer-sale", "status": "Paused"}
    ]


@pytest.mark.parametrize("status", ["active", "Deleted", "", "Active%20"])
def test_unknown_status_lists_nothing(http: httpx.Client, status: str) -> None:
    """A status in other letters, or none at all, is an empty list and no error."""
    assert listed(http, f"?status={status}") == []


def test_repeated_parameter_gets_400(http: httpx.Client) -> None:
    """Two parameters instead of commas are refused, as the document has them in one."""
    answer = http.get("/experiences/metadata?status=Active&status=Paused")
    assert answer.status_code == 400
    assert "status" in answer.json()["description"]


@pytest.mark.parametrize(
    "query", ["status[]=Active", "status%5B%5D=Active", "Status=Active", "page"]
)
def test_an_unknown_parameter_gets_400(http: httpx.Client, query: str) -> None:
    """The API would ignore it, and a list that was filtered wrongly would look like all of it."""
    answer = http.get(f"/experiences/metadata?{query}")
    assert answer.status_code == 400
    assert "known: status" in answer.json()["description"]


@pytest.mark.parametrize("query", ["status=Active, Paused", "status=Active ,Paused"])
def test_a_space_beside_a_comma_gets_400(http: httpx.Client, query: str) -> None:
    """The API would know only one of both values, and list too little without a word."""
    answer = http.get(f"/experiences/metadata?{query}")
    assert answer.status_code == 400
    assert "without spaces" in answer.json()["description"]


def test_a_query_where_none_belongs_gets_400(http: httpx.Client) -> None:
    """In-session attributes of a fetch go into its body."""
    answer = http.post("/experiences/fetch?utm_medium=email", json={})
    assert answer.status_code == 400
    assert answer.json()["description"] == (
        "This operation takes no query; send everything in the body."
    )
