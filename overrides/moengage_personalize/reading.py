"""Tells a fault of the API's answer from any other fault.

The generated functions build a request, send it, and read the answer, in one call. Only once an
answer is there can a missing field be the answer's.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import Final

from .errors import PersonalizeError, UnreadableAnswerError

__all__ = ["answered", "reading"]

_OF_MODELS: Final = (AttributeError, KeyError, TypeError, ValueError)
_answered: Final[ContextVar[bool]] = ContextVar("moengage_personalize_answered", default=False)


def answered() -> None:
    """Note that the current request has its answer, which is about to be read."""
    _answered.set(True)


class reading:  # noqa: N801  (reads as the verb it is; a generator would cost a call 2 µs more)
    """Turn what generated models raise over an unexpected answer into an error that says it.

    Raises:
        UnreadableAnswerError: A field is missing or malformed.
    """

    __slots__ = ()

    def __enter__(self) -> None:
        _answered.set(False)

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        if isinstance(error, PersonalizeError) or not isinstance(error, _OF_MODELS):
            return
        if not _answered.get():
            return
        if isinstance(error, KeyError) and error.args:
            field = str(error.args[0])
            raise UnreadableAnswerError(
                f"the API's answer lacks the field {field!r}", field=field
            ) from error
        raise UnreadableAnswerError(
            "the API's answer has a field of another type than the API describes"
        ) from error
