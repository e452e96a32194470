"""Who is calling."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from moengage_personalize import InvalidArgumentError, PersonalizeClient
from moengage_personalize.basic_auth import Credentials


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
