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
    Experience,
    ExperienceMetadata,
    Experiences,
    PartialReportError,
    PersonalizeClient,
    Receipt,
    RequestContext,
    TrackingTokens,
)
from moengage_personalize_api.api.experiences import list_experience_metadata
from moengage_personalize_api.models import ErrorResponse, ListExperienceMetadataResponse


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
        customer_id="u",
        visitor=RequestContext(user_agent="UA", ip_address="203.0.113.7"),
        at=datetime.now(UTC),
        attributes={"utm_medium": "email"},
        fallback={"banner": {"Title": "Welcome", "Discount": 0}},
    )
    assert_type(found, Experiences)
    banner = found["banner"]
    assert_type(banner, Experience)
    assert_type(banner.context, dict[str, Any])
    values: Mapping[str, Any] = banner
    assert_type(client.shown(banner, customer_id="u", platform="web"), Receipt)
    client.shown(banner, customer_id="u")  # type: ignore[call-arg]
    client.clicked(banner.context, customer_id="u", platform="web", element="Add to Cart")
    assert_type(client.metadata("Active"), tuple[ExperienceMetadata, ...])
    assert_type(tokens.read(tokens.sign(banner, customer_id="u"), customer_id="u"), Experience)
    client.report([Event.shown(values, customer_id="u", platform="tv", event_time=1.5)])
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
    assert_type(answer, ListExperienceMetadataResponse | ErrorResponse | str | None)
