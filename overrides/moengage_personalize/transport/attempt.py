"""What to do after an attempt: return its response, retry after a pause, or raise. No I/O here."""

from __future__ import annotations

import logging
from typing import Final

from moengage_personalize.errors import ApiError, PersonalizeError

from .deadline import Deadline
from .error_mapping import status_error
from .messages import Request, Response
from .response_body import decompress
from .retry_policy import RetryPolicy

__all__ = ["accepted", "pause_after"]

_SUCCESS: Final = range(200, 300)

_log: Final = logging.getLogger("moengage_personalize")


def accepted(request: Request, response: Response, deadline: Deadline) -> Response:
    """The response, if it is a success, with its body decompressed.

    Raises:
        ApiError: Its status is that of a failure.
        UnreadableAnswerError: Its body cannot be decompressed.
        RequestTimeoutError: The deadline has passed.
        Exception: Whatever kept its body from arriving whole.
    """
    if _log.isEnabledFor(logging.DEBUG):
        _log_attempt(request, response.status_code)
    is_success = response.status_code in _SUCCESS
    if response.trouble is not None and (is_success or deadline.is_spent()):
        raise response.trouble
    if not is_success:
        raise status_error(request, response, deadline)
    if response.encoding is not None:
        response.content = decompress(response.content, response.encoding, deadline)
        response.encoding = None
    return response


def pause_after(
    failure: PersonalizeError,
    request: Request,
    attempt: int,
    policy: RetryPolicy,
    deadline: Deadline,
) -> float:
    """Seconds to wait before the next attempt.

    Raises:
        PersonalizeError: The failure itself, if there is to be no further attempt.
    """
    if not isinstance(failure, ApiError) and _log.isEnabledFor(logging.DEBUG):
        _log_attempt(request, type(failure).__name__)
    failure.attempts = attempt
    pause = policy.pause(failure, attempt=attempt, remaining=deadline.remaining())
    if pause is None:
        raise failure
    return pause


def _log_attempt(request: Request, outcome: object) -> None:
    address = request.url.partition("?")[0]  # a query may name a customer one day
    _log.debug("%s %s: %s", request.method, address, outcome)
