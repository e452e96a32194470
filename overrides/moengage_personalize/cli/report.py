"""`shown` and `clicked`: report one customer's impressions and clicks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any

import attrs
import typer

from moengage_personalize import Event, PersonalizeClient, Receipt, Visitor

from . import context_file
from .client_options import Connection
from .errors import Failure, reported
from .exit_codes import ExitCode
from .options import (
    DEFAULT_TIMEOUT,
    ApiKeyFile,
    AsJson,
    Attributes,
    BaseUrl,
    CustomerId,
    DataCenterName,
    Identifiers,
    IpAddress,
    PlatformName,
    SessionId,
    Timeout,
    Timezone,
    UserAgent,
    WorkspaceId,
    number_or_text,
    visitor_from,
)
from .output import Output, table

__all__ = ["clicked", "show_receipt", "shown"]

_Context = Annotated[
    str | None,
    typer.Option(
        metavar="FILE",
        help="The file of fetch --save-context or --json; - reads stdin. Default: fetch the keys.",
        show_default=False,
    ),
]
_EventTime = Annotated[
    str | None,
    typer.Option(
        help="When it happened: ISO 8601 with an offset, or epoch seconds. Default: now.",
        show_default=False,
    ),
]
_EventUuid = Annotated[
    str | None,
    typer.Option(
        help="The UUID (version 4) of an event that was not delivered, so that it cannot count "
        "twice. Default: a new one.",
        show_default=False,
    ),
]


def shown(  # noqa: PLR0913  (each is an option)
    keys: Annotated[
        list[str] | None,
        typer.Argument(metavar="KEY...", help="Experience keys. Not needed if the file has one."),
    ] = None,
    *,
    customer_id: CustomerId = None,
    session_id: SessionId = None,
    identifiers: Identifiers = None,
    attributes: Attributes = None,
    user_agent: UserAgent = None,
    ip_address: IpAddress = None,
    platform: PlatformName = "web",
    timezone: Timezone = None,
    context: _Context = None,
    event_time: _EventTime = None,
    event_uuid: _EventUuid = None,
    as_json: AsJson = False,
    workspace_id: WorkspaceId = None,
    data_center: DataCenterName = None,
    base_url: BaseUrl = None,
    api_key_file: ApiKeyFile = None,
    timeout: Timeout = DEFAULT_TIMEOUT,
) -> None:
    """Report that a visitor saw one or more experiences. Without --context, it fetches them."""
    output = Output(as_json)
    with reported(output):
        visitor = visitor_from(
            customer_id=customer_id,
            session_id=session_id,
            identifiers=identifiers,
            attributes=attributes,
            user_agent=user_agent,
            ip_address=ip_address,
            platform=platform,
            timezone=timezone,
        )
        connection = Connection.from_options(
            workspace_id=workspace_id,
            data_center=data_center,
            base_url=base_url,
            api_key_file=api_key_file,
            timeout=timeout,
        )
        if event_uuid is not None and len(keys or ()) > 1:
            raise Failure(ExitCode.REFUSED, "--event-uuid: belongs to one event, so give one key")
        _report(
            output,
            connection,
            _Wanted(keys or (), visitor, context),
            lambda one: Event.shown(
                one,
                visitor=visitor,
                event_time=number_or_text(event_time),
                event_uuid=event_uuid,
            ),
        )


def clicked(  # noqa: PLR0913  (each is an option)
    key: Annotated[
        str | None,
        typer.Argument(metavar="KEY", help="An experience key. Not needed if the file has one."),
    ] = None,
    *,
    customer_id: CustomerId = None,
    session_id: SessionId = None,
    identifiers: Identifiers = None,
    attributes: Attributes = None,
    user_agent: UserAgent = None,
    ip_address: IpAddress = None,
    platform: PlatformName = "web",
    timezone: Timezone = None,
    context: _Context = None,
    element: Annotated[
        str | None, typer.Option(help="What was clicked, as in 'Add to Cart'.")
    ] = None,
    event_time: _EventTime = None,
    event_uuid: _EventUuid = None,
    as_json: AsJson = False,
    workspace_id: WorkspaceId = None,
    data_center: DataCenterName = None,
    base_url: BaseUrl = None,
    api_key_file: ApiKeyFile = None,
    timeout: Timeout = DEFAULT_TIMEOUT,
) -> None:
    """Report that a visitor clicked an experience. Without --context, it fetches the experience."""
    output = Output(as_json)
    with reported(output):
        visitor = visitor_from(
            customer_id=customer_id,
            session_id=session_id,
            identifiers=identifiers,
            attributes=attributes,
            user_agent=user_agent,
            ip_address=ip_address,
            platform=platform,
            timezone=timezone,
        )
        connection = Connection.from_options(
            workspace_id=workspace_id,
            data_center=data_center,
            base_url=base_url,
            api_key_file=api_key_file,
            timeout=timeout,
        )
        _report(
            output,
            connection,
            _Wanted(() if key is None else (key,), visitor, context),
            lambda one: Event.clicked(
                one,
                visitor=visitor,
                element=element,
                event_time=number_or_text(event_time),
                event_uuid=event_uuid,
            ),
        )


def show_receipt(output: Output, receipt: Receipt) -> None:
    """Print the result of a report."""
    requests = ", ".join(receipt.request_ids) or "none"
    output.show(f"Accepted: {receipt.accepted}. Request ID, for MoEngage's support: {requests}")


@attrs.frozen
class _Wanted:
    """The experiences to report, and the source of their contexts."""

    keys: Sequence[str]
    visitor: Visitor
    source: str | None

    def contexts(self, client: PersonalizeClient) -> context_file.Contexts:
        """Return the contexts from the file, or from a fetch.

        Raises:
            Failure: There is none, or there are several and no key.
        """
        if self.source is not None:
            return context_file.chosen(context_file.read(self.source), self.keys)
        if not self.keys:
            raise Failure(ExitCode.REFUSED, "give a KEY to fetch, or --context with what was shown")
        found = client.fetch(*self.keys, visitor=self.visitor)
        if found.missing:
            raise Failure(
                ExitCode.NOT_FOUND, f"no experience for this visitor: {', '.join(found.missing)}"
            )
        return {key: experience.context for key, experience in found.items()}


def _report(
    output: Output,
    connection: Connection,
    wanted: _Wanted,
    event_of: Callable[[Mapping[str, Any]], Event],
) -> None:
    with connection.client() as client:
        events = {key: event_of(context) for key, context in wanted.contexts(client).items()}
        receipt = client.report(events.values())
    output.show(
        table(
            ("Experience", "Event", "Event time (epoch s)"),
            [(key, str(event.uuid), event.event_time) for key, event in events.items()],
        )
    )
    show_receipt(output, receipt)
    output.document(
        {
            "accepted": receipt.accepted,
            "request_ids": list(receipt.request_ids),
            "events": [
                {
                    "key": key or None,
                    "action": event.action.value,
                    "uuid": str(event.uuid),
                    "event_time": event.event_time,
                }
                for key, event in events.items()
            ],
        }
    )
