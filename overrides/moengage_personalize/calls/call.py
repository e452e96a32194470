"""A question to the API, split into as many requests as its limits call for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import Any, Generic, TypeVar

import attrs

__all__ = ["Call", "Operation", "Outcome"]

T_co = TypeVar("T_co", covariant=True)

Outcome = Any
"""What was read from a request's answer, or the exception that it ended with."""


def _itself(model: Any) -> Any:  # noqa: ANN401  (any generated model)
    return model


@attrs.frozen
class Operation:
    """The generated functions that build an operation's request and parse its response."""

    request: Callable[..., dict[str, Any]]
    parse: Callable[..., Any]

    @classmethod
    def of(cls, module: ModuleType) -> Operation:
        """The operation of a generated module."""
        return cls(module._get_kwargs, module._parse_response)  # noqa: SLF001  (generated)


@attrs.frozen
class Call(Generic[T_co]):
    """What to send, and what to make of what comes back.

    Attributes:
        operation: The generated functions.
        parts: Their arguments, once for each request.
        answer: Makes the caller's answer of the requests' outcomes, which stand in the order of the
            parts, or raises.
        read: Takes what is wanted from a request's model; what is amiss with it raises here.
    """

    operation: Operation
    parts: Sequence[Mapping[str, Any]]
    answer: Callable[[Sequence[Outcome]], T_co]
    read: Callable[[Any], Any] = _itself
