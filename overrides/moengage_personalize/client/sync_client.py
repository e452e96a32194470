"""The sync client; `async_client` is generated from this module."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Self, Unpack, overload
from uuid import UUID

import httpx
from attrs import evolve

from moengage_personalize import validation
from moengage_personalize.basic_auth import Credentials
from moengage_personalize.data_centers import DataCenter, resolve_base_url
from moengage_personalize.models.events import (
    Clicked,
    Event,
    Receipt,
    Shown,
    clicked_events,
    shown_events,
)
from moengage_personalize.models.experiences import Experience, ExperienceMetadata, Experiences
from moengage_personalize.models.visitor import Visitor
from moengage_personalize.transport.backends import TransportName, backend_for
from moengage_personalize.transport.deadline import Deadline
from moengage_personalize.transport.exchange import Transport
from moengage_personalize.transport.retry_policy import RetryPolicy
from moengage_personalize.transport.settings import Settings
from moengage_personalize.typed.experience import TypedExperience

from .config import DEFAULT_TIMEOUT, DISABLED, NOWHERE, Connection
from .generated_client import AuthenticatedClient, generated_client
from .operations import Moment, Status, fetch_call, metadata_call, report_call
from .pages import Asked, Defaults, Page, Pages
from .send import send
from .typed_pages import A, B, C, D, E, F, FetchOptions, G, H, PageOptions

__all__ = ["PersonalizeClient"]


class PersonalizeClient:
    """Calls the Personalize API of one workspace. Make one per process; threads may share it.

    Use it as a context manager, or `close` it, to close its connections.

    Args:
        workspace_id: The workspace ID; the dashboard also calls it app ID or APP KEY.
        api_key: The key of the dashboard's Personalize tile.
        data_center: `"03"`, `3`, `"DC-03"`, a `DataCenter`, or the dashboard's address.
        base_url: The API's address with its version, instead of `data_center`: for the emulator, or
            a data center newer than this package. https, or http on this machine.
        timeout: The longest time of one call, in seconds: name lookup, connecting, all attempts
            and pauses.
        retries: The largest number of attempts after the first, within the timeout. Connection
            failures, 408, 429, 500, 502, 503 and 504 are retried.
        defaults: Default content for `experience` and `experiences`: `{key: {name: value}}`.
        http_client: Your own `httpx.Client` to send with; you close it.
        transport: The HTTP library to send with: `"pyreqwest"`, which the extra `fast` installs,
            or `"httpx"`. Default: the first that is installed. Or your own
            `httpx.BaseTransport`.

    Raises:
        InvalidArgumentError: An argument is not acceptable; the error names it.
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
        defaults: Defaults | None = None,
        http_client: httpx.Client | None = None,
        transport: httpx.BaseTransport | TransportName | None = None,
    ) -> None:
        self._settings = Settings(
            resolve_base_url(data_center, base_url),
            Credentials(workspace_id, api_key),
            validation.seconds("timeout", timeout),
            RetryPolicy(validation.positive("retries", retries, least=0)),
        )
        self._pages = Pages(defaults)
        backend = backend_for(self._settings.base_url, http_client, transport)
        self._transport = Transport(self._settings, backend)
        self._api = generated_client(self._transport)

    @classmethod
    def from_env(  # noqa: PLR0913  (the arguments of the class)
        cls,
        environment: Mapping[str, str] | None = None,
        *,
        workspace_id: str | None = None,
        api_key: str | None = None,
        data_center: DataCenter | str | int | None = None,
        base_url: str | None = None,
        timeout: float = DEFAULT_TIMEOUT,
        retries: int = 3,
        defaults: Defaults | None = None,
        http_client: httpx.Client | None = None,
        transport: httpx.BaseTransport | TransportName | None = None,
    ) -> Self:
        """Make a client from environment variables; arguments override them.

        `MOENGAGE_DISABLED=1` makes a disabled client, even if credentials and a host are set.

        Args:
            environment: The variables. Default: those of the process.
            workspace_id: Overrides `MOENGAGE_WORKSPACE_ID`.
            api_key: Overrides `MOENGAGE_PERSONALIZE_API_KEY`.
            data_center: Overrides `MOENGAGE_DATA_CENTER` and `MOENGAGE_BASE_URL`; set only one of
                these two.
            base_url: Overrides the same two.
            timeout: As for the class.
            retries: As for the class.
            defaults: As for the class.
            http_client: As for the class.
            transport: As for the class.

        Raises:
            InvalidArgumentError: A setting is missing or not acceptable; the error names it.
        """
        found = Connection.from_env(
            environment,
            workspace_id=workspace_id,
            api_key=api_key,
            data_center=data_center,
            base_url=base_url,
        )
        client = cls(
            *found.credentials(),
            data_center=found.data_center,
            base_url=found.base_url,
            timeout=timeout,
            retries=retries,
            defaults=defaults,
            http_client=http_client,
            transport=transport,
        )
        if found is NOWHERE:
            client._settings = evolve(client._settings, is_disabled=True)
            client._transport.settings = client._settings
            client._pages = Pages(defaults, "the client is disabled")
        return client

    @classmethod
    def disabled(cls, *, defaults: Defaults | None = None) -> Self:
        """Make a client that sends nothing, for tests and machines without credentials.

        `fetch` finds nothing, `experience` and `experiences` return defaults, and events are
        dropped and counted in `Receipt.skipped`.

        Args:
            defaults: As for the class.

        Raises:
            InvalidArgumentError: The defaults are not acceptable.
        """
        return cls.from_env({DISABLED: "1"}, defaults=defaults, transport="httpx")

    @property
    def api(self) -> AuthenticatedClient:
        """The configured generated client, for the functions of `moengage_personalize_api`.

        These functions use this client's credentials, deadline, retries and errors.
        """
        return self._api

    def fetch(
        self,
        *keys: str,
        visitor: Visitor | str | None = None,
        at: Moment = "now",
        timeout: float | None = None,
    ) -> Experiences:
        """Fetch the experiences for one visitor, with typed errors. Guide: "Fetch Experience".

        Args:
            keys: The experience keys. More than 25 become several parallel requests. Without keys:
                every experience for the visitor, in one request.
            visitor: The visitor: a `Visitor`, or a customer ID as a string. `None`: an unknown
                visitor.
            at: The time for experiences that are targeted by day or hour: a datetime with a time
                zone, `"now"`, or `None` to send no time.
            timeout: The longest time in seconds, instead of the client's.

        Raises:
            InvalidArgumentError: An argument is not acceptable; nothing was sent.
            PersonalizeError: A request failed; its `experiences` has the results of the others.
        """
        call = fetch_call(keys, visitor, at)
        return send(self._transport, call, self._deadline(timeout))

    @overload
    def experience(
        self,
        key: str,
        visitor: Visitor | str | None,
        default: Mapping[str, Any] | None = None,
        **options: Unpack[FetchOptions],
    ) -> Experience: ...
    @overload
    def experience(
        self, key: type[A], visitor: Visitor | str | None, **options: Unpack[FetchOptions]
    ) -> A: ...
    def experience(
        self,
        key: Asked,
        visitor: Visitor | str | None,
        default: Mapping[str, Any] | None = None,
        *,
        at: Moment = "now",
        timeout: float | None = None,
    ) -> Experience | TypedExperience:
        """Fetch one experience for a page, or return its default if that fails.

        Only a mistake in the program raises. If a value is missing, null or of another type in the
        response, the default's value replaces it, and one WARNING is logged.

        Args:
            key: The experience key, or a class derived from `TypedExperience`.
            visitor: The visitor, as in `fetch`.
            default: Default values by name, instead of the client's default for the key.
            at: As in `fetch`.
            timeout: As in `fetch`.

        Returns:
            The experience; `source`, `reason` and `error` say where it came from and why. For a
            class: an instance of it, with this experience in `experience_`.

        Raises:
            InvalidArgumentError: An argument is not acceptable, or neither the call nor the client
                has a default for the key; nothing was sent.
        """
        page = self._pages.page((key,), default)
        found = self._experiences(page, visitor, at, timeout)
        return page.every(found)[0]

    @overload
    def experiences(self, *keys: str, **options: Unpack[PageOptions]) -> Experiences: ...
    @overload
    def experiences(self, a: type[A], /, **options: Unpack[PageOptions]) -> tuple[A]: ...
    @overload
    def experiences(
        self, a: type[A], b: type[B], /, **options: Unpack[PageOptions]
    ) -> tuple[A, B]: ...
    @overload
    def experiences(
        self, a: type[A], b: type[B], c: type[C], /, **options: Unpack[PageOptions]
    ) -> tuple[A, B, C]: ...
    @overload
    def experiences(
        self, a: type[A], b: type[B], c: type[C], d: type[D], /, **options: Unpack[PageOptions]
    ) -> tuple[A, B, C, D]: ...
    @overload
    def experiences(
        self,
        a: type[A],
        b: type[B],
        c: type[C],
        d: type[D],
        e: type[E],
        /,
        **options: Unpack[PageOptions],
    ) -> tuple[A, B, C, D, E]: ...
    @overload
    def experiences(
        self,
        a: type[A],
        b: type[B],
        c: type[C],
        d: type[D],
        e: type[E],
        f: type[F],
        /,
        **options: Unpack[PageOptions],
    ) -> tuple[A, B, C, D, E, F]: ...
    @overload
    def experiences(
        self,
        a: type[A],
        b: type[B],
        c: type[C],
        d: type[D],
        e: type[E],
        f: type[F],
        g: type[G],
        /,
        **options: Unpack[PageOptions],
    ) -> tuple[A, B, C, D, E, F, G]: ...
    @overload
    def experiences(
        self,
        a: type[A],
        b: type[B],
        c: type[C],
        d: type[D],
        e: type[E],
        f: type[F],
        g: type[G],
        h: type[H],
        /,
        **options: Unpack[PageOptions],
    ) -> tuple[A, B, C, D, E, F, G, H]: ...
    def experiences(
        self,
        *keys: Asked,
        visitor: Visitor | str | None = None,
        at: Moment = "now",
        timeout: float | None = None,
    ) -> Experiences | tuple[Experience | TypedExperience, ...]:
        """Fetch several experiences for a page, as `experience` fetches one.

        Args:
            keys: Experience keys, or classes derived from `TypedExperience`. Without keys: all
                that the client has defaults for.
            visitor: The visitor, as in `fetch`.
            at: As in `fetch`.
            timeout: As in `fetch`.

        Returns:
            An experience for every key; for classes, a tuple with an instance of each.

        Raises:
            InvalidArgumentError: An argument is not acceptable, or the client has no default for a
                key; nothing was sent.
        """
        page = self._pages.page(keys)
        found = self._experiences(page, visitor, at, timeout)
        return page.every(found) if page.is_typed else found

    def metadata(
        self, *statuses: Status, timeout: float | None = None
    ) -> tuple[ExperienceMetadata, ...]:
        """List the workspace's experiences. Guide: "Metadata API".

        Call it at start-up and then about once a day, and keep the result: keys change rarely.

        Args:
            statuses: `Active`, `Paused`, `Scheduled`. Default: every status.
            timeout: As in `fetch`.

        Raises:
            InvalidArgumentError: A status is unknown; nothing was sent.
            PersonalizeError: The request failed.
        """
        return send(self._transport, metadata_call(statuses), self._deadline(timeout))

    def shown(
        self,
        *experiences: Shown,
        visitor: Visitor | str | None,
        event_time: datetime | float | str | None = None,
        user_attributes: Mapping[str, Any] | None = None,
        event_uuid: UUID | str | None = None,
        timeout: float | None = None,
    ) -> Receipt:
        """Report that a visitor saw one or more experiences.

        It skips experiences that cannot be reported: default content, a context that lacks required
        fields, and all experiences of a visitor without a customer ID and a session ID.
        Guide: "Reporting Experience Shown event".

        Args:
            experiences: The experiences that were shown, the result of a fetch, or bare contexts.
            visitor: Who saw them: a `Visitor`, or a customer ID as a string. `None` sends nothing.
            event_time: A datetime with a time zone, an epoch in seconds, or ISO 8601 text. Default:
                now.
            user_attributes: Attributes to set on the user's profile.
            event_uuid: A UUID version 4 for the event of a single experience. Default: a new one.
            timeout: As in `fetch`.

        Raises:
            InvalidArgumentError: An argument is not acceptable; nothing was sent.
            PersonalizeError: Events were not accepted; its `undelivered` has them.
        """
        events, skipped = shown_events(
            experiences,
            visitor,
            event_time=event_time,
            user_attributes=user_attributes,
            event_uuid=event_uuid,
        )
        return send(self._transport, report_call(events, skipped), self._deadline(timeout))

    def clicked(  # noqa: PLR0913  (the fields of the API's event)
        self,
        experience: Clicked,
        *,
        visitor: Visitor | str | None,
        element: str | None = None,
        event_time: datetime | float | str | None = None,
        user_attributes: Mapping[str, Any] | None = None,
        event_uuid: UUID | str | None = None,
        timeout: float | None = None,
    ) -> Receipt:
        """Report that a visitor clicked an experience. Guide: "Reporting Experience Click event".

        It skips an experience that cannot be reported, as `shown` does.

        Args:
            experience: The experience that was clicked, or its bare context.
            visitor: Who clicked it.
            element: The clicked element, if there are several (`b_id`), as in `"Add to Cart"`.
            event_time: As in `shown`.
            user_attributes: As in `shown`.
            event_uuid: As in `shown`. An experience from a tracking token has its own.
            timeout: As in `fetch`.

        Raises:
            InvalidArgumentError: An argument is not acceptable; nothing was sent.
            PersonalizeError: The event was not accepted; `undelivered` has it.
        """
        events, skipped = clicked_events(
            experience,
            visitor,
            element,
            event_time=event_time,
            user_attributes=user_attributes,
            event_uuid=event_uuid,
        )
        return send(self._transport, report_call(events, skipped), self._deadline(timeout))

    def report(self, events: Iterable[Event], *, timeout: float | None = None) -> Receipt:
        """Report any number of events, in parallel requests of up to 100 users each.

        Args:
            events: Made with `Event.shown` and `Event.clicked`.
            timeout: As in `fetch`.

        Raises:
            InvalidArgumentError: One of them is not an `Event`; nothing was sent.
            PartialReportError: Some requests failed; `undelivered` has their events.
            PersonalizeError: No event was accepted; `undelivered` has them all.
        """
        return send(self._transport, report_call(events), self._deadline(timeout))

    def close(self) -> None:
        """Close the connections; the client cannot be used afterwards."""
        self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(base_url={self._settings.base_url!r})"

    def _experiences(
        self, page: Page, visitor: Visitor | str | None, at: Moment, timeout: float | None
    ) -> Experiences:
        call = fetch_call(list(page.contents), visitor, at, page.answer)
        deadline = self._deadline(timeout)
        try:
            return send(self._transport, call, deadline)
        except Exception as trouble:  # noqa: BLE001  (a page never breaks)
            return page.rescued(trouble)

    def _deadline(self, timeout: float | None) -> Deadline:
        return Deadline(self._settings.seconds(timeout))
