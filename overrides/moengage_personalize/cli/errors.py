"""How a command fails: one line on stderr, a document for machines, and an exit code."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import attrs
import typer

from moengage_personalize.errors import ApiError, PersonalizeError
from moengage_personalize.models.events import Event

from .exit_codes import ExitCode, exit_code_for
from .output import Output

__all__ = ["Failure", "extra_needed", "reported", "tell"]


@attrs.define
class Failure(Exception):  # noqa: N818  (an ending of a command, not an error of the package)
    """The failure of a command for a reason that is not an error of the package."""

    code: ExitCode
    message: str

    def __str__(self) -> str:
        return self.message


@contextmanager
def reported(output: Output) -> Generator[None, None, None]:
    """Turn the errors of a command into a message and an exit code.

    Raises:
        typer.Exit: The command failed, and the message is printed.
    """
    try:
        yield
    except (Failure, PersonalizeError) as error:
        output.document({"error": _described(error)})
        raise typer.Exit(tell(output, error)) from None


@contextmanager
def extra_needed() -> Generator[None, None, None]:
    """Name the missing extra if an import fails.

    Raises:
        Failure: The extra is not installed.
    """
    try:
        yield
    except ModuleNotFoundError:
        raise  # a bug in the package: a missing extra is a plain ImportError
    except ImportError as error:
        raise Failure(ExitCode.EXTRA_MISSING, str(error)) from None


def tell(output: Output, error: Failure | PersonalizeError) -> ExitCode:
    """Print on stderr what went wrong, and how to repeat events that were not delivered."""
    attempts = error.attempts if isinstance(error, PersonalizeError) else 0
    output.say(f"Error: {error}" + (f" (after {attempts} attempts)" if attempts > 1 else ""))
    if isinstance(error, PersonalizeError):
        for event in _undelivered(error):
            output.say(
                f"Not delivered: event {event.uuid}. Repeat it with these, so it counts only once: "
                f"--event-uuid {event.uuid} --event-time {event.event_time}"
            )
    return _code_of(error)


def _code_of(error: Failure | PersonalizeError) -> ExitCode:
    return error.code if isinstance(error, Failure) else exit_code_for(error)


def _described(error: Failure | PersonalizeError) -> dict[str, Any]:
    code = _code_of(error)
    described: dict[str, Any] = {
        "kind": code.name.lower(),
        "exit_code": int(code),
        "message": str(error),
    }
    if isinstance(error, ApiError):
        described |= {
            "status": error.status,
            "code": error.code,
            "request_id": error.request_id,
            "retry_after": error.retry_after,
        }
    if isinstance(error, PersonalizeError):
        described["undelivered"] = [
            {"uuid": str(event.uuid), "event_time": event.event_time}
            for event in _undelivered(error)
        ]
    return described


def _undelivered(error: PersonalizeError) -> list[Event]:
    return [event for event in error.undelivered if isinstance(event, Event)]
