"""Carries out deliveries: leases and sends events, notes the result, and keeps to the rate."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from moengage_personalize.client.operations import MAX_USERS, Call, metadata_call, report_call
from moengage_personalize.client.send import send
from moengage_personalize.clock import monotonic
from moengage_personalize.errors import PersonalizeError
from moengage_personalize.transport.deadline import Deadline
from moengage_personalize.transport.exchange import Transport

from .batch_delivery import (
    BatchDelivery,
    Result,
    StoppedError,
    UnsendableError,
    Verdict,
    may_mean_an_event,
)
from .options import Lost, Options
from .schedule import Backoff, RequestRate, RequestSize
from .spool import DEAD_LETTERS_FULL, TOO_OLD, UNREADABLE, LeasedEvent, Spool
from .suspicion import Plan, Suspicion

__all__ = ["Dispatcher"]

_log: Final = logging.getLogger("moengage_personalize.reporter")
_MAX_EVENTS: Final = 1_000
"""The most events in one request: 100 users seldom have more. A too large one (413) is halved."""
_LEAST_ASIDE: Final = 0.1
_PURGE_SECONDS: Final = 60.0
_NOTHING: Final = Result(Verdict.DONE)
"""The result if no leased event is to be sent now."""
_TRIED_ALONE: Final = "%d events fail while others are delivered; they are now tried one by one: %s"


class Dispatcher:
    """Delivers from a spool. One thread uses it.

    Args:
        transport: The transport to send with.
        spool: The spool where the events wait.
        owner: The name to lease under.
        options: How to deliver.
        lost: Called with each dead letter.
    """

    def __init__(
        self,
        transport: Transport,
        spool: Spool,
        owner: str,
        options: Options,
        lost: Callable[[Lost], None],
    ) -> None:
        self._transport = transport
        self._spool = spool
        self._owner = owner
        self._options = options
        self._lost = lost
        self._rate = RequestRate(options.rate_share)
        self._backoff = Backoff()
        self._size = RequestSize()
        self._suspicion = Suspicion()
        self._next_purge = 0.0
        self.not_before = 0.0
        self.paused = False
        self.last_error: PersonalizeError | None = None
        self._asked_to_wait = False

    def try_now(self) -> None:
        """End a backoff now, because a caller waits for the result."""
        if not self.paused and not self._asked_to_wait:
            self.not_before = 0.0

    def deliver(
        self, stop: threading.Event, *, everything: bool, deadline: float | None = None
    ) -> bool:
        """Deliver the events that are due; return whether that succeeded.

        Args:
            stop: Stops the delivery after the current request.
            everything: Deliver all events, as a flush does. Otherwise only full requests follow the
                first one, so that events which arrive meanwhile are not sent a few at a time.
            deadline: The `monotonic` time at which the current request is cut, at the end of the
                process.
        """
        self._purge_old()
        is_first = True
        while not stop.is_set():
            leased = self._lease()
            if not leased:
                return True
            young = self._young(leased)
            if not (everything or is_first or self._is_full(leased)):
                self._release(young)
                return True
            result = self._send(young, stop, deadline)
            if result is _NOTHING:  # all events are too old or have to wait
                continue
            is_first = False
            if result.error is not None and self._arrives_behind(result.error, stop, deadline):
                alone = [(one, result.error) for one in result.left]
                result = Result(Verdict.DONE, alone=alone)
                for suspect, error in self._judged(result):  # none is known to be the cause yet
                    self._dead_letter(suspect, error)
                _log.warning(_TRIED_ALONE, len(alone), alone[0][1])
            self._note(result)
            if result.verdict is not Verdict.DONE:
                self._release(result.left)
                return False
        return False

    def _lease(self) -> Sequence[LeasedEvent]:
        return self._spool.lease(
            self._owner,
            events=_MAX_EVENTS,
            users=MAX_USERS,
            seconds=self._options.lease,
            size=self._size.most,
        )

    def _send(
        self, leased: Sequence[LeasedEvent], stop: threading.Event, deadline: float | None
    ) -> Result:
        try:
            plan = self._suspicion.plan(leased, monotonic())
            for suspect in plan.aside:
                wait = self._suspicion.time_left(suspect, monotonic())
                self._set_aside(suspect, max(wait, _LEAST_ASIDE))
            if not (plan.parts or plan.alone):
                return _NOTHING
            return self._carry_out(plan, stop, deadline)
        except BaseException:
            self._release(leased)
            raise

    def _arrives_behind(
        self, error: PersonalizeError, stop: threading.Event, deadline: float | None
    ) -> bool:
        """Try the events behind a failed batch; return whether one arrives and need not wait.

        Every event of the batch may be the cause. While all fail, look further behind each time.
        """
        behind: list[Sequence[LeasedEvent]] = []
        while may_mean_an_event(error) and len(behind) < self._suspicion.depth:
            if not (leased := self._lease()):
                break
            behind.append(leased)
        if not behind:
            return False
        for between in behind[:-1]:
            self._release(between)
        self._release(self._send(self._young(behind[-1]), stop, deadline).left)
        return self._suspicion.depth == 0

    def _young(self, leased: Sequence[LeasedEvent]) -> Sequence[LeasedEvent]:
        """Return the events that are not too old; drop the others."""
        if self._options.max_age is None:
            return leased
        before = time.time() - self._options.max_age
        old = [one for one in leased if one.event.event_time < before]
        self._spool.drop(self._owner, [one.id for one in old], TOO_OLD)
        for one in old:
            self._lost(Lost(one.event, "dropped", TOO_OLD))
        return [one for one in leased if one.event.event_time >= before]

    def _purge_old(self) -> None:
        """Drop dead letters that are too old, once a minute. `on_lost` knows them already."""
        if self._options.max_age is not None and monotonic() >= self._next_purge:
            self._next_purge = monotonic() + _PURGE_SECONDS
            self._spool.purge_dead(TOO_OLD, before=time.time() - self._options.max_age)

    def _is_full(self, leased: Sequence[LeasedEvent]) -> bool:
        users = len({one.event.customer_id for one in leased})
        return (
            users >= self._options.flush_users
            or len(leased) >= _MAX_EVENTS
            or 2 * sum(one.size for one in leased) >= self._size.most
        )

    def _release(self, leased: Sequence[LeasedEvent]) -> None:
        self._spool.release(self._owner, [one.id for one in leased])

    def _set_aside(self, suspect: LeasedEvent, seconds: float) -> None:
        """Keep an event leased for a while, so that the events behind it are leased instead."""
        self._spool.renew(self._owner, [suspect.id], seconds=seconds)

    def _carry_out(self, plan: Plan, stop: threading.Event, deadline: float | None) -> Result:
        waiting = {one.id for part in (*plan.parts, plan.alone) for one in part}
        unkept: list[LeasedEvent] = []

        def request(call: Callable[[], Call[Any]]) -> PersonalizeError | None:
            seconds = self._allowed(stop, deadline)
            if seconds <= 0:
                return StoppedError()
            self._spool.renew(self._owner, waiting, seconds=self._options.lease)
            return _error_of(self._transport, call, Deadline(seconds))

        def delivered(batch: Sequence[LeasedEvent]) -> None:
            self._spool.deliver(self._owner, [one.id for one in batch])
            self._backoff.succeeded()
            self._suspicion.succeeded(batch)
            waiting.difference_update(one.id for one in batch)

        def dead_letter(letter: LeasedEvent, error: PersonalizeError) -> None:
            if not self._dead_letter(letter, error):
                unkept.append(letter)
            waiting.discard(letter.id)

        result = BatchDelivery(
            plan,
            send=lambda batch: request(lambda: report_call([one.event for one in batch])),
            probe=lambda: request(lambda: metadata_call(())),
            delivered=delivered,
            dead_letter=dead_letter,
            size=self._size,
        ).run()
        for suspect, error in self._judged(result):
            dead_letter(suspect, error)
        if plan.is_search and result.alone:
            _log.warning(_TRIED_ALONE, len(result.alone), result.alone[0][1])
        if unkept and result.verdict is Verdict.DONE:  # the disk is full, or another leased it
            return Result(Verdict.RETRY, unkept, UnsendableError("a dead letter could not be kept"))
        return result

    def _judged(self, result: Result) -> Iterable[tuple[LeasedEvent, PersonalizeError]]:
        """Set aside the events that failed alone, and yield those that are the cause."""
        for suspect, error in result.alone:
            now = monotonic()
            wait = self._suspicion.accuse(suspect, now, is_contrast=result.is_contrast)
            if wait is None:
                yield suspect, error
            else:
                self._set_aside(suspect, wait)

    def _dead_letter(self, letter: LeasedEvent, error: PersonalizeError) -> bool:
        dropped = self._spool.dead_letter(self._owner, letter, str(error))
        if dropped is None:
            return False
        self._suspicion.acquit(letter)
        self._lost(Lost(letter.event, "dead", str(error)))
        for event in dropped:
            self._lost(Lost(event, "dropped", DEAD_LETTERS_FULL))
        return True

    def _allowed(self, stop: threading.Event, deadline: float | None) -> float:
        """Wait until the rate allows a request; return its timeout in seconds, 0 for no request."""
        wait = self._rate.wait(monotonic())
        if deadline is not None and monotonic() + wait >= deadline:
            return 0.0
        if stop.wait(wait):
            return 0.0
        self._rate.spend(monotonic())
        if deadline is None:
            return self._options.request_timeout
        return min(self._options.request_timeout, deadline - monotonic())

    def _note(self, result: Result) -> None:
        """Remember how a delivery ended, and when to try again."""
        if result.verdict is Verdict.DONE:
            if self.last_error is not None:
                _log.warning("delivery to MoEngage works again")
            self.paused, self.last_error = False, None
            self._asked_to_wait = False
            self.not_before = 0.0
            self._backoff.succeeded()
            return
        if isinstance(result.error, StoppedError):
            return
        was_failing = self.last_error is not None
        self.last_error = result.error
        if result.error is not None and may_mean_an_event(result.error):
            self._suspicion.failed()
        if result.verdict is Verdict.PAUSED:
            if not self.paused:
                _log.error("delivery to MoEngage is paused: %s", result.error)
            self.paused = True
            self.not_before = monotonic() + self._options.pause
            return
        if not was_failing:
            _log.warning("delivery to MoEngage fails, so events wait: %s", result.error)
        retry_after = getattr(result.error, "retry_after", None)
        self._asked_to_wait = retry_after is not None
        self.not_before = monotonic() + self._backoff.failed(retry_after=retry_after)


def _error_of(
    transport: Transport, call: Callable[[], Call[Any]], deadline: Deadline
) -> PersonalizeError | None:
    try:
        send(transport, call(), deadline)
    except (AttributeError, LookupError, RecursionError, TypeError, ValueError):
        # One of these events cannot be sent, and must not hold the others back.
        return UnsendableError(UNREADABLE)
    except PersonalizeError as error:
        return error
    return None
