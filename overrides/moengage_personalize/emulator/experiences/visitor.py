"""A visitor, as the body of a fetch describes one."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

DeviceType = Literal["desktop", "mobile", "tablet", "tv"]

# Televisions first, because their headers often name the system of a phone or tablet too. Android
# browsers on tablets leave out "Mobile" by convention.
_DEVICES: Final[tuple[tuple[DeviceType, re.Pattern[str]], ...]] = (
    (
        "tv",
        re.compile(
            r"smart-?tv|\btv\b|googletv|appletv|hbbtv|roku|bravia|netcast|web0s|\baft\w|crkey",
            re.IGNORECASE,
        ),
    ),
    ("tablet", re.compile(r"ipad|tablet|kindle|silk|android(?!.*mobile)", re.IGNORECASE)),
    ("mobile", re.compile(r"mobi|iphone|ipod|android", re.IGNORECASE)),
)


@dataclass(frozen=True, slots=True)
class Visitor:
    """One visitor at one moment.

    Attributes:
        customer_id: The customer ID; None if the request has none.
        identifiers: `user_identifiers`: `u_em`, `u_mb` and others, by name.
        session: The body's top level, where the in-session attributes are.
    """

    customer_id: str | None
    identifiers: Mapping[str, str]
    session: Mapping[str, object]

    @classmethod
    def from_body(cls, body: Mapping[str, Any]) -> "Visitor":
        """Read the visitor from the body of a valid fetch."""
        identifiers = body.get("identifiers", {})
        return cls(
            customer_id=identifiers.get("customer_id"),
            identifiers=identifiers.get("user_identifiers", {}),
            session=body,
        )

    def attribute(self, name: str) -> str | None:
        """Return an in-session attribute; None if there is none, or it is not text."""
        value = self.session.get(name)
        return value if isinstance(value, str) else None

    @property
    def day(self) -> str | None:
        """`DAY_OF_THE_WEEK`; None if the request has none."""
        return self.attribute("DAY_OF_THE_WEEK")

    @property
    def hour(self) -> int | None:
        """`TIME_OF_THE_DAY` as a number; None if the request has none."""
        hour = self.attribute("TIME_OF_THE_DAY")
        return None if hour is None else int(hour)

    @property
    def device_type(self) -> DeviceType | None:
        """The kind of device that `USER_AGENT` names; None if the request has none."""
        return device_type(self.attribute("USER_AGENT") or "")

    @property
    def stable_name(self) -> str:
        """A text that is the same in all requests of one visitor, as far as they identify it."""
        if self.customer_id is not None:
            return self.customer_id
        if self.identifiers:
            return "\n".join(min(self.identifiers.items()))
        return f"{self.attribute('USER_IP_ADDRESS')}\n{self.attribute('USER_AGENT')}"


def device_type(user_agent: str) -> DeviceType | None:
    """Derive the kind of device from a `User-Agent` header; None for an empty one."""
    if not user_agent:
        return None
    for device, pattern in _DEVICES:
        if pattern.search(user_agent):
            return device
    return "desktop"
