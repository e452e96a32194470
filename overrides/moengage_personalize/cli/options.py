"""The options that several commands share, and how their texts become values."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final

import typer

from .errors import Failure
from .exit_codes import MEANINGS, ExitCode

__all__ = [
    "DEFAULT_TIMEOUT",
    "EXIT_CODES",
    "ApiKeyFile",
    "AsJson",
    "BaseUrl",
    "CustomerId",
    "DataCenterName",
    "Timeout",
    "WorkspaceId",
    "number_or_text",
    "pairs",
]

DEFAULT_TIMEOUT: Final = 5.0
"""Seconds; more patient than the client's own, as a person waits and no page does."""

EXIT_CODES: Final = "\n".join(
    ["Exit codes:", *(f"{code.value}  {meaning}" for code, meaning in MEANINGS.items())]
)

_CONNECTION: Final = "Connection (the API key comes from MOENGAGE_PERSONALIZE_API_KEY)"

WorkspaceId = Annotated[
    str | None,
    typer.Option(
        help="The workspace. Default: MOENGAGE_WORKSPACE_ID.",
        show_default=False,
        rich_help_panel=_CONNECTION,
    ),
]
DataCenterName = Annotated[
    str | None,
    typer.Option(
        "--data-center",
        help="The number in your dashboard's host, as 03 in https://dashboard-03.moengage.com. "
        "Default: MOENGAGE_DATA_CENTER.",
        show_default=False,
        rich_help_panel=_CONNECTION,
    ),
]
BaseUrl = Annotated[
    str | None,
    typer.Option(
        help="Instead of the data center: the API's address. Default: MOENGAGE_BASE_URL.",
        show_default=False,
        rich_help_panel=_CONNECTION,
    ),
]
ApiKeyFile = Annotated[
    Path | None,
    typer.Option(
        help="A file that holds the API key, instead of the variable.",
        show_default=False,
        rich_help_panel=_CONNECTION,
    ),
]
Timeout = Annotated[
    float,
    typer.Option(
        help="Seconds that the call may take, its retries included.",
        rich_help_panel=_CONNECTION,
    ),
]
AsJson = Annotated[
    bool, typer.Option("--json", help="Print one JSON document on stdout instead of tables.")
]
CustomerId = Annotated[
    str,
    typer.Option(help="The identifier that the workspace knows the customer by."),
]


def pairs(option: str, texts: Sequence[str]) -> dict[str, str]:
    """The names and values of a repeatable `name=value` option.

    Raises:
        Failure: One has no name or no `=`, or a name comes twice. The text is not repeated, as it
            may identify a customer.
    """
    values: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not (name and equals):
            raise Failure(ExitCode.REFUSED, f"{option}: give a name and a value, as in name=value")
        if name in values:
            raise Failure(ExitCode.REFUSED, f"{option}: {name} is given twice")
        values[name] = value
    return values


def number_or_text(text: str | None) -> int | str | None:
    """A whole number where a text is one; the client reads other spellings itself."""
    if text is not None and re.fullmatch(r"[+-]?\d+", text.strip(), re.ASCII):
        return int(text)
    return text
