"""What the generated functions make of answers that surprise a stock client."""

import httpx
import pytest

from moengage_personalize_api import AuthenticatedClient
from moengage_personalize_api.api.experiences import list_experience_metadata
from moengage_personalize_api.models import Experience, ListExperienceMetadataAnswer


def list_metadata(response: httpx.Response) -> object:
    """What the generated function makes of the response."""
    transport = httpx.MockTransport(lambda _: response)
    client = AuthenticatedClient("http://personalize.test", token="t")
    with httpx.Client(transport=transport, base_url="http://personalize.test") as http:
        return list_experience_metadata.sync(client=client.set_httpx_client(http))


def test_an_unknown_status_survives() -> None:
    """A value that the document does not list is kept as it came."""
    row = {"experience_name": "A", "experience_key": "a", "status": "Archived"}
    answer = {"metadata": {"count": 1, "experiences": [row]}}
    parsed = list_metadata(httpx.Response(200, json=answer))
    assert isinstance(parsed, ListExperienceMetadataAnswer)
    assert parsed.metadata.experiences[0].status == "Archived"
    assert parsed.to_dict() == answer


@pytest.mark.parametrize("value", [None, 3, 2.5, True, "text", [1, {}], {"a": {"b": None}}])
@pytest.mark.parametrize("data_type", ["json", "number", "a type of tomorrow"])
def test_a_payload_value_of_any_kind_survives(value: object, data_type: str) -> None:
    """The value is kept as it came, whatever the data type says."""
    context = dict.fromkeys(
        ("cid", "experience", "moe_locale_id", "moe_variation_id", "audience_name", "audience_id"),
        "x",
    )
    payload = {"Title": {"value": value, "data_type": data_type}}
    answer = {"payload": payload, "experience_context": context}
    experience = Experience.from_dict(answer)
    assert experience.payload["Title"].value == value
    assert experience.to_dict() == answer


def test_an_unknown_field_survives_in_every_object() -> None:
    """What the API adds tomorrow comes back unchanged in the context of an event."""
    answer = {
        "payload": {"Title": {"value": "x", "data_type": "string", "new": 1}},
        "experience_context": {
            "cid": "c",
            "experience": "e",
            "moe_locale_id": "0",
            "moe_variation_id": "1",
            "audience_name": "All Users",
            "audience_id": "1",
            "new": {"deep": [1]},
        },
        "new": [2],
    }
    assert Experience.from_dict(answer).to_dict() == answer


@pytest.mark.parametrize("status", [429, 502, 503, 504])
@pytest.mark.parametrize("body", ["<html>Busy</html>", ""])
def test_a_gateways_page_is_text(status: int, body: str) -> None:
    """A body of a gateway is handed on, not parsed as JSON and not dropped."""
    assert list_metadata(httpx.Response(status, text=body)) == body
