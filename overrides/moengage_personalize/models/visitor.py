"""The visitor of a call: a customer or an anonymous visitor, and data from the browser.

Guide: "Fetch Experience", table "Request Body", and "Reporting Experience Shown event".
"""

from __future__ import annotations

import ipaddress
import logging
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Any, Final, Literal, Self, TypedDict, Unpack, cast, get_args
from urllib.parse import parse_qsl

import attrs

from moengage_personalize import validation
from moengage_personalize.errors import InvalidArgumentError

from .event_time import utc_offset

__all__ = ["PLATFORMS", "Platform", "Visitor", "as_visitor", "browser_text"]

Platform = Literal["web", "android", "ios", "tv"]
PLATFORMS: Final[tuple[str, ...]] = get_args(Platform)

_RESERVED: Final = frozenset(
    {
        "identifiers",
        "experience_key",
        "experience_keys",
        "DAY_OF_THE_WEEK",
        "TIME_OF_THE_DAY",
        "USER_IP_ADDRESS",
        "USER_AGENT",
    }
)
"""Fields of a fetch; an in-session attribute with such a name would replace the field."""
_WSGI_NAMES: Final = {
    b"user-agent": "HTTP_USER_AGENT",
    b"x-forwarded-for": "HTTP_X_FORWARDED_FOR",
}
_unsendable: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
"""Control characters without tab and line ends, and halves of surrogate pairs."""
_half_of_pair: Final = re.compile("[\ud800-\udfff]")
_no_names: Final[Mapping[str, str]] = {}

_log: Final = logging.getLogger("moengage_personalize")


class KnownOfVisitor(TypedDict, total=False):
    """What the application knows of a visitor without reading the request; see `Visitor`."""

    session_id: str | None
    identifiers: Mapping[str, str] | None
    attributes: Mapping[str, str] | None
    platform: Platform
    timezone: str | int | None


