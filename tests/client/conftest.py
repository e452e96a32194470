"""Every test of the client that sends runs on every transport."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _on_every_transport(transport: str) -> None:
    """`tests/conftest.py` has the transports."""
