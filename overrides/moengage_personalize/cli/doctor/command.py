"""`doctor`: runs the checks and prints them."""

from __future__ import annotations

from typing import Annotated, Final

import attrs
import typer

from moengage_personalize.cli.client_options import Connection, refuse_if_disabled
from moengage_personalize.cli.errors import reported
from moengage_personalize.cli.exit_codes import ExitCode
from moengage_personalize.cli.options import (
    DEFAULT_TIMEOUT,
    ApiKeyFile,
    AsJson,
    BaseUrl,
    DataCenterName,
    WorkspaceId,
)
from moengage_personalize.cli.output import Output, table
from moengage_personalize.validation import seconds

from .diagnosis import Diagnosis, diagnose
from .findings import Status
from .survey import Verdict, data_centers

__all__ = ["doctor"]

_MARKS: Final = {
    Status.OK: "✓ ok",
    Status.FAILED: "✗ failed",
    Status.SKIPPED: "- skipped",
    Verdict.ACCEPTED: "✓ accepted",
    Verdict.REFUSED: "✗ refused",
    Verdict.UNDECIDED: "? undecided",
}


def doctor(  # noqa: PLR0913  (each is an option)
    *,
    all_data_centers: Annotated[
        bool,
        typer.Option(
            "--all-data-centers",
            help="Ask every data center of MoEngage which one accepts the credentials.",
        ),
    ] = False,
    as_json: AsJson = False,
    workspace_id: WorkspaceId = None,
    data_center: DataCenterName = None,
    base_url: BaseUrl = None,
    api_key_file: ApiKeyFile = None,
    timeout: Annotated[
        float, typer.Option(help="The longest time of each of the five network steps, in seconds.")
    ] = DEFAULT_TIMEOUT,
) -> None:
    """Check configuration, network and credentials, and say what to do.

    If your data center refuses the credentials, or none is set, it tries them at every data center
    of MoEngage. It only reads, and reports nothing about customers.
    """
    output = Output(as_json)
    with reported(output):
        refuse_if_disabled()
        connection = Connection.from_options(
            workspace_id=workspace_id,
            data_center=data_center,
            base_url=base_url,
            api_key_file=api_key_file,
            timeout=seconds("timeout", timeout),
        )
        diagnosis = diagnose(connection, data_centers(), everywhere=all_data_centers)
        _show(output, diagnosis)
        if not diagnosis.healthy:
            raise typer.Exit(ExitCode.NOT_FOUND)


def _show(output: Output, diagnosis: Diagnosis) -> None:
    output.show(
        table(
            ("", "Check", "Found", "What to do"),
            [
                (_MARKS[check.status], check.name, check.detail, check.advice)
                for check in diagnosis.checks
            ],
        )
    )
    if diagnosis.answers:
        output.show(
            table(
                ("", "Data center", "Answer"),
                [
                    (_MARKS[answer.verdict], answer.data_center, answer.detail)
                    for answer in diagnosis.answers
                ],
            )
        )
    output.document(
        {
            "healthy": diagnosis.healthy,
            "checks": [attrs.asdict(check) for check in diagnosis.checks],
            "data_centers": [attrs.asdict(answer) for answer in diagnosis.answers],
        }
    )
