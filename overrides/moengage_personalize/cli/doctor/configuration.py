"""Checks that options and variables are complete and well-formed. Sends nothing."""

from __future__ import annotations

from moengage_personalize.basic_auth import Credentials
from moengage_personalize.cli.client_options import (
    API_KEY,
    BASE_URL,
    DATA_CENTER,
    WORKSPACE_ID,
    Connection,
)
from moengage_personalize.data_centers import resolve_base_url
from moengage_personalize.errors import InvalidArgumentError

from .findings import Check

__all__ = ["api_key_check", "host_check", "workspace_id_check"]

_WELL_FORMED = "well-formed"


def workspace_id_check(connection: Connection) -> Check:
    """Check that there is a workspace ID, and that it can be sent."""
    name = "workspace ID"
    if connection.workspace_id is None:
        return Check.failed(name, "not set", f"set {WORKSPACE_ID} or give --workspace-id")
    try:
        Credentials(connection.workspace_id, _WELL_FORMED)
    except InvalidArgumentError as error:
        return Check.failed(name, str(error), f"correct {WORKSPACE_ID} or --workspace-id")
    return Check.ok(name, _WELL_FORMED)


def api_key_check(connection: Connection) -> Check:
    """Check that there is an API key, and that it can be sent."""
    name = "API key"
    if connection.api_key is None:
        return Check.failed(
            name,
            "not set",
            f"set {API_KEY} or give --api-key-file; the key is on the dashboard's Personalize tile",
        )
    try:
        Credentials(_WELL_FORMED, connection.api_key)
    except InvalidArgumentError as error:
        return Check.failed(name, str(error), f"correct {API_KEY} or the file")
    return Check.ok(name, _WELL_FORMED)


def host_check(connection: Connection) -> tuple[Check, str | None]:
    """Check that exactly one host is set; return its base URL too, if it is."""
    name = "host"
    try:
        base_url = resolve_base_url(connection.data_center, connection.base_url)
    except InvalidArgumentError as error:
        advice = (
            f"set exactly one of {DATA_CENTER} (the number in your dashboard's host) and "
            f"{BASE_URL}, or give --data-center"
        )
        if connection.data_center is None and connection.base_url is None:
            return Check.failed(name, "no data center is set", advice), None
        return Check.failed(name, str(error), advice), None
    return Check.ok(name, base_url), base_url
