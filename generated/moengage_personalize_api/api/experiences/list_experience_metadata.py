# Generated from moengage-personalize.yaml 1.0.0 by scripts/generate; do not edit.
from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.error_response import ErrorResponse
from ...models.experience_status import ExperienceStatus
from ...models.list_experience_metadata_answer import ListExperienceMetadataAnswer
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    status: list[ExperienceStatus] | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    json_status: list[str] | Unset = UNSET
    if not isinstance(status, Unset):
        json_status = []
        for status_item_data in status:
            status_item = status_item_data.value
            json_status.append(status_item)

    params["status"] = ",".join(map(str, json_status or ())) or UNSET

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/experiences/metadata",
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> ErrorResponse | ListExperienceMetadataAnswer | str | None:
    if response.status_code == 200:
        response_200 = ListExperienceMetadataAnswer.from_dict(response.json())

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
) -> Response[ErrorResponse | ListExperienceMetadataAnswer | str]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    status: list[ExperienceStatus] | Unset = UNSET,
) -> Response[ErrorResponse | ListExperienceMetadataAnswer | str]:
    """List the experiences of the workspace

     Names, keys and statuses of the workspace's experiences. Keys rarely change: call it at
    start-up and about once a day, and cache the answer.

    Args:
        status (list[ExperienceStatus] | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ErrorResponse | ListExperienceMetadataAnswer | str]
    """

    kwargs = _get_kwargs(
        status=status,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    status: list[ExperienceStatus] | Unset = UNSET,
) -> ErrorResponse | ListExperienceMetadataAnswer | str | None:
    """List the experiences of the workspace

     Names, keys and statuses of the workspace's experiences. Keys rarely change: call it at
    start-up and about once a day, and cache the answer.

    Args:
        status (list[ExperienceStatus] | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ErrorResponse | ListExperienceMetadataAnswer | str
    """

    return sync_detailed(
        client=client,
        status=status,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    status: list[ExperienceStatus] | Unset = UNSET,
) -> Response[ErrorResponse | ListExperienceMetadataAnswer | str]:
    """List the experiences of the workspace

     Names, keys and statuses of the workspace's experiences. Keys rarely change: call it at
    start-up and about once a day, and cache the answer.

    Args:
        status (list[ExperienceStatus] | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ErrorResponse | ListExperienceMetadataAnswer | str]
    """

    kwargs = _get_kwargs(
        status=status,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    status: list[ExperienceStatus] | Unset = UNSET,
) -> ErrorResponse | ListExperienceMetadataAnswer | str | None:
    """List the experiences of the workspace

     Names, keys and statuses of the workspace's experiences. Keys rarely change: call it at
    start-up and about once a day, and cache the answer.

    Args:
        status (list[ExperienceStatus] | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ErrorResponse | ListExperienceMetadataAnswer | str
    """

    return (
        await asyncio_detailed(
            client=client,
            status=status,
        )
    ).parsed
