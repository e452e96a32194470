"""The settings of both clients: from arguments, and otherwise from the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Final

import attrs

from moengage_personalize import validation
from moengage_personalize.data_centers import DataCenter
from moengage_personalize.errors import InvalidArgumentError

__all__ = [
    "API_KEY",
    "BASE_URL",
    "DATA_CENTER",
    "DEFAULT_TIMEOUT",
    "DISABLED",
    "NOWHERE",
    "WORKSPACE_ID",
    "Connection",
]

DEFAULT_TIMEOUT: Final = 2.0
"""The longest time of one call with all attempts and pauses, in seconds."""

WORKSPACE_ID: Final = "MOENGAGE_WORKSPACE_ID"
API_KEY: Final = "MOENGAGE_PERSONALIZE_API_KEY"
DATA_CENTER: Final = "MOENGAGE_DATA_CENTER"
BASE_URL: Final = "MOENGAGE_BASE_URL"
DISABLED: Final = "MOENGAGE_DISABLED"

_ON: Final = ("1", "true", "yes", "on")
_OFF: Final = ("0", "false", "no", "off")


@attrs.frozen
class Connection:
    """The host and credentials of a client; `None` if no argument and no variable sets it."""

    workspace_id: str | None = attrs.field(repr=False)
    api_key: str | None = attrs.field(repr=False)
    data_center: DataCenter | str | int | None
    base_url: str | None

    @classmethod
    def from_env(
        cls,
        environment: Mapping[str, str] | None = None,
        *,
        workspace_id: str | None = None,
        api_key: str | None = None,
        data_center: DataCenter | str | int | None = None,
        base_url: str | None = None,
    ) -> Connection:
        """Use each argument that is given, and otherwise its environment variable.

        An argument for the host replaces both variables for it. An empty variable counts as not
        set. `MOENGAGE_DISABLED=1` gives `NOWHERE`.
        """
        variables = os.environ if environment is None else environment
        if _is_disabled(variables):
            return NOWHERE
        if data_center is None and base_url is None:
            data_center, base_url = _set(variables, DATA_CENTER), _set(variables, BASE_URL)
        return cls(
            _set(variables, WORKSPACE_ID) if workspace_id is None else workspace_id,
            _set(variables, API_KEY) if api_key is None else api_key,
            data_center,
            base_url,
        )

    def credentials(self) -> tuple[str, str]:
        """Return the workspace ID and the API key; check that exactly one host is set too.

        Raises:
            InvalidArgumentError: One is not set, or both variables for the host are set.
        """
        if self.workspace_id is None:
            raise _not_set("workspace_id", WORKSPACE_ID)
        if self.api_key is None:
            raise _not_set("api_key", API_KEY)
        if (self.data_center is None) == (self.base_url is None):
            raise InvalidArgumentError(
                f"set exactly one of {DATA_CENTER} (the number in your dashboard's host) and "
                f"{BASE_URL}, or pass one of the two",
                field="data_center, base_url",
            )
        return self.workspace_id, self.api_key


NOWHERE: Final = Connection("disabled", "disabled", None, "http://localhost/v1")
"""The host and credentials of a disabled client, which calls none."""


def _set(variables: Mapping[str, str], name: str) -> str | None:
    return variables.get(name) or None


def _not_set(argument: str, variable: str) -> InvalidArgumentError:
    return InvalidArgumentError(f"is not set: pass it, or set {variable}", field=argument)


def _is_disabled(variables: Mapping[str, str]) -> bool:
    said = variables.get(DISABLED, "").strip().lower() or "0"
    return validation.choice(DISABLED, said, (*_ON, *_OFF)) in _ON
