from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture(params=["httpx"])
def client_options(request: pytest.FixtureRequest) -> dict[str, Any]:
    """The client's arguments beside its credentials, for each transport that must pass."""
    return {"httpx": {"retries": 0}}[request.param]
