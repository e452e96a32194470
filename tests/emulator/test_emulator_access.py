import base64

import httpx
import pytest

from moengage_personalize.emulator import Emulator

METADATA = "/experiences/metadata"


def basic(text: str) -> dict[str, str]:
    """Return an `Authorization` header."""
    return {"Authorization": f"Basic {base64.b64encode(text.encode()).decode()}"}


@pytest.mark.parametrize(
    "header",
    [
        basic("EMULATED_WORKSPACE:another"),
        basic("another:EMULATED_KEY"),
        basic("no colon"),
        {"Authorization": "Basic ?"},
        {"Authorization": "Basic /w=="},
        {"Authorization": "Bearer EMULATED_KEY"},
        {"Authorization": ""},
    ],
)
def test_wrong_credentials_get_401(http: httpx.Client, header: dict[str, str]) -> None:
    """Anything but the workspace ID and its key, in HTTP Basic, is a 401 error object."""
    answer = http.get(METADATA, headers=header)
    assert answer.status_code == 401
    assert answer.json() == {
        "title": "Authentication required",
        "description": "Invalid API_KEY used in Authentication Header",
    }


def test_missing_authorization_gets_401(emulator: Emulator) -> None:
    """A request without `Authorization` is a 401."""
    answer = httpx.get(emulator.base_url + METADATA, headers={"MOE-APPKEY": emulator.workspace_id})
    assert answer.status_code == 401


def test_scheme_is_matched_without_case(http: httpx.Client) -> None:
    """`basic` is as good as `Basic`, as HTTP has it."""
    header = basic("EMULATED_WORKSPACE:EMULATED_KEY")["Authorization"].replace("Basic", "basic")
    assert http.get(METADATA, headers={"Authorization": header}).status_code == 200


def test_unknown_app_key_gets_400(http: httpx.Client) -> None:
    """A `MOE-APPKEY` of another workspace is a 400 in the API's words."""
    answer = http.get(METADATA, headers={"MOE-APPKEY": "another"})
    assert answer.status_code == 400
    assert answer.json() == {
        "title": "Request Error",
        "description": (
            "MoEngage Client not found. Please check values for headers - MOE-APPKEY or MOE-DBNAME"
        ),
    }


def test_missing_app_key_gets_400(http: httpx.Client) -> None:
    """A request without `MOE-APPKEY` is a 400 that names the header."""
    del http.headers["MOE-APPKEY"]
    answer = http.get(METADATA)
    assert answer.status_code == 400
    assert "MOE-APPKEY" in answer.json()["description"]


def test_credentials_are_judged_before_the_body(http: httpx.Client) -> None:
    """A caller without the key learns nothing about its body."""
    answer = http.post(
        "/experiences/fetch", content=b"{", headers=basic("EMULATED_WORKSPACE:another")
    )
    assert answer.status_code == 401


def test_refusals_never_show_credentials(http: httpx.Client) -> None:
    """No refusal repeats what the request said of workspace or key."""
    answers = [
        http.get(METADATA, headers=basic("sesame:secret")),
        http.get(METADATA, headers={"MOE-APPKEY": "sesame"}),
    ]
    assert not any("sesame" in answer.text or "secret" in answer.text for answer in answers)


def test_own_credentials_replace_the_default_ones() -> None:
    """An emulator takes the workspace and key it is given, a colon in the key included."""
    with Emulator(workspace_id="W1", api_key="K:1") as emulator:
        answer = httpx.get(
            emulator.base_url + METADATA, auth=("W1", "K:1"), headers={"MOE-APPKEY": "W1"}
        )
    assert answer.status_code == 200


def test_expired_key_gets_401_at_once() -> None:
    """After a rotation the old key is refused on the same connection, and the new one is taken."""
    with Emulator() as emulator, httpx.Client(base_url=emulator.base_url) as client:
        client.headers["MOE-APPKEY"] = emulator.workspace_id
        old = (emulator.workspace_id, emulator.api_key)
        statuses = [client.get(METADATA, auth=old).status_code]
        emulator.expire_key("NEW_KEY")
        statuses.append(client.get(METADATA, auth=old).status_code)
        statuses.append(client.get(METADATA, auth=(old[0], emulator.api_key)).status_code)
    assert statuses == [200, 401, 200]
