"""Decides after an attempt: return its response, retry after a pause, or raise. No I/O."""

from __future__ import annotations

import logging
from typing import Final

import attrs

from moengage_personalize.clock import monotonic
from moengage_personalize.errors import PersonalizeError

from .deadline import Deadline
from .error_mapping import redacted, secrets_of, status_error
from .messages import Request, Response
from .response_body import decompress
from .retry_policy import RetryPolicy

__all__ = ["Attempt"]

_SUCCESS: Final = range(200, 300)

_log: Final = logging.getLogger("moengage_personalize")


@attrs.define
class Attempt:
    """An attempt to send a request, which begins now; a retry makes it the next attempt.

    Attributes:
        number: The number of the attempt, from 1.
        started: When it began, by the monotonic clock.
    """

    request: Request
    deadline: Deadline
    number: int = 1
    started: float = attrs.field(factory=monotonic)

    def accepted(self, response: Response) -> Response:
        """Return the response with its body decompressed, if it is a success.

        Raises:
            ApiError: Its status is a failure.
            UnreadableAnswerError: Its body cannot be decompressed.
            RequestTimeoutError: The deadline has passed.
            Exception: Its body did not arrive completely.
        """
        is_success = response.status_code in _SUCCESS
        if response.trouble is not None and (is_success or self.deadline.is_spent()):
            raise response.trouble
        if not is_success:
            raise status_error(self.request, response, self.deadline)
        if _log.isEnabledFor(logging.DEBUG):
            request_id = redacted(response.headers.get("x-request-id"), secrets_of(self.request))
            self._tell(response.status_code, request_id)
        if response.encoding is not None:
            response.content = decompress(response.content, response.encoding, self.deadline)
            response.encoding = None
        self.deadline.remaining_or_raise()  # parsing megabytes takes long
        return response

    def pause_after(self, failure: PersonalizeError, policy: RetryPolicy) -> float:
        """Become the next attempt; return the seconds to wait before it.

        Raises:
            PersonalizeError: The failure itself, if there is no further attempt.
        """
        if _log.isEnabledFor(logging.DEBUG):
            status = getattr(failure, "status", type(failure).__name__)
            self._tell(status, getattr(failure, "request_id", None))
        failure.attempts = self.number
        pause = policy.pause(failure, attempt=self.number, remaining=self.deadline.remaining())
        if pause is None:
            raise failure
        self.number += 1
        self.started = monotonic() + pause
        return pause

    def _tell(self, outcome: object, request_id: str | None) -> None:
        """Log the outcome without the query, which may name a customer in a later version."""
        address = self.request.url.partition("?")[0]
        milliseconds = (monotonic() - self.started) * 1000
        told = f", request {request_id}" if request_id else ""
        method = self.request.method
        _log.debug("%s %s: %s after %.0f ms%s", method, address, outcome, milliseconds, told)
