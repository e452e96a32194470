"""The exit codes of the command line, and their meaning for the help."""

from __future__ import annotations

from enum import IntEnum
from typing import Final

from moengage_personalize.errors import (
    ApiError,
    AuthenticationError,
    BadRequestError,
    ConnectionFailedError,
    InvalidArgumentError,
    PartialReportError,
    PersonalizeError,
    RateLimitedError,
    RequestTimeoutError,
    UnreadableAnswerError,
)

__all__ = ["MEANINGS", "ExitCode", "exit_code_for"]


class ExitCode(IntEnum):
    """How a command ended. `MEANINGS` describes each; a number never changes its meaning."""

    OK = 0
    NOT_FOUND = 1
    REFUSED = 2
    AUTHENTICATION = 3
    RATE_LIMITED = 4
    SERVER = 5
    TIMEOUT = 6
    CONNECTION = 7
    UNREADABLE = 8
    EXTRA_MISSING = 9


MEANINGS: Final = {
    ExitCode.OK: "done",
    ExitCode.NOT_FOUND: "nothing found, or a check failed",
    ExitCode.REFUSED: "an argument, a variable or a file was refused, here or by the API (400)",
    ExitCode.AUTHENTICATION: "the credentials were refused (401)",
    ExitCode.RATE_LIMITED: "the workspace has used up its requests of this minute (429)",
    ExitCode.SERVER: "the API failed (5xx), or answered with an undocumented status",
    ExitCode.TIMEOUT: "no answer in time",
    ExitCode.CONNECTION: "the API could not be reached, or a port could not be opened",
    ExitCode.UNREADABLE: "the answer could not be read",
    ExitCode.EXTRA_MISSING: "an extra of the package is not installed",
}

# The first match counts, so a class comes before its base.
_CODES: Final[tuple[tuple[type[PersonalizeError], ExitCode], ...]] = (
    (InvalidArgumentError, ExitCode.REFUSED),
    (BadRequestError, ExitCode.REFUSED),
    (AuthenticationError, ExitCode.AUTHENTICATION),
    (RateLimitedError, ExitCode.RATE_LIMITED),
    (ApiError, ExitCode.SERVER),
    (RequestTimeoutError, ExitCode.TIMEOUT),
    (ConnectionFailedError, ExitCode.CONNECTION),
    (UnreadableAnswerError, ExitCode.UNREADABLE),
)


def exit_code_for(error: PersonalizeError) -> ExitCode:
    """Return the exit code of an error; for a partial failure, the code of its first part."""
    if isinstance(error, PartialReportError) and error.failures:
        return exit_code_for(error.failures[0])
    for kind, code in _CODES:
        if isinstance(error, kind):
            return code
    return ExitCode.SERVER
