"""Who is calling."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from moengage_personalize import AsyncPersonalizeClient, InvalidArgumentError, PersonalizeClient
from moengage_personalize.basic_auth import Credentials

ENVIRONMENT = {
    "MOENGAGE_WORKSPACE_ID": "WORKSPACE",
    "MOENGAGE_PERSONALIZE_API_KEY": "KEY",
    "MOENGAGE_DATA_CENTER": "03",
}


def test_both_headers_carry_the_workspace() -> None:
    """Basic authentication and MOE-APPKEY, as the guide's section Authentication says."""
    headers = Credentials("WORKSPACE", "K:E:Y").headers
    scheme, token = headers["Authorization"].split()
    assert (scheme, base64.b64decode(token)) == ("Basic", b"WORKSPACE:K:E:Y")
    assert headers["MOE-APPKEY"] == "WORKSPACE"


@pytest.mark.parametrize(
    ("workspace_id", "api_key", "field"),
    [
        ("", "KEY", "workspace_id"),
        ("W", "", "api_key"),
        ("W", "KEY\n", "api_key"),
        (" W", "KEY", "workspace_id"),
        ("W:X", "KEY", "workspace_id"),
        ("W", "KEY\r\nX-Injected: 1", "api_key"),
        ("W", "schlüssel-geheim", "api_key"),
        (None, "KEY", "workspace_id"),
        ("W", b"KEY", "api_key"),
    ],
)
def test_unusable_credentials_are_refused_without_repeating_them(
    workspace_id: Any, api_key: Any, field: str
) -> None:
    """The error names the argument, never its value."""
    with pytest.raises(InvalidArgumentError) as caught:
        PersonalizeClient(workspace_id, api_key, data_center="03")
    assert caught.value.field == field
    assert "geheim" not in str(caught.value)


@pytest.mark.parametrize("kind", [PersonalizeClient, AsyncPersonalizeClient])
def test_a_client_can_be_made_from_the_environment(
    kind: type[PersonalizeClient | AsyncPersonalizeClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the process's own variables, or from a given mapping."""
    assert "sdk-03.moengage.com" in repr(kind.from_env(ENVIRONMENT, timeout=1))
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    assert "sdk-03.moengage.com" in repr(kind.from_env())


@pytest.mark.parametrize("name", ["MOENGAGE_WORKSPACE_ID", "MOENGAGE_PERSONALIZE_API_KEY"])
@pytest.mark.parametrize("value", [None, ""])
def test_a_missing_variable_is_named(name: str, value: str | None) -> None:
    """Unset and empty are the same: a deployment forgot it."""
    environment = {**ENVIRONMENT, name: value or ""}
    if value is None:
        del environment[name]
    with pytest.raises(InvalidArgumentError, match=name):
        PersonalizeClient.from_env(environment)


@pytest.mark.parametrize(
    "hosts", [{}, {"MOENGAGE_DATA_CENTER": "03", "MOENGAGE_BASE_URL": "https://example.org/v1"}]
)
def test_the_environment_must_name_exactly_one_host(hosts: dict[str, str]) -> None:
    """Neither is no guess, and both is no silent precedence."""
    environment = {
        "MOENGAGE_WORKSPACE_ID": "WORKSPACE",
        "MOENGAGE_PERSONALIZE_API_KEY": "KEY",
        **hosts,
    }
    with pytest.raises(InvalidArgumentError, match=r"MOENGAGE_DATA_CENTER.*MOENGAGE_BASE_URL"):
        PersonalizeClient.from_env(environment)
