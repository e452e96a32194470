"""The awaited client; `sync_client` has the same, blocking, and tells what each argument means."""

from __future__ import annotations

from collections.abc import Coroutine, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Self, TypeVar

import httpx

from moengage_personalize.data_centers import DataCenter
from moengage_personalize.models.events import Event, Receipt
from moengage_personalize.models.experiences import Experience, ExperienceMetadata, Experiences
from moengage_personalize.models.request_context import RequestContext
from moengage_personalize.transport.backends import TransportName, async_backend_for
from moengage_personalize.transport.deadline import Deadline
from moengage_personalize.transport.exchange import AsyncTransport

from .config import DEFAULT_TIMEOUT, arguments_from, settings
from .generated_client import AuthenticatedClient, generated_client
from .operations import (
    Call,
    clicked_call,
    fetch_call,
    metadata_call,
    report_call,
    shown_call,
)
from .send import send_async

__all__ = ["AsyncPersonalizeClient"]

T = TypeVar("T")


class AsyncPersonalizeClient:
    """`PersonalizeClient`, awaited, on asyncio or trio. One for an event loop; tasks may share it.

    The arguments, methods and errors are those of `PersonalizeClient`, but for `http_client` (an
    `httpx.AsyncClient`) and `transport` (an `httpx.AsyncBaseTransport`, or a library's
    name). Use it with `async with`, or await `close`, to give its connections back.
    """

    def __init__(  # noqa: PLR0913  (each is one decision of the caller's)
        self,
        workspace_id: str,
        api_key: str,
        *,
        data_center: DataCenter | str | int | None = None,
        base_url: str | None = None,
        timeout: float = DEFAULT_TIMEOUT,
        retries: int = 3,
        http_client: httpx.AsyncClient | None = None,
        transport: httpx.AsyncBaseTransport | TransportName | None = None,
    ) -> None:
        self._settings = settings(
            workspace_id,
            api_key,
            data_center=data_center,
            base_url=base_url,
            timeout=timeout,
            retries=retries,
        )
        backend = async_backend_for(self._settings.base_url, http_client, transport)
        self._transport = AsyncTransport(self._settings, backend)
        self._api = generated_client(self._transport)

    @classmethod
    def from_env(cls, environment: Mapping[str, str] | None = None, **options: Any) -> Self:  # noqa: ANN401  (passed on as they are)
        """As `PersonalizeClient.from_env`."""
        return cls(**arguments_from(environment, options))

    @property
    def api(self) -> AuthenticatedClient:
        """The configured generated client, for the functions of `moengage_personalize_api`.

        They run with this client's credentials, deadline, retries and errors.
        """
        return self._api

    async def fetch(  # noqa: PLR0913  (the fields of the API's request)
        self,
        *keys: str,
        customer_id: str | None = None,
        user_identifiers: Mapping[str, str] | None = None,
        visitor: RequestContext | None = None,
        at: datetime | None = None,
        day: str | None = None,
        hour: str | int | None = None,
        attributes: Mapping[str, str] | None = None,
        fallback: Mapping[str, Mapping[str, Any]] | None = None,
        timeout: float | None = None,
    ) -> Experiences:
        """As `PersonalizeClient.fetch`, awaited."""
        call = fetch_call(
            keys,
            customer_id=customer_id,
            user_identifiers=user_identifiers,
            visitor=visitor,
            at=at,
            day=day,
            hour=hour,
            attributes=attributes,
            fallback=fallback,
        )
        return await self._send(call, timeout)

    async def metadata(
        self, *statuses: str, timeout: float | None = None
    ) -> tuple[ExperienceMetadata, ...]:
        """As `PersonalizeClient.metadata`, awaited."""
        return await self._send(metadata_call(statuses), timeout)

    async def shown(  # noqa: PLR0913  (the fields of the API's event)
        self,
        *experiences: Experience | Mapping[str, Any],
        customer_id: str,
        platform: str,
        event_time: datetime | float | str | None = None,
        user_attributes: Mapping[str, Any] | None = None,
        user_timezone_offset: int | str | timedelta | None = None,
        timeout: float | None = None,
    ) -> Receipt:
        """As `PersonalizeClient.shown`, awaited."""
        call = shown_call(
            experiences,
            customer_id=customer_id,
            platform=platform,
            event_time=event_time,
            user_attributes=user_attributes,
            user_timezone_offset=user_timezone_offset,
        )
        return await self._send(call, timeout)

    async def clicked(  # noqa: PLR0913  (the fields of the API's event)
        self,
        experience: Experience | Mapping[str, Any],
        *,
        customer_id: str,
        platform: str,
        element: str | None = None,
        event_time: datetime | float | str | None = None,
        user_attributes: Mapping[str, Any] | None = None,
        user_timezone_offset: int | str | timedelta | None = None,
        timeout: float | None = None,
    ) -> Receipt:
        """As `PersonalizeClient.clicked`, awaited."""
        call = clicked_call(
            experience,
            element=element,
            customer_id=customer_id,
            platform=platform,
            event_time=event_time,
            user_attributes=user_attributes,
            user_timezone_offset=user_timezone_offset,
        )
        return await self._send(call, timeout)

    async def report(self, events: Iterable[Event], *, timeout: float | None = None) -> Receipt:
        """As `PersonalizeClient.report`, awaited."""
        return await self._send(report_call(events), timeout)

    async def close(self) -> None:
        """Close the connections; the client cannot be used afterwards."""
        await self._transport.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(base_url={self._settings.base_url!r})"

    def _send(self, call: Call[T], timeout: float | None) -> Coroutine[Any, Any, T]:
        return send_async(self._transport, call, Deadline(self._settings.seconds(timeout)))
