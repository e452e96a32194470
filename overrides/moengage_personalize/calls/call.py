"""A question to the API, split into as many requests as its limits call for."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from types import ModuleType
from typing import Any, Generic, TypeVar

import attrs

from moengage_personalize.errors import UnreadableAnswerError
from moengage_personalize_api.types import Response

__all__ = ["Call", "Operation", "Outcome", "model_of"]

T_co = TypeVar("T_co", covariant=True)

Outcome = Any
"""What was read from a request's answer, or the exception that it ended with."""


def _itself(model: Any) -> Any:  # noqa: ANN401  (any generated model)
    return model


@attrs.frozen
class Operation:
    """An operation's generated function and its awaited twin."""

    sync: Callable[..., Response[Any]]
    asyncio: Callable[..., Coroutine[Any, Any, Response[Any]]]

    @classmethod
    def of(cls, module: ModuleType) -> Operation:
        """The operation of a generated module."""
        return cls(module.sync_detailed, module.asyncio_detailed)


@attrs.frozen
class Call(Generic[T_co]):
    """What to send, and what to make of what comes back.

    Attributes:
        operation: The generated function to call.
        parts: Its arguments, once for each request.
        answer: Makes the caller's answer of the requests' outcomes, which stand in the order of the
            parts, or raises.
        read: Takes what is wanted from a request's model; what is amiss with it raises here.
    """

    operation: Operation
    parts: Sequence[Mapping[str, Any]]
    answer: Callable[[Sequence[Outcome]], T_co]
    read: Callable[[Any], Any] = _itself


def model_of(response: Response[Any]) -> Any:  # noqa: ANN401  (any generated model)
    """The model that a generated function made of an answer.

    Raises:
        UnreadableAnswerError: It made none, as the API does not document the status.
    """
    if response.parsed is None:
        raise UnreadableAnswerError(
            f"the API answered with the status {response.status_code}, which it does not describe"
        )
    return response.parsed
