"""`metadata`: the workspace's experiences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, cast

import attrs
import typer

from moengage_personalize import ExperienceMetadata
from moengage_personalize.client.operations import Status

from .client_options import Connection
from .errors import reported
from .options import (
    DEFAULT_TIMEOUT,
    ApiKeyFile,
    AsJson,
    BaseUrl,
    DataCenterName,
    Timeout,
    WorkspaceId,
)
from .output import Output, table

__all__ = ["metadata", "show_metadata"]


def metadata(  # noqa: PLR0913  (each is an option)
    statuses: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="STATUS...", help="Active, Paused or Scheduled. Default: every status."
        ),
    ] = None,
    *,
    as_json: AsJson = False,
    workspace_id: WorkspaceId = None,
    data_center: DataCenterName = None,
    base_url: BaseUrl = None,
    api_key_file: ApiKeyFile = None,
    timeout: Timeout = DEFAULT_TIMEOUT,
) -> None:
    """List the workspace's experiences."""
    output = Output(as_json)
    with reported(output):
        connection = Connection.from_options(
            workspace_id=workspace_id,
            data_center=data_center,
            base_url=base_url,
            api_key_file=api_key_file,
            timeout=timeout,
        )
        with connection.client() as client:
            listing = client.metadata(*cast("list[Status]", statuses or []))
        show_metadata(output, listing)
        output.document(
            {"count": len(listing), "experiences": [attrs.asdict(entry) for entry in listing]}
        )


def show_metadata(output: Output, listing: Sequence[ExperienceMetadata]) -> None:
    """Print a listing of experiences."""
    if not listing:
        output.show("The workspace has no experience in this status.")
        return
    output.show(
        table(
            ("Experience", "Name", "Status"),
            [(entry.experience_key, entry.experience_name, entry.status) for entry in listing],
        )
    )
