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
"""The only setting that a generated parser needs: whether an undocumented status raises."""


@attrs.define(eq=False)
class Call(Generic[T_co]):
    """The requests to send, and how to make a result of the responses.

    Attributes:
        operation: The generated module: its two functions build a request and parse a response.
        parts: The arguments of each request.
        answer: Makes the caller's result from the requests' outcomes, in the order of the parts,
            or raises.
        read: Reads the result from a request's model; raises if the model is malformed.
        nothing: A request's outcome if the client is disabled and sends none.
        bare: The outcome of a success without a body, or with an undocumented status and an
            unreadable body; by default a failure.
    """

    operation: ModuleType
    parts: Sequence[Mapping[str, Any]]
    answer: Callable[[Sequence[Outcome]], T_co]
    read: Callable[[Any], Any]
    nothing: Outcome = None
    bare: Outcome = None
