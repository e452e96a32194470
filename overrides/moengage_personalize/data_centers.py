"""The data centers, and the host of a workspace.

A workspace is in exactly one data center and is unknown to the others, so there is no default.
"""

from __future__ import annotations

import ipaddress
import re
from enum import Enum
from urllib.parse import urlsplit

import httpx

from .errors import InvalidArgumentError

__all__ = ["DataCenter", "is_loopback", "resolve_base_url"]

_NUMBER = re.compile(r"(?:DC[-_ ]?)?(\d{1,3})", re.ASCII | re.IGNORECASE)
_HOST = re.compile(r"(?:dashboard|sdk)-(\d{1,3})\.moengage\.com", re.ASCII)


class DataCenter(Enum):
    """A MoEngage data center; the value is its two- or three-digit number."""

    DC_01 = "01"
    """US"""
    DC_02 = "02"
    """EU"""
    DC_03 = "03"
    """India"""
    DC_04 = "04"
    """US"""
    DC_05 = "05"
    """Singapore"""
    DC_06 = "06"
    """Indonesia"""
    DC_101 = "101"
    """Region not stated by MoEngage"""

    @property
    def base_url(self) -> str:
        """The Personalize API's address in this data center."""
        return f"https://sdk-{self.value}.moengage.com/v1"

    @classmethod
    def parse(cls, spelling: DataCenter | str | int) -> DataCenter:
        """Read a data center from any of its spellings.

        Args:
            spelling: `"03"`, `3`, `"DC-03"`, a `DataCenter`, or the address of the dashboard
                (`https://dashboard-03.moengage.com/...`).

        Raises:
            InvalidArgumentError: It is not a known data center.
        """
        if isinstance(spelling, cls):
            return spelling
        number = _number_in(spelling)
        for data_center in cls:
            if number is not None and int(data_center.value) == number:
                return data_center
        shown = "this" if number is None else f"{number:02}"  # what was given may hold a secret
        raise InvalidArgumentError(
            f"{shown} is not a known data center; give the number in your dashboard's host, "
            "as in https://dashboard-03.moengage.com (for one newer than this package, "
            "give base_url instead)",
            field="data_center",
            accepted=tuple(data_center.value for data_center in cls),
        )


def _number_in(spelling: object) -> int | None:
    if isinstance(spelling, int) and not isinstance(spelling, bool):
        return spelling
    if not isinstance(spelling, str):
        return None
    spelling = spelling.strip()
    match = _NUMBER.fullmatch(spelling)
    if match is None:
        address = spelling if "://" in spelling else f"https://{spelling}"
        try:
            host = urlsplit(address).hostname or ""
        except ValueError:
            return None
        match = _HOST.fullmatch(host)
    return int(match[1]) if match else None


def is_loopback(host: str) -> bool:
    """Return whether a host is this machine itself."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def resolve_base_url(data_center: DataCenter | str | int | None, base_url: str | None) -> str:
    """Return the address to call, from exactly one of the two arguments.

    Raises:
        InvalidArgumentError: Neither or both are given; or `base_url` is not an https address (http
            is accepted for this machine itself), or has credentials, a query or a fragment.
    """
    if data_center is not None and base_url is not None:
        raise InvalidArgumentError(
            "give either data_center or base_url, not both",
            field="data_center, base_url",
        )
    if data_center is not None:
        return DataCenter.parse(data_center).base_url
    if base_url is None:
        raise InvalidArgumentError(
            "is required: give the number in your dashboard's host, '03' for "
            "https://dashboard-03.moengage.com, or give base_url instead",
            field="data_center",
            accepted=tuple(data_center.value for data_center in DataCenter),
        )
    return _checked_base_url(base_url)


def _checked_base_url(base_url: object) -> str:
    if not isinstance(base_url, str):
        raise InvalidArgumentError(
            f"must be a string, not {type(base_url).__name__}", field="base_url"
        )
    try:
        parts = urlsplit(base_url.strip())
        host, _port = parts.hostname, parts.port
        httpx.URL(base_url.strip())
        (host or "").encode("idna")
    except (ValueError, httpx.InvalidURL):
        raise InvalidArgumentError("is not a valid address", field="base_url") from None
    if any(character.isspace() for character in base_url.strip()):
        raise InvalidArgumentError("must not contain white space", field="base_url")
    if parts.username is not None or parts.password is not None:
        raise InvalidArgumentError(
            "must not contain credentials; pass workspace_id and api_key", field="base_url"
        )
    if parts.scheme not in {"http", "https"} or not host:
        raise InvalidArgumentError(
            "must be an absolute https address, as in https://sdk-03.moengage.com/v1",
            field="base_url",
        )
    if parts.query or parts.fragment:
        raise InvalidArgumentError("must not contain a query or a fragment", field="base_url")
    if parts.scheme == "http" and not is_loopback(host):
        raise InvalidArgumentError(
            "must be https, because plain http would show credentials to the network "
            "(only this machine itself may be http, as in http://127.0.0.1:8080/v1)",
            field="base_url",
        )
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"
