"""The emulated workspace's experiences: who sees which, and their part of an answer."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from moengage_personalize.emulator.experiences.visitor import Visitor

ALL_USERS: Final = "All Users"


@dataclass(frozen=True, slots=True)
class Audience:
    """The visitors that an experience is for. Every condition must match; without any, all users.

    Attributes:
        name: The audience's name in an `experience_context`.
        audience_id: Its identifier there.
        customers: Customer IDs; these or `identifiers` must match.
        identifiers: Accepted values by identifier name (`u_em`, `u_mb`, any other).
        attributes: Accepted values by name of an in-session attribute; each name must match.
        days: Accepted values of `DAY_OF_THE_WEEK`.
        hours: Accepted hours, UTC, 0 to 23.
        device_types: Accepted kinds of device.
    """

    name: str = ALL_USERS
    audience_id: str = "42D"
    customers: frozenset[str] = frozenset()
    identifiers: Mapping[str, frozenset[str]] = field(default_factory=dict)
    attributes: Mapping[str, frozenset[str]] = field(default_factory=dict)
    days: frozenset[str] = frozenset()
    hours: frozenset[int] = frozenset()
    device_types: frozenset[str] = frozenset()

    def admits(self, visitor: Visitor) -> bool:
        """Return whether a visitor belongs to this audience at this moment."""
        return (
            self._knows(visitor)
            and all(visitor.attribute(name) in values for name, values in self.attributes.items())
            and (not self.days or visitor.day in self.days)
            and (not self.hours or visitor.hour in self.hours)
            and (not self.device_types or visitor.device_type in self.device_types)
        )

    def _knows(self, visitor: Visitor) -> bool:
        if not self.customers and not self.identifiers:
            return True
        return visitor.customer_id in self.customers or any(
            visitor.identifiers.get(name) in values for name, values in self.identifiers.items()
        )


@dataclass(frozen=True, slots=True)
class Variation:
    """One variation of an experience.

    Attributes:
        variation_id: Its `moe_variation_id`.
        weight: Its share of the visitors, relative to the weights of the other variations.
        content: `payload` and `experience_context`, as an answer holds them.
    """

    variation_id: str
    weight: int
    content: Mapping[str, Any]


class Experience:
    """One experience with its audience and variations.

    Attributes:
        key: The experience key.
        name: The name that the dashboard shows.
        status: `Active`, `Paused` or `Scheduled`; a fetch returns only active ones.
        audience: The visitors who see it.
        variations: Its variations.
    """

    def __init__(
        self,
        *,
        key: str,
        name: str,
        status: str,
        audience: Audience,
        variations: Sequence[Variation],
    ) -> None:
        self.key = key
        self.name = name
        self.status = status
        self.audience = audience
        self.variations = tuple(variations)
        self._shares = [variation.weight for variation in variations]
        # Encoded once, so that a fetch only joins bytes.
        self._members = [
            f"{_encoded(key)}:{_encoded(variation.content)}".encode() for variation in variations
        ]

    def member_for(self, visitor: Visitor) -> bytes:
        """Return the visitor's variation, as a member of the answer's `experiences` object.

        The same visitor gets the same variation every time, in every process.
        """
        if len(self._members) == 1:
            return self._members[0]
        # With the key, because otherwise a visitor would be in the first half of every experience.
        name = f"{self.key}\n{visitor.stable_name}".encode()
        digest = hashlib.blake2b(name, digest_size=8).digest()
        position = int.from_bytes(digest) % sum(self._shares)
        for member, share in zip(self._members, self._shares, strict=True):
            if position < share:
                return member
            position -= share
        raise AssertionError("a position below the sum of all shares lies in one of them")


class Catalogue:
    """All experiences of the workspace, in the order of their file."""

    def __init__(self, experiences: Iterable[Experience]) -> None:
        self._by_key = {experience.key: experience for experience in experiences}
        self._known_customers = frozenset[str]().union(
            *(experience.audience.customers for experience in self._by_key.values())
        )

    def __len__(self) -> int:
        return len(self._by_key)

    def __iter__(self) -> Iterator[Experience]:
        return iter(self._by_key.values())

    def answer(self, keys: Sequence[str] | None, visitor: Visitor) -> bytes:
        """Return the body that answers a fetch.

        Args:
            keys: The requested experience keys; None for every experience.
            visitor: The visitor.
        """
        if visitor.customer_id in self._known_customers:
            # Identifiers count only if the customer ID is missing or unknown.
            visitor = replace(visitor, identifiers={})
        members = [
            experience.member_for(visitor)
            for experience in self._wanted(keys)
            if experience.status == "Active" and experience.audience.admits(visitor)
        ]
        return b'{"experiences":{' + b",".join(members) + b"}}"

    def metadata(self, statuses: Sequence[str] | None) -> bytes:
        """Return the body that lists the experiences.

        Args:
            statuses: The requested statuses, case-sensitive; None for all.
        """
        listed = [
            {
                "experience_name": experience.name,
                "experience_key": experience.key,
                "status": experience.status,
            }
            for experience in self._by_key.values()
            if statuses is None or experience.status in statuses
        ]
        return _encoded({"metadata": {"count": len(listed), "experiences": listed}}).encode()

    def _wanted(self, keys: Sequence[str] | None) -> Iterable[Experience]:
        if keys is None:
            return self._by_key.values()
        # A key that is requested twice is still one member of the answer.
        return [self._by_key[key] for key in dict.fromkeys(keys) if key in self._by_key]


def _encoded(content: object) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))
