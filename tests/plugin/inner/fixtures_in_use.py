"""A user's tests. `test_plugin_fixtures.py` runs them in one session, in this order."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from typing import Any

import pytest
from freezegun import freeze_time

from moengage_personalize import (
    AsyncPersonalizeClient,
    ConnectionFailedError,
    PersonalizeClient,
    ServerError,
)
from moengage_personalize.emulator import Emulator, Fault

MARKED = {"homepage-banner": {"Title": "Marked"}}
addresses: set[str] = set()


@pytest.fixture(scope="session")
def app(moengage_session_emulator: Emulator) -> Iterator[PersonalizeClient]:
    """What an application has: one client for the whole session."""
    emulator = moengage_session_emulator
    with PersonalizeClient(
        emulator.workspace_id, emulator.api_key, base_url=emulator.base_url
    ) as client:
        yield client


def keys(client: PersonalizeClient) -> list[str]:
    return list(client.fetch())


def test_client_and_emulator_belong_together(
    moengage_client: PersonalizeClient, moengage_emulator: Emulator
) -> None:
    banner = moengage_client.fetch("homepage-banner")["homepage-banner"]
    moengage_client.shown(banner, visitor="user_8821")
    assert [event.customer_id for event in moengage_emulator.events] == ["user_8821"]


def test_fault_shows_in_the_client(
    moengage_client: PersonalizeClient, moengage_emulator: Emulator
) -> None:
    moengage_emulator.fail(None, Fault.status(501))
    with pytest.raises(ServerError):
        moengage_client.metadata()


@pytest.mark.parametrize(
    "change", ["nothing", "fault", "key", "experiences", "outage", "nothing again"]
)
def test_emulator_is_as_new(
    moengage_client: PersonalizeClient, moengage_emulator: Emulator, change: str
) -> None:
    assert moengage_emulator.requests == []
    assert len(moengage_client.metadata()) > 1
    addresses.add(moengage_emulator.base_url + moengage_emulator.api_key)
    match change:
        case "fault":
            moengage_emulator.fail(None, Fault.status(500))
        case "key":
            moengage_emulator.expire_key("another")
        case "experiences":
            moengage_emulator.replace_experiences(MARKED)
        case "outage":
            moengage_emulator.stop()
            with pytest.raises(ConnectionFailedError):
                moengage_client.metadata(timeout=0.3)
        case _:
            pass


def test_emulator_was_one() -> None:
    assert len(addresses) == 1


def test_async_client_needs_no_plugin(moengage_async_client: AsyncPersonalizeClient) -> None:
    async def fetch() -> Any:
        return await moengage_async_client.fetch("homepage-banner")

    assert "homepage-banner" in asyncio.run(fetch())


@pytest.mark.anyio
async def test_async_client_works_with_a_plugin(
    moengage_async_client: AsyncPersonalizeClient,
) -> None:
    assert "homepage-banner" in await moengage_async_client.fetch("homepage-banner")


def test_environment_leads_to_the_emulator(
    moengage_environment: dict[str, str], moengage_emulator: Emulator
) -> None:
    with PersonalizeClient.from_env() as client:
        client.metadata()
    assert len(moengage_emulator.requests) == 1
    assert moengage_environment["MOENGAGE_BASE_URL"] == moengage_emulator.base_url


def test_environment_is_as_before() -> None:
    assert os.environ["MOENGAGE_DATA_CENTER"] == "03"
    assert "MOENGAGE_BASE_URL" not in os.environ


@pytest.mark.moengage_experiences(MARKED)
class TestMarker:
    def test_marker_sets_the_experiences(self, moengage_client: PersonalizeClient) -> None:
        assert keys(moengage_client) == ["homepage-banner"]

    @pytest.mark.moengage_experiences({"nearer": {}})
    def test_nearest_marker_counts(self, moengage_client: PersonalizeClient) -> None:
        assert keys(moengage_client) == ["nearer"]

    def test_marker_reaches_an_application(self, app: PersonalizeClient) -> None:
        assert keys(app) == ["homepage-banner"]


def test_marker_is_over_with_its_test(app: PersonalizeClient) -> None:
    assert len(app.metadata()) > 1


def test_application_reports_to_the_emulator(
    app: PersonalizeClient, moengage_emulator: Emulator
) -> None:
    app.shown(app.fetch()["homepage-banner"], visitor="user_8821")
    assert len(moengage_emulator.events) == 1


@freeze_time("2026-01-05 09:00")
def test_emulator_answers_under_a_frozen_clock(moengage_client: PersonalizeClient) -> None:
    assert moengage_client.fetch("homepage-banner")
