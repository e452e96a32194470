"""All differences between the API and the schemas of the OpenAPI document.

The document tells clients what to send. The API accepts a little more than that:

| field | the document | the API |
| --- | --- | --- |
| `experience_key` | at most 25 keys | any number; the first 25 are answered |
| `platform` | one of four, required | any case; missing or other becomes `Unknown` |
| `event_time` | an integer | an ISO 8601 string too |
| `status` | one of three | anything; an unknown value lists nothing |
| `b_id` | in `attributes` | also next to `attributes`, as in the guide's table |

And it is stricter in two ways. A `moe_event_uuid` must be a UUID of version 4, which a schema's
`format` cannot say. And the `attributes` of an event must have six fields that the document does
not require, because answers share the schema and may lack them.
"""

import copy
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

ANSWERED_KEYS: Final = 25
"""The number of experience keys of one fetch that are answered; the rest are silently ignored."""

UNKNOWN_PLATFORM: Final = "Unknown"

ISO_8601: Final = "iso-8601"

_NEEDED_IN_ATTRIBUTES: Final = (
    "cid",
    "experience",
    "moe_locale_id",
    "moe_variation_id",
    "audience_name",
    "audience_id",
)
_PLATFORMS: Final = frozenset({"web", "android", "ios", "tv"})
_UUID_4: Final = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.IGNORECASE
)


def is_uuid_4(text: str) -> bool:
    """Return whether a text is a UUID of version 4 in its usual form with hyphens."""
    return _UUID_4.fullmatch(text) is not None


def is_iso_8601(text: str) -> bool:
    """Return whether a text is a date, or a date and time, in ISO 8601."""
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


FORMATS: Final[Mapping[str, Callable[[str], bool]]] = {"uuid": is_uuid_4, ISO_8601: is_iso_8601}
"""Checks the formats that schemas name."""


def relaxed(schemas: Mapping[str, Any]) -> dict[str, Any]:
    """Return the document's schemas as the API applies them to requests.

    Args:
        schemas: The document's `components.schemas`, which are not changed.

    Raises:
        KeyError: The document no longer has a rule that the table above relaxes.
    """
    applied: dict[str, Any] = copy.deepcopy(dict(schemas))
    del applied["FetchExperiencesRequest"]["properties"]["experience_key"]["maxItems"]
    # Only requests are checked with these schemas, and there it is the type of `attributes`.
    applied["ExperienceContext"]["required"] = list(_NEEDED_IN_ATTRIBUTES)
    action = applied["EventAction"]
    action["required"] = [name for name in action["required"] if name != "platform"]
    action["properties"]["platform"] = {}
    action["properties"]["b_id"] = {"type": "string"}
    action["properties"]["event_time"] = {
        "anyOf": [action["properties"]["event_time"], {"type": "string", "format": ISO_8601}],
        "description": "whole seconds since 1970-01-01 UTC or a date and time in ISO 8601",
    }
    return applied


def filed_attributes(action: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the attributes of an event, with a `b_id` that is next to them."""
    beside = {"b_id": action["b_id"]} if "b_id" in action else {}
    return {**beside, **action["attributes"]}


def filed_platform(platform: object) -> str:
    """Return the platform that an event is recorded with."""
    if isinstance(platform, str) and platform.lower() in _PLATFORMS:
        return platform.lower()
    return UNKNOWN_PLATFORM
