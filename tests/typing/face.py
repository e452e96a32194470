"""Uses of the public face that must type-check, and misuses that must not.

Nothing here runs: mypy and pyright read it, and an ignore that is no longer needed is an error.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, assert_type

import httpx

from moengage_personalize import (
    ApiError,
    AsyncPersonalizeClient,
    DataCenter,
    Event,
    EventReporter,
    Experience,
    ExperienceMetadata,
    Experiences,
    PartialReportError,
    PersonalizeClient,
    Receipt,
    TrackingTokens,
    Visitor,
)
from moengage_personalize_api.api.experiences import list_experience_metadata
from moengage_personalize_api.models import ErrorResponse, ListExperienceMetadataAnswer


def every_spelling_of_a_client() -> None:
    PersonalizeClient("W", "K", data_center="03")
    PersonalizeClient("W", "K", data_center=3, timeout=1)
    PersonalizeClient("W", "K", data_center=DataCenter.DC_03, http_client=httpx.Client())
    AsyncPersonalizeClient("W", "K", base_url="https://example.org/v1", retries=0)
    assert_type(PersonalizeClient.from_env(), PersonalizeClient)
    AsyncPersonalizeClient.from_env(workspace_id="W", timeout=1, http_client=httpx.AsyncClient())
    PersonalizeClient.from_env(timout=1)  # type: ignore[call-arg]
    PersonalizeClient.from_env(http_client=httpx.AsyncClient())  # type: ignore[arg-type]
    PersonalizeClient("W", "K", data_center=3.5)  # type: ignore[arg-type]
    PersonalizeClient("W", "K", data_center=3, http_client=httpx.AsyncClient())  # type: ignore[arg-type]
    PersonalizeClient("W")  # type: ignore[call-arg]


def a_page(client: PersonalizeClient, tokens: TrackingTokens) -> None:
    found = client.fetch(
        "banner",
        visitor=Visitor("u", user_agent="UA", attributes={"utm_medium": "email"}),
        at=datetime.now(UTC),
    )
    assert_type(found, Experiences)
    banner = found["banner"]
    assert_type(banner, Experience)
    assert_type(banner.context, dict[str, Any])
    values: Mapping[str, Any] = banner
    assert_type(client.shown(banner, visitor="u"), Receipt)
    assert_type(client.experience("banner", "u", {"Title": "Welcome"}), Experience)
    assert_type(client.experiences("banner", visitor="u"), Experiences)
    client.experience("banner")  # type: ignore[call-overload]
    client.experience("banner", "u", ["Title"])  # type: ignore[call-overload]
    assert_type(PersonalizeClient.disabled(), PersonalizeClient)
    client.metadata("active")  # type: ignore[arg-type]
    Visitor.from_wsgi({}, trusted_proxys=1)  # type: ignore[call-arg]
    Visitor.from_asgi({}, "u", query=["utm_*"], attributes={"plan": 5})  # type: ignore[dict-item]
    EventReporter(client, flush_interal=5)  # type: ignore[call-arg]
    EventReporter(client, when_full="wait")  # type: ignore[arg-type]
    EventReporter(client, on_lost=3)  # type: ignore[arg-type]
    assert_type(EventReporter(client, when_full="block").stats.skipped, int)
    client.shown(banner, found, banner.context, visitor=Visitor("u"))
    client.shown(banner)  # type: ignore[call-arg]
    client.shown([banner], visitor="u")  # type: ignore[arg-type]
    client.fetch("banner", visitor=5)  # type: ignore[arg-type]
    client.fetch("banner", at="today")  # type: ignore[arg-type]
    Visitor("u", platform="desktop")  # type: ignore[arg-type]
    client.clicked(banner.context, visitor="u", element="Add to Cart")
    assert_type(client.metadata("Active"), tuple[ExperienceMetadata, ...])
    assert_type(tokens.read(tokens.sign(banner, visitor="u"), visitor="u"), Experience)
    client.report([Event.shown(values, visitor=Visitor("u", platform="tv"), event_time=1.5)])
    client.report(banner)  # type: ignore[arg-type]


async def a_page_awaited(client: AsyncPersonalizeClient) -> None:
    async with client:
        assert_type(await client.fetch("banner"), Experiences)
        assert_type(await client.metadata(), tuple[ExperienceMetadata, ...])


def errors_tell_what_they_know(error: ApiError, partial: PartialReportError) -> None:
    assert_type(error.status, int)
    assert_type(error.request_id, str | None)
    assert_type(error.retry_after, float | None)
    assert_type(partial.accepted, int)


def the_generated_functions(client: PersonalizeClient) -> None:
    answer = list_experience_metadata.sync(client=client.api)
    assert_type(answer, ListExperienceMetadataAnswer | ErrorResponse | str | None)
