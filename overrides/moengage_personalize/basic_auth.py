"""The credentials of a call: the workspace ID and its Personalize API key.

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
            "must not begin or end with white space, such as a copied line break", field=name
        )
    if not (value.isascii() and value.isprintable()):
        raise InvalidArgumentError("must be printable ASCII", field=name)


def _no_colon(_: object, attribute: attrs.Attribute[str], value: str) -> None:
    if ":" in value:
        raise InvalidArgumentError(
            "must not contain a colon, which ends the user name in Basic authentication",
            field=attribute.name,
        )


@attrs.frozen
class Credentials:
    """A workspace ID and its Personalize API key, which no repr shows.

    Args:
        workspace_id: The workspace ID; the dashboard also calls it app ID or APP KEY.
        api_key: The key of the dashboard's Personalize tile; the general Data API key gets 401.

    Raises:
        InvalidArgumentError: One of them is empty, has white space around it, or cannot be sent in
            a header.
    """

    workspace_id: str = attrs.field(repr=False, validator=[_header_safe, _no_colon])
    api_key: str = attrs.field(repr=False, validator=_header_safe)

    @property
    def basic_token(self) -> str:
        """The text after `Basic` in the `Authorization` header."""
        return base64.b64encode(f"{self.workspace_id}:{self.api_key}".encode()).decode()

    @property
    def digest(self) -> str:
        """A digest that identifies the workspace without its name, in hexadecimal."""
        return hashlib.sha256(self.workspace_id.encode()).hexdigest()

    @property
    def headers(self) -> dict[str, str]:
        """The two headers of every call."""
        return {
            "Authorization": f"Basic {self.basic_token}",
            "MOE-APPKEY": self.workspace_id,
        }
