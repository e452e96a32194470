"""The options that several commands share, and their conversion to values."""

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
"""In seconds; longer than the client's default, because no page waits for a command."""

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
        help="The API's address, instead of the data center. Default: MOENGAGE_BASE_URL.",
        show_default=False,
        rich_help_panel=_CONNECTION,
    ),
]
ApiKeyFile = Annotated[
    Path | None,
    typer.Option(
        help="A file with the API key, instead of the variable.",
        show_default=False,
        rich_help_panel=_CONNECTION,
    ),
]
Timeout = Annotated[
    float,
    typer.Option(
        help="The longest time of the call with its retries, in seconds.",
        rich_help_panel=_CONNECTION,
    ),
]
AsJson = Annotated[
    bool, typer.Option("--json", help="Print one JSON document on stdout instead of tables.")
]
CustomerId = Annotated[
    str | None,
    typer.Option(help="The customer's ID in the workspace.", rich_help_panel=_VISITOR),
]
SessionId = Annotated[
    str | None,
    typer.Option(
        help="An anonymous visitor's session ID, for events. A fetch never sends it.",
        rich_help_panel=_VISITOR,
    ),
]
Identifiers = Annotated[
    list[str] | None,
    typer.Option(
        "--identifier",
        metavar="NAME=VALUE",
        help="Another identifier, used if the customer ID is missing or unknown, as in "
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
    typer.Option(
        "--visitor-ip-address", help="The visitor's IP address.", rich_help_panel=_VISITOR
    ),
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
    """Make the visitor from the options.

    Raises:
        Failure: A value cannot be sent. A page would leave it out; here, a person can correct it.
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
                ExitCode.REFUSED,
                f"{name}: is blank, has characters that cannot be sent, or has the name of a field",
            )
    return visitor


def pairs(option: str, texts: Sequence[str]) -> dict[str, str]:
    """Read the names and values of a repeatable `name=value` option.

    Raises:
        Failure: One has no name or no `=`, or a name is given twice. The message leaves the text
            out, because it may identify a customer.
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
    """Convert text to a whole number if it is one; the client reads other spellings itself."""
    if text is not None and re.fullmatch(r"[+-]?\d+", text.strip(), re.ASCII):
        return int(text)
    return text