@attrs.frozen(init=False, slots=False)
class Visitor:
    """A visitor of a page. Make one for each request; no repr shows who it is.

    A wrong type, platform or time zone is a mistake in the program and raises. Other data may come
    from a browser and never raises: a blank ID, or one that UTF-8 cannot express, is left out; in
    other texts, control characters and halves of surrogate pairs are replaced. A DEBUG line says
    so.

    Args:
        customer_id: The customer's ID in the workspace. `None` for an anonymous visitor.
        session_id: An anonymous visitor's ID in events; a fetch never sends it.
        identifiers: Other identifiers, used if the customer ID is missing or unknown, such as
            `{"u_em": "jane@example.com"}`; needs Identity Resolution.
        user_agent: The visitor's `User-Agent` header (`USER_AGENT`).
        ip_address: The visitor's IP address (`USER_IP_ADDRESS`).
        attributes: In-session attributes by name, such as `{"utm_medium": "email"}`. An attribute
            that has the name of an API field is left out.
        platform: `web`, `android`, `ios` or `tv`, for events.
        timezone: For events: a time zone's name, as in `"Asia/Kolkata"`, or seconds from UTC,
            -54000 to 54000.

    Raises:
        InvalidArgumentError: An argument is not acceptable; the error names it.
    """

    customer_id: str | None = attrs.field(repr=False)
    session_id: str | None = attrs.field(repr=False)
    identifiers: Mapping[str, str] = attrs.field(repr=False, hash=False)
    user_agent: str | None = attrs.field(repr=False)
    ip_address: str | None = attrs.field(repr=False)
    attributes: Mapping[str, str] = attrs.field(repr=False, hash=False)
    platform: Platform
    timezone: str | int | None = attrs.field(repr=False)

    def __init__(  # noqa: PLR0913  (what is known of a visitor)
        self,
        customer_id: str | None = None,
        *,
        session_id: str | None = None,
        identifiers: Mapping[str, str] | None = None,
        user_agent: str | None = None,
        ip_address: str | None = None,
        attributes: Mapping[str, str] | None = None,
        platform: Platform = "web",
        timezone: str | int | None = None,
    ) -> None:
        if timezone is not None:
            utc_offset(timezone, at=datetime.now(UTC))
        self.__dict__.update(
            customer_id=None if customer_id is None else _identity("customer_id", customer_id),
            session_id=None if session_id is None else _identity("session_id", session_id),
            identifiers=_no_names if identifiers is None else _checked_identifiers(identifiers),
            user_agent=None if user_agent is None else browser_text("user_agent", user_agent),
            ip_address=None if ip_address is None else browser_text("ip_address", ip_address),
            attributes=_no_names if attributes is None else _checked_attributes(attributes),
            platform=platform if platform == "web" else _checked_platform(platform),
            timezone=timezone,
        )

    @property
    def reported_id(self) -> str | None:
        """The ID of the visitor in events, a customer ID or an anonymous visitor's session ID."""
        return self.customer_id or self.session_id

    @classmethod
    def from_asgi(
        cls,
        scope: Mapping[str, Any],
        customer_id: str | None = None,
        *,
        trusted_proxies: int = 0,
        query: Iterable[str] = (),
        **known: Unpack[KnownOfVisitor],
    ) -> Self:
        """Read user agent, IP address and in-session attributes from an ASGI request.

        Args:
            scope: The request's scope, such as `request.scope` in Starlette and FastAPI.
            customer_id: As for the class.
            trusted_proxies: The number of your own proxies in front of the application. That many
                addresses of `X-Forwarded-For` are trusted, counted from the right.
            query: Patterns such as `["utm_*"]`. Query parameters whose names match one of them
                become in-session attributes.
            known: As for the class; `attributes` override those from the query.

        Raises:
            InvalidArgumentError: An argument is not acceptable; the error names it.
        """
        _require_request("scope", scope, "REQUEST_METHOD")
        client = scope.get("client")
        environ = {
            "REMOTE_ADDR": client[0] if client else "",
            "QUERY_STRING": (scope.get("query_string") or b"").decode("latin-1"),
        }
        for raw_name, raw_value in scope.get("headers") or ():
            if (name := _WSGI_NAMES.get(raw_name.lower())) is not None:
                value = raw_value.decode("latin-1")
                environ[name] = f"{environ[name]},{value}" if name in environ else value
        return cls.from_wsgi(
            environ, customer_id, trusted_proxies=trusted_proxies, query=query, **known
        )

    @classmethod
    def from_wsgi(
        cls,
        environ: Mapping[str, Any],
        customer_id: str | None = None,
        *,
        trusted_proxies: int = 0,
        query: Iterable[str] = (),
        **known: Unpack[KnownOfVisitor],
    ) -> Self:
        """Like `from_asgi`, for a WSGI request.

        Args:
            environ: Its environment, such as `request.environ` in Flask and `request.META` in
                Django.
            customer_id: As for the class.
            trusted_proxies: As in `from_asgi`.
            query: As in `from_asgi`.
            known: As for the class.

        Raises:
            InvalidArgumentError: An argument is not acceptable; the error names it.
        """
        _require_request("environ", environ, "headers")
        forwarded = environ.get("HTTP_X_FORWARDED_FOR")
        return cls(
            customer_id,
            user_agent=environ.get("HTTP_USER_AGENT"),
            ip_address=_address(environ.get("REMOTE_ADDR") or "", forwarded, trusted_proxies),
            **_with_query(known, environ.get("QUERY_STRING") or "", query),
        )


def as_visitor(visitor: Visitor | str | None) -> Visitor:
    """Make a visitor from a customer ID, or an unknown visitor from None.

    Raises:
        InvalidArgumentError: It is of another type.
    """
    if isinstance(visitor, str):
        return Visitor(visitor)
    if isinstance(visitor, Visitor):
        return visitor
    if visitor is None:
        return _NOBODY
    raise InvalidArgumentError(
        f"must be a Visitor, or a customer ID as a string, not {type(visitor).__name__}",
        field="visitor",
    )


