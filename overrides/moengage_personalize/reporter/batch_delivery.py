"""Decides what to send, and what becomes of each event. No I/O."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from enum import Enum
from http import HTTPStatus
from typing import Final, TypeGuard

import attrs

from moengage_personalize.errors import (
    ApiError,
    AuthenticationError,
    BadRequestError,
    PersonalizeError,
    RateLimitedError,
    UnexpectedStatusError,
)
from moengage_personalize.transport.retry_policy import is_passing

from .schedule import RequestSize
from .spool import LeasedEvent
from .suspicion import Plan

__all__ = [
    "BatchDelivery",
    "Result",
    "StoppedError",
    "UnsendableError",
    "Verdict",
    "may_mean_an_event",
]

_DEAD_LETTERS_IN_A_ROW: Final = 5
"""If more events than this are refused in a row, the events are not the cause."""
_TOO_LARGE: Final = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
_FRUITLESS: Final = 3
"""The number of failures in a row that ends a search, if nothing has arrived yet."""
_FRUITLESS_LATER: Final = 8
"""The same number, once something has arrived."""


class UnsendableError(PersonalizeError):
    """No request can be made from these events, or from one of them."""


class StoppedError(PersonalizeError):
    """Nothing was sent, because the reporter stops."""


class Verdict(Enum):
    """How a delivery ended."""

    DONE = "done"
    """Every event was delivered, is a dead letter, or failed alone."""
    RETRY = "retry"
    """The network or the server failed: try again after a while."""
    PAUSED = "paused"
    """The API refuses the credentials, or every event: a person has to act."""


@attrs.frozen
class Result:
    """How a delivery ended, what is left of it, and the error that ended it.

    Attributes:
        alone: Events that failed alone in a request, each with its error. They may be the cause.
        is_contrast: Whether other events arrived and none of them failed; `None` if no others were
            sent.
    """

    verdict: Verdict
    left: Sequence[LeasedEvent] = ()
    error: PersonalizeError | None = None
    alone: Sequence[tuple[LeasedEvent, PersonalizeError]] = ()
    is_contrast: bool | None = None


@attrs.define
class BatchDelivery:
    """Delivers leased events in one request. If the API refuses it, splits the request in halves.

    It tries both halves before their quarters, so that good events arrive early. The cause of a 400
    may be an event, the credentials (an unknown `MOE-APPKEY`), or a fault of the API. So an event
    becomes a dead letter only once something else succeeded: another half, or a request for the
    metadata. If every event would become a dead letter, a person has to look.

    Any other failure ends the delivery, unless the plan is to search for the event that causes it.
    Then it joins parts that succeed and halves parts that fail.

    Args:
        plan: The events.
        send: Reports events in one request; returns the error.
        probe: Requests the metadata, to check the credentials; returns the error.
        delivered: Notes events that the API accepted.
        dead_letter: Sets aside an event that the API refuses, or that no request can hold.
        size: Learns how large a request may be.
    """

    plan: Plan
    send: Callable[[Sequence[LeasedEvent]], PersonalizeError | None]
    probe: Callable[[], PersonalizeError | None]
    delivered: Callable[[Sequence[LeasedEvent]], None]
    dead_letter: Callable[[LeasedEvent, PersonalizeError], None]
    size: RequestSize
    _waiting: deque[Sequence[LeasedEvent]] = attrs.field(init=False)
    _joined: int = attrs.field(default=1, init=False)
    _halves: deque[Sequence[LeasedEvent]] = attrs.field(
        factory=deque[Sequence[LeasedEvent]], init=False
    )
    _failed_alone: list[tuple[LeasedEvent, PersonalizeError]] = attrs.field(
        factory=list[tuple[LeasedEvent, PersonalizeError]], init=False
    )
    _is_anything_delivered: bool = attrs.field(default=False, init=False)
    _are_credentials_good: bool = attrs.field(default=False, init=False)
    _dead_letters: int = attrs.field(default=0, init=False)
    _failed_parts: int = attrs.field(default=0, init=False)
    _failed_in_a_row: int = attrs.field(default=0, init=False)
    _smallest_failed: int = attrs.field(default=sys.maxsize, init=False)

    def run(self) -> Result:
        """Deliver, and return how it ended."""
        self._waiting = deque(self.plan.parts)
        while self._waiting or self._halves:
            batch = self._next()
            error = self._try(batch, self._search if self.plan.is_search else None)
            if error is not None:
                return self._ended(error, (batch, *self._waiting, *self._halves, self.plan.alone))
        is_contrast = self._is_anything_delivered and not self._failed_parts
        if self.plan.is_search and self._is_anything_delivered and not self._failed_alone:
            self._learn_size()
        if self._failed_parts and not self._is_anything_delivered:
            return self._ended(self._failed_alone[-1][1], (self.plan.alone,))
        for position, suspect in enumerate(self.plan.alone):
            error = self._try([suspect], self._failed)
            if error is not None:
                return self._ended(error, (self.plan.alone[position:],))
        return Result(
            Verdict.DONE,
            alone=self._failed_alone,
            is_contrast=is_contrast if self.plan.parts else None,
        )

    def _next(self) -> Sequence[LeasedEvent]:
        if not self._waiting:
            return self._halves.popleft()
        parts = [self._waiting.popleft() for _ in range(min(self._joined, len(self._waiting)))]
        return [one for part in parts for one in part]

    def _try(
        self,
        batch: Sequence[LeasedEvent],
        failed: Callable[[Sequence[LeasedEvent], PersonalizeError], bool] | None,
    ) -> PersonalizeError | None:
        """Send a batch; return the error if it ends the delivery.

        Args:
            batch: The events to send.
            failed: Notes a failure that an event may cause; returns whether to go on.
        """
        error = self.send(batch)
        if error is None:
            self._is_anything_delivered = self._are_credentials_good = True
            self._failed_in_a_row, self._joined = 0, 2 * self._joined
            self.size.accepted(_bytes(batch))
            self.delivered(batch)
            return None
        self._joined = 1
        if _is_refusal(error) or isinstance(error, UnsendableError):
            return self._refused(batch, error)
        if failed is not None and may_mean_an_event(error) and failed(batch, error):
            return None
        return error

    def _refused(
        self, batch: Sequence[LeasedEvent], error: PersonalizeError
    ) -> PersonalizeError | None:
        if len(batch) > 1:
            if isinstance(error, ApiError) and error.status == _TOO_LARGE:
                self.size.refused(_bytes(batch))
            self._halves += _halves(batch)
            return None
        if isinstance(error, UnsendableError):
            self.dead_letter(batch[0], error)
            return None
        refusal = None if self._are_credentials_good else self.probe()
        if refusal is not None:
            return refusal
        if not self._is_anything_delivered and self._dead_letters == _DEAD_LETTERS_IN_A_ROW:
            return error
        self._are_credentials_good = True
        self._dead_letters += 1
        self.dead_letter(batch[0], error)
        return None

    def _search(self, batch: Sequence[LeasedEvent], error: PersonalizeError) -> bool:
        self._failed_parts += 1
        self._failed_in_a_row += 1
        most = _FRUITLESS_LATER if self._is_anything_delivered else _FRUITLESS
        if self._failed_in_a_row == most:
            return False
        if len(batch) > 1:
            self._smallest_failed = min(self._smallest_failed, _bytes(batch))
            self._halves += _halves(batch)
            return True
        return self._failed(batch, error)

    def _learn_size(self) -> None:
        """Learn from a batch that arrived in parts: its size was the cause, not an event."""
        if self._failed_parts:
            self.size.refused(self._smallest_failed)
        else:
            self.size.helped(sum(_bytes(part) for part in self.plan.parts))

    def _failed(self, batch: Sequence[LeasedEvent], error: PersonalizeError) -> bool:
        self._failed_alone.append((batch[0], error))
        return True

    def _ended(self, error: PersonalizeError, parts: Iterable[Sequence[LeasedEvent]]) -> Result:
        left = [one for part in parts for one in part] + [one for one, _ in self._failed_alone]
        return Result(Verdict.PAUSED if _needs_a_person(error) else Verdict.RETRY, left, error)


def may_mean_an_event(error: PersonalizeError) -> bool:
    """Return whether one event may cause a failure that comes again and again.

    A firewall may refuse its text, or the server may fail or hang over it. Refused credentials and
    rate limits never depend on an event.
    """
    return not isinstance(error, AuthenticationError | RateLimitedError | StoppedError)


def _bytes(batch: Sequence[LeasedEvent]) -> int:
    return sum(one.size for one in batch)


def _halves(batch: Sequence[LeasedEvent]) -> Sequence[Sequence[LeasedEvent]]:
    middle = len(batch) // 2
    return batch[:middle], batch[middle:]


def _is_refusal(error: PersonalizeError) -> TypeGuard[ApiError]:
    """Return whether an event may be the cause: a bad value in it, or its size."""
    return isinstance(error, ApiError) and error.status in {HTTPStatus.BAD_REQUEST, _TOO_LARGE}


def _needs_a_person(error: PersonalizeError) -> bool:
    refusals = AuthenticationError | BadRequestError | UnexpectedStatusError
    return isinstance(error, refusals) and not is_passing(error)
