# Generated from moengage-personalize.yaml 1.0.0 by scripts/generate; do not edit.
from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.error_response import ErrorResponse
from ...models.fetch_experiences_answer import FetchExperiencesAnswer
from ...models.fetch_experiences_request import FetchExperiencesRequest
from ...types import Response


def _get_kwargs(
    *,
    body: FetchExperiencesRequest,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/experiences/fetch",
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> ErrorResponse | FetchExperiencesAnswer | str | None:
    if response.status_code == 200:
        response_200 = FetchExperiencesAnswer.from_dict(response.json())

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
) -> Response[ErrorResponse | FetchExperiencesAnswer | str]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    body: FetchExperiencesRequest,
) -> Response[ErrorResponse | FetchExperiencesAnswer | str]:
    """Fetch the experiences for one visitor

     Evaluates the targeting rules and answers with one variation per experience. It changes
    nothing, so a client may repeat it after any failure.

    An experience is missing from `experiences` if its key is unknown, if it is paused or
    scheduled, or if it is not meant for this visitor. That is not an error, and the status is
    200: show the default content.

    **In-session attributes** are further top-level fields of the body, each named after the
    query parameter set in the dashboard, with a string value: `"utm_medium": "email"`.

    **Report what you show**: send the `experience_context` of each experience back, unchanged,
    as `attributes` in `reportExperienceEvents`.

    Args:
        body (FetchExperiencesRequest): The visitor, the experiences to fetch, and what is known
            of the session.

            Any other top-level field is an in-session attribute: its name is the query parameter set
            in the dashboard (such as `utm_medium`), its value a string.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ErrorResponse | FetchExperiencesAnswer | str]
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
    body: FetchExperiencesRequest,
) -> ErrorResponse | FetchExperiencesAnswer | str | None:
    """Fetch the experiences for one visitor

     Evaluates the targeting rules and answers with one variation per experience. It changes
    nothing, so a client may repeat it after any failure.

    An experience is missing from `experiences` if its key is unknown, if it is paused or
    scheduled, or if it is not meant for this visitor. That is not an error, and the status is
    200: show the default content.

    **In-session attributes** are further top-level fields of the body, each named after the
    query parameter set in the dashboard, with a string value: `"utm_medium": "email"`.

    **Report what you show**: send the `experience_context` of each experience back, unchanged,
    as `attributes` in `reportExperienceEvents`.

    Args:
        body (FetchExperiencesRequest): The visitor, the experiences to fetch, and what is known
            of the session.

            Any other top-level field is an in-session attribute: its name is the query parameter set
            in the dashboard (such as `utm_medium`), its value a string.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ErrorResponse | FetchExperiencesAnswer | str
    """

    return sync_detailed(
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    body: FetchExperiencesRequest,
) -> Response[ErrorResponse | FetchExperiencesAnswer | str]:
    """Fetch the experiences for one visitor

     Evaluates the targeting rules and answers with one variation per experience. It changes
    nothing, so a client may repeat it after any failure.

    An experience is missing from `experiences` if its key is unknown, if it is paused or
    scheduled, or if it is not meant for this visitor. That is not an error, and the status is
    200: show the default content.

    **In-session attributes** are further top-level fields of the body, each named after the
    query parameter set in the dashboard, with a string value: `"utm_medium": "email"`.

    **Report what you show**: send the `experience_context` of each experience back, unchanged,
    as `attributes` in `reportExperienceEvents`.

    Args:
        body (FetchExperiencesRequest): The visitor, the experiences to fetch, and what is known
            of the session.

            Any other top-level field is an in-session attribute: its name is the query parameter set
            in the dashboard (such as `utm_medium`), its value a string.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ErrorResponse | FetchExperiencesAnswer | str]
    """

    kwargs = _get_kwargs(
        body=body,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    body: FetchExperiencesRequest,
) -> ErrorResponse | FetchExperiencesAnswer | str | None:
    """Fetch the experiences for one visitor

     Evaluates the targeting rules and answers with one variation per experience. It changes
    nothing, so a client may repeat it after any failure.

    An experience is missing from `experiences` if its key is unknown, if it is paused or
    scheduled, or if it is not meant for this visitor. That is not an error, and the status is
    200: show the default content.

    **In-session attributes** are further top-level fields of the body, each named after the
    query parameter set in the dashboard, with a string value: `"utm_medium": "email"`.

    **Report what you show**: send the `experience_context` of each experience back, unchanged,
    as `attributes` in `reportExperienceEvents`.

    Args:
        body (FetchExperiencesRequest): The visitor, the experiences to fetch, and what is known
            of the session.

            Any other top-level field is an in-session attribute: its name is the query parameter set
            in the dashboard (such as `utm_medium`), its value a string.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ErrorResponse | FetchExperiencesAnswer | str
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
        )
    ).parsed
