"""`shown` and `clicked`: reports of one customer's impressions and clicks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any

import typer

from moengage_personalize import Event, Receipt

from . import context_file
from .client_options import Connection
from .errors import Failure, reported
from .exit_codes import ExitCode
from .options import (
    DEFAULT_TIMEOUT,
    ApiKeyFile,
    AsJson,
    BaseUrl,
    CustomerId,
    DataCenterName,
    Timeout,
    WorkspaceId,
    number_or_text,
)
from .output import Output, table

__all__ = ["clicked", "show_receipt", "shown"]

_Platform = Annotated[str, typer.Option(help="web, android, ios or tv.")]
_Context = Annotated[
    str,
    typer.Option(
        metavar="FILE",
        help="What fetch gave with --save-context or --json; - for stdin.",
    ),
]
_EventTime = Annotated[
    str | None,
    typer.Option(
        help="When, as ISO 8601 with an offset or in epoch seconds. Default: now.",
        show_default=False,
    ),
]
_Timezone = Annotated[
    str | None,
    typer.Option(help="The user's time zone, as in Asia/Kolkata, or seconds from UTC, as 19800."),
]
_EventUuid = Annotated[
    str | None,
    typer.Option(
        help="Of an event that was not delivered: its UUID (version 4), so that it cannot count "
        "twice. Default: a fresh one.",
        show_default=False,
    ),
]


def shown(  # noqa: PLR0913  (each is an option)
    *,
    customer_id: CustomerId,
    platform: _Platform,
    context: _Context,
    key: Annotated[
        list[str] | None,
        typer.Option(help="Which experiences, where the file has several. Repeatable."),
    ] = None,
    event_time: _EventTime = None,
    timezone: _Timezone = None,
    event_uuid: _EventUuid = None,
    as_json: AsJson = False,
    workspace_id: WorkspaceId = None,
    data_center: DataCenterName = None,
    base_url: BaseUrl = None,
    api_key_file: ApiKeyFile = None,
    timeout: Timeout = DEFAULT_TIMEOUT,
) -> None:
    """Report that a customer saw one or more experiences."""
    output = Output(as_json)
    with reported(output):
        connection = Connection.from_options(
            workspace_id=workspace_id,
            data_center=data_center,
            base_url=base_url,
            api_key_file=api_key_file,
            timeout=timeout,
        )
        wanted = context_file.chosen(context_file.read(context), key or ())
        if event_uuid is not None and len(wanted) > 1:
            raise Failure(ExitCode.REFUSED, "--event-uuid: is of one event, so give one --key")
        _report(
            output,
            connection,
            wanted,
            lambda one: Event.shown(
                one,
                customer_id=customer_id,
                platform=platform,
                event_time=number_or_text(event_time),
                user_timezone_offset=number_or_text(timezone),
                event_uuid=event_uuid,
            ),
        )


def clicked(  # noqa: PLR0913  (each is an option)
    *,
    customer_id: CustomerId,
    platform: _Platform,
    context: _Context,
    key: Annotated[
        str | None, typer.Option(help="Which experience, where the file has several.")
    ] = None,
    element: Annotated[
        str | None, typer.Option(help="What was clicked, as in 'Add to Cart'.")
    ] = None,
    event_time: _EventTime = None,
    timezone: _Timezone = None,
    event_uuid: _EventUuid = None,
    as_json: AsJson = False,
    workspace_id: WorkspaceId = None,
    data_center: DataCenterName = None,
    base_url: BaseUrl = None,
    api_key_file: ApiKeyFile = None,
    timeout: Timeout = DEFAULT_TIMEOUT,
) -> None:
    """Report that a customer clicked an experience."""
    output = Output(as_json)
    with reported(output):
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
            context_file.chosen(context_file.read(context), () if key is None else (key,)),
            lambda one: Event.clicked(
                one,
                customer_id=customer_id,
                platform=platform,
                element=element,
                event_time=number_or_text(event_time),
                user_timezone_offset=number_or_text(timezone),
                event_uuid=event_uuid,
            ),
        )


def show_receipt(output: Output, receipt: Receipt) -> None:
    """Print what a report achieved."""
    requests = ", ".join(receipt.request_ids) or "none"
    output.show(f"Accepted: {receipt.accepted}. Request ID, for MoEngage's support: {requests}")


def _report(
    output: Output,
    connection: Connection,
    wanted: context_file.Contexts,
    event_of: Callable[[Mapping[str, Any]], Event],
) -> None:
    events = {key: event_of(context) for key, context in wanted.items()}
    with connection.client() as client:
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
