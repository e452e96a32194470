# Generated from moengage-personalize.yaml 1.0.0 by scripts/generate; do not edit.
from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.error_response import ErrorResponse
from ...models.report_experience_events_answer import ReportExperienceEventsAnswer
from ...models.report_experience_events_request import ReportExperienceEventsRequest
from ...types import Response


def _get_kwargs(
    *,
    body: ReportExperienceEventsRequest,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/experiences/events",
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> ErrorResponse | ReportExperienceEventsAnswer | str | None:
    if response.status_code == 200:
        response_200 = ReportExperienceEventsAnswer.from_dict(response.json())

        return response_200

    if response.status_code == 400:
        response_400 = ErrorResponse.from_dict(response.json())

        return response_400

    if response.status_code == 401:
        response_401 = ErrorResponse.from_dict(response.json())

        return response_401

    if response.status_code == 429:
        response_429 = response.text
        return response_429

    if response.status_code == 500:
        response_500 = ErrorResponse.from_dict(response.json())

        return response_500

    if response.status_code == 502:
        response_502 = response.text
        return response_502

    if response.status_code == 503:
        response_503 = response.text
        return response_503

    if response.status_code == 504:
        response_504 = response.text
        return response_504

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[ErrorResponse | ReportExperienceEventsAnswer | str]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    body: ReportExperienceEventsRequest,
) -> Response[ErrorResponse | ReportExperienceEventsAnswer | str]:
    """Report impressions and clicks

     Up to 100 users per request, each with one or more events. `attributes` of an event is the
    `experience_context` of the fetch, unchanged; a click may add `b_id`.

    The server drops an event whose `moe_event_uuid` it has already seen. A client may
    therefore repeat a report after any failure, as long as every event keeps its UUID.

    Offerings inside an experience are reported by the web SDK, not here.

    Args:
        body (ReportExperienceEventsRequest): What users saw and clicked.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ErrorResponse | ReportExperienceEventsAnswer | str]
    """

    kwargs = _get_kwargs(
        body=body,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    body: ReportExperienceEventsRequest,
) -> ErrorResponse | ReportExperienceEventsAnswer | str | None:
    """Report impressions and clicks

     Up to 100 users per request, each with one or more events. `attributes` of an event is the
    `experience_context` of the fetch, unchanged; a click may add `b_id`.

    The server drops an event whose `moe_event_uuid` it has already seen. A client may
    therefore repeat a report after any failure, as long as every event keeps its UUID.

    Offerings inside an experience are reported by the web SDK, not here.

    Args:
        body (ReportExperienceEventsRequest): What users saw and clicked.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ErrorResponse | ReportExperienceEventsAnswer | str
    """

    return sync_detailed(
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    body: ReportExperienceEventsRequest,
) -> Response[ErrorResponse | ReportExperienceEventsAnswer | str]:
    """Report impressions and clicks

     Up to 100 users per request, each with one or more events. `attributes` of an event is the
    `experience_context` of the fetch, unchanged; a click may add `b_id`.

    The server drops an event whose `moe_event_uuid` it has already seen. A client may
    therefore repeat a report after any failure, as long as every event keeps its UUID.

    Offerings inside an experience are reported by the web SDK, not here.

    Args:
        body (ReportExperienceEventsRequest): What users saw and clicked.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ErrorResponse | ReportExperienceEventsAnswer | str]
    """

    kwargs = _get_kwargs(
        body=body,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    body: ReportExperienceEventsRequest,
) -> ErrorResponse | ReportExperienceEventsAnswer | str | None:
    """Report impressions and clicks

     Up to 100 users per request, each with one or more events. `attributes` of an event is the
    `experience_context` of the fetch, unchanged; a click may add `b_id`.

    The server drops an event whose `moe_event_uuid` it has already seen. A client may
    therefore repeat a report after any failure, as long as every event keeps its UUID.

    Offerings inside an experience are reported by the web SDK, not here.

    Args:
        body (ReportExperienceEventsRequest): What users saw and clicked.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ErrorResponse | ReportExperienceEventsAnswer | str
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
        )
    ).parsed
