"""What both clients are made from: arguments or the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, Final

from moengage_personalize import validation
from moengage_personalize.basic_auth import Credentials
from moengage_personalize.data_centers import DataCenter, resolve_base_url
from moengage_personalize.errors import InvalidArgumentError
from moengage_personalize.transport.retry_policy import RetryPolicy
from moengage_personalize.transport.settings import Settings
from moengage_personalize.version import package_version

__all__ = ["DEFAULT_TIMEOUT", "arguments_from", "settings"]

DEFAULT_TIMEOUT: Final = 2.0
"""Seconds for one call, all its attempts and pauses included."""

_WORKSPACE_ID: Final = "MOENGAGE_WORKSPACE_ID"
_API_KEY: Final = "MOENGAGE_PERSONALIZE_API_KEY"
_DATA_CENTER: Final = "MOENGAGE_DATA_CENTER"
_BASE_URL: Final = "MOENGAGE_BASE_URL"


def settings(  # noqa: PLR0913  (the clients' arguments)
    workspace_id: str,
    api_key: str,
    *,
    data_center: DataCenter | str | int | None,
    base_url: str | None,
    timeout: float,
    retries: int,
) -> Settings:
    """Check a client's arguments.

    Raises:
        InvalidArgumentError: One of them is not acceptable; the error names it.
    """
    if isinstance(retries, bool) or not isinstance(retries, int) or retries < 0:
        raise InvalidArgumentError("must be a whole number, 0 or more", field="retries")
    return Settings(
        base_url=resolve_base_url(data_center, base_url),
        credentials=Credentials(workspace_id, api_key),
        timeout=validation.seconds("timeout", timeout),
        policy=RetryPolicy(retries=retries),
        user_agent=f"moengage-personalize/{package_version()} (Python)",
    )


def arguments_from(
    environment: Mapping[str, str] | None, options: Mapping[str, Any]
) -> dict[str, Any]:
    """A client's arguments from environment variables; empty ones count as unset.

    Options come on top; one that names the host replaces both variables that would.

    Raises:
        InvalidArgumentError: A variable is missing, or both sources of the host are set.
    """
    variables = os.environ if environment is None else environment
    for name in (_WORKSPACE_ID, _API_KEY):
        if not variables.get(name):
            raise InvalidArgumentError("is not set", field=f"{name} (environment)")
    if not options.keys().isdisjoint({"data_center", "base_url"}):
        return {"workspace_id": variables[_WORKSPACE_ID], "api_key": variables[_API_KEY], **options}
    data_center, base_url = variables.get(_DATA_CENTER) or None, variables.get(_BASE_URL) or None
    if (data_center is None) == (base_url is None):
        raise InvalidArgumentError(
            f"set exactly one of {_DATA_CENTER} (the number in your dashboard's host) and "
            f"{_BASE_URL}",
            field=f"{_DATA_CENTER}, {_BASE_URL} (environment)",
        )
    return {
        "workspace_id": variables[_WORKSPACE_ID],
        "api_key": variables[_API_KEY],
        "data_center": data_center,
        "base_url": base_url,
        **options,
    }
