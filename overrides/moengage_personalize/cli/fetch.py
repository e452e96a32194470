"""`fetch`: the experiences of one visitor."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from moengage_personalize import (
    Experience,
    Experiences,
    PersonalizeClient,
    PersonalizeError,
    Visitor,
)
from moengage_personalize.client.operations import Moment

from . import context_file
from .client_options import Connection
from .errors import Failure, reported, tell
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
    SessionId,
    Timeout,
    UserAgent,
    WorkspaceId,
    visitor_from,
)
from .output import Output, table

__all__ = ["fetch", "show_experiences"]


def fetch(  # noqa: PLR0913  (each is an option)
    keys: Annotated[
        list[str] | None,
        typer.Argument(metavar="KEY...", help="Experience keys. Default: every experience."),
    ] = None,
    *,
    customer_id: CustomerId = None,
    session_id: SessionId = None,
    identifiers: Identifiers = None,
    attributes: Attributes = None,
    user_agent: UserAgent = None,
    ip_address: IpAddress = None,
    at: Annotated[
        str,
        typer.Option(
            help="The time, for experiences that are targeted by day or hour: now, none, or ISO "
            "8601 with an offset."
        ),
    ] = "now",
    save_context: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Write the contexts to a file, for --context of shown and clicked.",
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

    Keys without an experience for this visitor are listed as missing. The exit code is 1 only if
    nothing was found. If some of several requests fail, the experiences of the others are shown.
    """
    output = Output(as_json)
    with reported(output):
        connection = Connection.from_options(
            workspace_id=workspace_id,
            data_center=data_center,
            base_url=base_url,
            api_key_file=api_key_file,
            timeout=timeout,
        )
        visitor = visitor_from(
            customer_id=customer_id,
            session_id=session_id,
            identifiers=identifiers,
            attributes=attributes,
            user_agent=user_agent,
            ip_address=ip_address,
        )
        with connection.client() as client:
            experiences, failure = _fetched(client, keys or (), visitor, _moment(at))
        if save_context is not None:
            context_file.save(save_context, experiences)
        show_experiences(output, experiences)
        output.document(_document(experiences))
        for key, error in experiences.errors.items():
            if error is not failure:
                output.say(f"{key}: {error}")
        if failure is not None:
            lost = [key for key, error in experiences.errors.items() if error is failure]
            output.say(f"Not fetched: {', '.join(lost)}")
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


def _moment(text: str) -> Moment:
    if text in {"now", "none"}:
        return "now" if text == "now" else None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise Failure(
            ExitCode.REFUSED, "--at: give now, none, or ISO 8601, as in 2026-01-31T12:00:00Z"
        ) from None


def _fetched(
    client: PersonalizeClient, keys: Sequence[str], visitor: Visitor, at: Moment
) -> tuple[Experiences, PersonalizeError | None]:
    try:
        return client.fetch(*keys, visitor=visitor, at=at), None
    except PersonalizeError as error:
        if error.experiences is None:
            raise
        found: Experiences = error.experiences
        return found, error


def _document(experiences: Experiences) -> dict[str, Any]:
    return {
        "experiences": {key: _described(experience) for key, experience in experiences.items()},
        "missing": list(experiences.missing),
        "failed": {key: str(error) for key, error in experiences.errors.items()},
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
