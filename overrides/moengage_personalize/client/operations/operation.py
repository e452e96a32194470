"""A call to the API, split into as many requests as its limits need."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import Any, Final, Generic, TypeVar

import attrs

from moengage_personalize_api import Client

__all__ = ["LENIENT", "Call", "Outcome"]

T_co = TypeVar("T_co", covariant=True)

Outcome = Any
"""The result of a request: what was read from its response, or its `PersonalizeError`."""

LENIENT: Final = Client(base_url="")
"""All that a generated parser asks of a client: whether an undocumented status raises there."""


@attrs.define(eq=False)
class Call(Generic[T_co]):
    """The requests to send, and how to make a result of the responses.

    Attributes:
        operation: The generated module: its two functions build a request and parse a response.
        parts: The arguments of a request, once for each.
        answer: Makes the caller's answer of the requests' outcomes, which stand in the order of the
            parts, or raises.
        read: Takes what is wanted from a request's model; what is amiss with it raises here.
        nothing: A request's outcome where the client is disabled and sends none.
        bare: What a success counts as that has no body, or an unreadable one and another status
            than the API describes; none: a failure.
    """

    operation: ModuleType
    parts: Sequence[Mapping[str, Any]]
    answer: Callable[[Sequence[Outcome]], T_co]
    read: Callable[[Any], Any]
    nothing: Outcome = None
    bare: Outcome = None
