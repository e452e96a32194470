"""`fetch`: the experiences of one visitor."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from moengage_personalize import (
    Experience,
    Experiences,
    PartialFetchError,
    PersonalizeClient,
    RequestContext,
)

from . import context_file
from .client_options import Connection
from .errors import Failure, reported, tell
from .exit_codes import ExitCode
from .options import (
    DEFAULT_TIMEOUT,
    ApiKeyFile,
    AsJson,
    BaseUrl,
    DataCenterName,
    Timeout,
    WorkspaceId,
    pairs,
)
from .output import Output, table

__all__ = ["fetch", "show_experiences"]

_VISITOR = "Visitor"
_MOMENT = "Moment"


def fetch(  # noqa: PLR0913  (each is an option)
    keys: Annotated[
        list[str] | None,
        typer.Argument(metavar="KEY...", help="Experience keys. None: every experience."),
    ] = None,
    *,
    customer_id: Annotated[
        str | None,
        typer.Option(
            help="The identifier that the workspace knows the customer by.",
            rich_help_panel=_VISITOR,
        ),
    ] = None,
    identifier: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=VALUE",
            help="Where the customer ID is absent or unknown: another identifier, as in "
            "u_em=jane@example.com. Repeatable.",
            rich_help_panel=_VISITOR,
        ),
    ] = None,
    attribute: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=VALUE",
            help="An in-session attribute, as in utm_medium=email. Repeatable.",
            rich_help_panel=_VISITOR,
        ),
    ] = None,
    user_agent: Annotated[
        str | None,
        typer.Option(help="The visitor's User-Agent header.", rich_help_panel=_VISITOR),
    ] = None,
    ip_address: Annotated[
        str | None, typer.Option(help="The visitor's address.", rich_help_panel=_VISITOR)
    ] = None,
    day: Annotated[
        str | None, typer.Option(help="Monday to Sunday.", rich_help_panel=_MOMENT)
    ] = None,
    hour: Annotated[
        str | None, typer.Option(help="The hour in UTC, 00 to 23.", rich_help_panel=_MOMENT)
    ] = None,
    now: Annotated[
        bool, typer.Option("--now", help="The day and hour of now.", rich_help_panel=_MOMENT)
    ] = False,
    save_context: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Write the contexts to a file, for the --context of shown and clicked.",
        ),
    ] = None,
    as_json: AsJson = False,
    workspace_id: WorkspaceId = None,
    data_center: DataCenterName = None,
    base_url: BaseUrl = None,
    api_key_file: ApiKeyFile = None,
    timeout: Timeout = DEFAULT_TIMEOUT,
) -> None:
    """Fetch experiences for one visitor.

    Keys without an experience for this visitor are listed as missing; the exit code is 1 only where
    nothing at all was found. A failure of some requests of many keys shows the others' experiences.
    """
    output = Output(as_json)
    with reported(output):
        if now and (day or hour):
            raise Failure(ExitCode.REFUSED, "--now gives the day and the hour already")
        connection = Connection.from_options(
            workspace_id=workspace_id,
            data_center=data_center,
            base_url=base_url,
            api_key_file=api_key_file,
            timeout=timeout,
        )
        arguments: dict[str, Any] = {
            "customer_id": customer_id,
            "user_identifiers": pairs("--identifier", identifier or ()),
            "visitor": RequestContext(user_agent=user_agent, ip_address=ip_address),
            "at": datetime.now(UTC) if now else None,
            "day": day,
            "hour": hour.zfill(2) if hour else None,
            "attributes": pairs("--attribute", attribute or ()),
        }
        with connection.client() as client:
            experiences, failure = _fetched(client, keys or (), arguments)
        if save_context is not None:
            context_file.save(save_context, experiences)
        show_experiences(output, experiences)
        output.document(_document(experiences, failure))
        if failure is not None:
            raise typer.Exit(tell(output, failure))
        if not experiences:
            output.say("No experience for this visitor.")
            raise typer.Exit(ExitCode.NOT_FOUND)


def show_experiences(output: Output, experiences: Experiences) -> None:
    """Print experiences value by value, and the keys without one."""
    rows: list[tuple[object, ...]] = []
    for key, experience in experiences.items():
        source = experience.source.value
        rows += [
            (key, source, name, experience[name], typed.data_type)
            for name, typed in experience.payload.items()
        ] or [(key, source, "no values", "", "")]
    if rows:
        output.show(table(("Experience", "Source", "Name", "Value", "Data type"), rows))
    if experiences.missing:
        output.show(table(("Without an experience",), [(key,) for key in experiences.missing]))


def _fetched(
    client: PersonalizeClient, keys: list[str] | tuple[()], arguments: dict[str, Any]
) -> tuple[Experiences, PartialFetchError | None]:
    try:
        return client.fetch(*keys, **arguments), None
    except PartialFetchError as error:
        found: Experiences = error.experiences
        return found, error


def _document(experiences: Experiences, failure: PartialFetchError | None) -> dict[str, Any]:
    return {
        "experiences": {key: _described(experience) for key, experience in experiences.items()},
        "missing": list(experiences.missing),
        "failed": {} if failure is None else {k: str(e) for k, e in failure.failures.items()},
    }


def _described(experience: Experience) -> dict[str, Any]:
    return {
        "source": experience.source.value,
        "payload": {
            name: {"value": experience[name], "data_type": typed.data_type}
            for name, typed in experience.payload.items()
        },
        "context": experience.context,
    }