def browser_text(field: str, value: object) -> str | None:
    """Make a browser's text sendable: replace bad characters, and return None for blank text.

    Raises:
        InvalidArgumentError: It is not text.
    """
    text = _string(field, value)
    if _unsendable.search(text):
        _log.debug("%s: characters that cannot be sent are replaced", field)
        text = _unsendable.sub("\ufffd", text)
    return text if text and not text.isspace() else None


def _identity(field: str, value: object) -> str | None:
    """Return an ID unchanged, or None: a changed one could be another customer's."""
    text = value if type(value) is str else _string(field, value)
    if not text or text.isspace() or (not text.isascii() and _half_of_pair.search(text)):
        _log.debug("%s: is left out, because it is blank or UTF-8 cannot express it", field)
        return None
    return text


def _string(field: str, value: object) -> str:
    if not isinstance(value, str):
        raise InvalidArgumentError(f"must be a string, not {type(value).__name__}", field=field)
    return str(value)  # a framework's lazy text only looks like one


def _checked_identifiers(identifiers: object) -> dict[str, str]:
    found = {
        validation.text("identifiers (a name in it)", name): _identity(
            f"identifiers[{name!r}]", value
        )
        for name, value in _items("identifiers", identifiers)
    }
    return {name: value for name, value in found.items() if value is not None}


def _checked_attributes(attributes: object) -> dict[str, str]:
    checked: dict[str, str] = {}
    for given, value in _items("attributes", attributes):
        name = browser_text("attributes (a name in it)", given)
        if name is None or name in _RESERVED:
            _log.debug("attributes: one is left out, because its name is blank or an API field")
        elif (text := browser_text("attributes (a value in it)", value)) is not None:
            checked[name] = text
    return checked


def _items(field: str, value: object) -> Iterable[tuple[object, object]]:
    """Return the items of a mapping without those that are None, which are unknown."""
    if not isinstance(value, Mapping):
        raise InvalidArgumentError(
            f"must be a mapping of names to strings, not {type(value).__name__}", field=field
        )
    items = cast("Mapping[object, object]", value).items()
    return [(name, entry) for name, entry in items if entry is not None]


def _checked_platform(platform: object) -> Platform:
    """Check the platform in any case; the API would silently count another one as `Unknown`."""
    lower = platform.lower() if isinstance(platform, str) else platform
    return cast("Platform", validation.choice("platform", lower, PLATFORMS))


def _require_request(field: str, value: object, foreign: str) -> None:
    if not isinstance(value, Mapping) or foreign in value:
        raise InvalidArgumentError(
            "is of the other kind: use from_wsgi(request.environ) or from_asgi(request.scope)",
            field=field,
        )


def _with_query(known: KnownOfVisitor, text: str, patterns: Iterable[str]) -> KnownOfVisitor:
    """What is known, with the attributes among a query's parameters that it lacks."""
    if isinstance(patterns, str) or not isinstance(patterns, Iterable):
        raise InvalidArgumentError('must be a list of patterns, such as ["utm_*"]', field="query")
    wanted = [_string("query", pattern) for pattern in patterns]
    given = known.get("attributes") or _no_names
    if not wanted or not isinstance(given, Mapping):
        return known
    found = {
        name: value
        for name, value in parse_qsl(text, errors="replace")
        if any(fnmatchcase(name, pattern) for pattern in wanted)
    }
    return {**known, "attributes": {**found, **given}}


def _address(peer: str, forwarded: str | None, trusted_proxies: object) -> str | None:
    """Return the address that the farthest trusted proxy saw, or a nearer one if it is malformed.

    Addresses further left may be forged by the browser.
    """
    if type(trusted_proxies) is not int or trusted_proxies < 0:
        raise InvalidArgumentError("must be a whole number, 0 or more", field="trusted_proxies")
    hops = [*(forwarded.split(",") if forwarded else ()), peer]
    for hop in hops[-trusted_proxies - 1 :]:
        if (address := _parsed_address(hop)) is not None:
            return address
    return None


def _parsed_address(hop: str) -> str | None:
    """Return an IP address without port, brackets, quotes and zone; None if it is invalid."""
    text = hop.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)


_NOBODY: Final = Visitor()
