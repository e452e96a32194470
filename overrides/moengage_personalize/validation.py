"""Checks of arguments, with the same form of message for all.

No message repeats a value that may be a credential, a customer's identifier or an address.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from .errors import InvalidArgumentError

__all__ = ["at_most_one", "choice", "mapping", "positive", "seconds", "text"]

_DAY: Final = 86_400


def text(field: str, value: object) -> str:
    """Refuse anything but a string that is not empty."""
    if not isinstance(value, str):
        raise InvalidArgumentError(f"must be a string, not {type(value).__name__}", field=field)
    if not value or value.isspace():
        raise InvalidArgumentError("must not be empty", field=field)
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise InvalidArgumentError(
                "contains half of a surrogate pair, which cannot be sent", field=field
            ) from None
    return value


def choice(field: str, value: object, accepted: Iterable[str]) -> str:
    """Refuse anything but one of the accepted strings, and hint at a difference in case."""
    accepted = tuple(accepted)
    if isinstance(value, str):
        if value in accepted:
            return str(value)
        for candidate in accepted:
            if candidate.casefold() == value.casefold():
                raise InvalidArgumentError(
                    f"{value!r} is not accepted; case matters, did you mean {candidate!r}?",
                    field=field,
                    accepted=accepted,
                )
    raise InvalidArgumentError(f"{value!r} is not accepted", field=field, accepted=accepted)


def seconds(field: str, value: object, most: float = _DAY) -> float:
    """Refuse anything but a number of seconds above 0, up to a limit (a day by default)."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidArgumentError(
            f"must be a number of seconds, not {type(value).__name__}", field=field
        )
    if not 0 < value <= most:
        limit = f", and at most {_DAY} (a day)" if most == _DAY else ""
        raise InvalidArgumentError(f"must be a number of seconds above 0{limit}", field=field)
    return float(value)


def at_most_one(**arguments: object) -> None:
    """Refuse more than one of several arguments that exclude each other."""
    given = [name for name, value in arguments.items() if value is not None]
    if len(given) > 1:
        raise InvalidArgumentError("give only one of them", field=", ".join(given))


def positive(field: str, value: object, least: int = 1) -> int:
    """Refuse anything but a whole number of 1 or more, or of another least one."""
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise InvalidArgumentError(f"must be a whole number, {least} or more", field=field)
    return value


def mapping(field: str, value: Mapping[str, Any]) -> Mapping[str, Any]:
    """Refuse anything but a mapping whose names are strings."""
    if not isinstance(value, Mapping):
        raise InvalidArgumentError(f"must be a mapping, not {type(value).__name__}", field=field)
    if not all(isinstance(name, str) for name in value):
        raise InvalidArgumentError("must have strings as names", field=field)
    return value
