"""Who is calling: the workspace and its Personalize API key.

Guide: "Authentication".
"""

from __future__ import annotations

import base64
import hashlib

import attrs

from . import validation
from .errors import InvalidArgumentError

__all__ = ["Credentials"]


def _header_safe(_: object, attribute: attrs.Attribute[str], value: str) -> None:
    name = attribute.name
    validation.text(name, value)
    if value != value.strip():
        raise InvalidArgumentError(
            "begins or ends with white space; a line break copied along?", field=name
        )
    if not (value.isascii() and value.isprintable()):
        raise InvalidArgumentError("must be printable ASCII", field=name)


def _no_colon(_: object, attribute: attrs.Attribute[str], value: str) -> None:
    if ":" in value:
        raise InvalidArgumentError(
            "must not hold a colon, which ends the user name in Basic authentication",
            field=attribute.name,
        )


@attrs.frozen
class Credentials:
    """A workspace ID and its Personalize API key, which shows in no repr.

    Args:
        workspace_id: The dashboard also calls it app ID or APP KEY.
        api_key: The key of the dashboard's Personalize tile; the general Data API key gets 401.

    Raises:
        InvalidArgumentError: One of them is empty, has white space around it, or could not be sent
            in a header.
    """

    workspace_id: str = attrs.field(repr=False, validator=[_header_safe, _no_colon])
    api_key: str = attrs.field(repr=False, validator=_header_safe)

    @property
    def basic_token(self) -> str:
        """What follows `Basic` in the `Authorization` header."""
        return base64.b64encode(f"{self.workspace_id}:{self.api_key}".encode()).decode()

    @property
    def digest(self) -> str:
        """What tells workspaces apart without naming them, in hexadecimal."""
        return hashlib.sha256(self.workspace_id.encode()).hexdigest()

    @property
    def headers(self) -> dict[str, str]:
        """The two headers that every call carries."""
        return {
            "Authorization": f"Basic {self.basic_token}",
            "MOE-APPKEY": self.workspace_id,
        }
