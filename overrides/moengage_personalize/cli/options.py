"""The options that several commands share, and how their texts become values."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Final, cast

import typer

from moengage_personalize import Visitor
from moengage_personalize.models.visitor import Platform

from .errors import Failure
from .exit_codes import MEANINGS, ExitCode

__all__ = [
    "DEFAULT_TIMEOUT",
    "EXIT_CODES",
    "ApiKeyFile",
    "AsJson",
    "Attributes",
    "BaseUrl",
    "CustomerId",
    "DataCenterName",
    "Identifiers",
    "IpAddress",
    "PlatformName",
    "SessionId",
    "Timeout",
    "Timezone",
    "UserAgent",
    "WorkspaceId",
    "number_or_text",
    "pairs",
    "visitor_from",
]

DEFAULT_TIMEOUT: Final = 5.0
"""Seconds; more patient than the client's own, as a person waits and no page does."""

EXIT_CODES: Final = "\n".join(
    ["Exit codes:", *(f"{code.value}  {meaning}" for code, meaning in MEANINGS.items())]
)

_CONNECTION: Final = "Connection (the API key comes from MOENGAGE_PERSONALIZE_API_KEY)"

_VISITOR: Final = "Visitor"

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
    str | None,
    typer.Option(
        help="The ID by which the workspace knows the customer.", rich_help_panel=_VISITOR
    ),
]
SessionId = Annotated[
    str | None,
    typer.Option(
        help="Of an anonymous visitor: who events are about. A fetch never sends it.",
        rich_help_panel=_VISITOR,
    ),
]
Identifiers = Annotated[
    list[str] | None,
    typer.Option(
        "--identifier",
        metavar="NAME=VALUE",
        help="Where the customer ID is absent or unknown: another identifier, as in "
        "u_em=jane@example.com. Repeatable.",
        rich_help_panel=_VISITOR,
    ),
]
Attributes = Annotated[
    list[str] | None,
    typer.Option(
        "--attribute",
        metavar="NAME=VALUE",
        help="An in-session attribute, as in utm_medium=email. Repeatable.",
        rich_help_panel=_VISITOR,
    ),
]
UserAgent = Annotated[
    str | None,
    typer.Option(
        "--visitor-user-agent",
        help="The visitor's User-Agent header.",
        rich_help_panel=_VISITOR,
    ),
]
IpAddress = Annotated[
    str | None,
    typer.Option("--visitor-ip-address", help="The visitor's address.", rich_help_panel=_VISITOR),
]
PlatformName = Annotated[
    str,
    typer.Option("--platform", help="web, android, ios or tv.", rich_help_panel=_VISITOR),
]
Timezone = Annotated[
    str | None,
    typer.Option(
        help="The visitor's time zone, as in Asia/Kolkata, or seconds from UTC, as 19800.",
        rich_help_panel=_VISITOR,
    ),
]


def visitor_from(  # noqa: PLR0913  (each is an option)
    *,
    customer_id: str | None,
    session_id: str | None,
    identifiers: Sequence[str] | None,
    attributes: Sequence[str] | None,
    user_agent: str | None,
    ip_address: str | None,
    platform: str = "web",
    timezone: str | None = None,
) -> Visitor:
    """The visitor of the options.

    Raises:
        Failure: Something cannot be sent, which a page would leave out, and a person is told.
        InvalidArgumentError: The platform or the time zone is unknown.
    """
    given: dict[str, Any] = {
        "customer_id": customer_id,
        "session_id": session_id,
        "identifiers": pairs("--identifier", identifiers or ()),
        "attributes": pairs("--attribute", attributes or ()),
        "user_agent": user_agent,
        "ip_address": ip_address,
    }
    visitor = Visitor(
        **given, platform=cast("Platform", platform), timezone=number_or_text(timezone)
    )
    for name, value in given.items():
        if getattr(visitor, name) != value:
            raise Failure(
                ExitCode.REFUSED, f"{name}: is blank, holds what cannot be sent, or names a field"
            )
    return visitor


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
