"""The reporter that applications use: accepts events at once, and delivers them later."""

from __future__ import annotations

import atexit
import logging
import math
import os
import threading
import weakref
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Final, Literal, Self
from uuid import UUID, uuid4

import attrs

from moengage_personalize import validation
from moengage_personalize.client.async_client import AsyncPersonalizeClient
from moengage_personalize.client.sync_client import PersonalizeClient
from moengage_personalize.clock import monotonic
from moengage_personalize.errors import InvalidArgumentError
from moengage_personalize.models.events import (
    Clicked,
    Event,
    Shown,
    checked_events,
    clicked_events,
    shown_events,
)
from moengage_personalize.models.experiences import reportable_context
from moengage_personalize.models.visitor import Visitor

from .dedupe import Dedupe, SeenImpressions
from .dispatcher import Dispatcher
from .options import Lost, Options, Stats, WhenFull
from .spool import TOO_LARGE, Spool
from .spool.event_codec import TooLargeError
from .spool_factory import spool_of
from .worker import Worker, told

__all__ = ["EventReporter"]

_LEAST_SECONDS: Final = 0.05
_LONGEST_RESERVE: Final = 1.0
_LOG_SECONDS: Final = 60.0
_DROPPED: Final = "events for MoEngage are dropped: %s; reporter.stats counts them"
_DEAD: Final = "MoEngage refuses events, which become dead letters: %s; reporter.stats counts them"

_log: Final = logging.getLogger("moengage_personalize.reporter")


class EventReporter:
    """Reports impressions and clicks without slowing a page.

    `shown` and `clicked` check an event, keep it, and return within microseconds. A thread delivers
    it in the background, with up to 100 users in a request, and retries when the network fails.
    Events keep their UUIDs, so the server counts each once.

    An async application uses the same object. Only `flush` and `close` wait, and they have async
    versions, `flush_async` and `close_async`.

    Args:
        client: The client whose workspace and settings to report with.
        spool: The path of a file, so that events outlive the process; several processes may share
            it (POSIX only). `None` keeps events in memory. Or your own `Spool`.
        max_events: The largest number of pending events in the spool. Default: 100,000. Leave out
            `max_events`, `max_bytes` and `max_dead` if you pass your own `Spool`.
        max_bytes: The largest size of the pending events, in bytes. Default: 100,000,000.
        max_dead: The largest number of dead letters; the oldest are dropped. Default: 10,000.
        flush_users: A delivery starts when events of this many users wait, 1 to 100.
        flush_interval: The longest time before events are delivered, in seconds.
        request_timeout: The longest time of one request, in seconds.
        rate_share: The share of 10,000 requests a minute that this reporter may send, 0.001 to 1.
        lease: The time after which another process may take over leased events, in seconds.
        when_full: If the spool is full: `drop_oldest`, `drop_newest`, or `block`, which waits for
            room.
        block_timeout: With `when_full="block"`: how long to wait for room before the event is
            dropped, in seconds.
        pause: The time between attempts while delivery is paused, in seconds.
        exit_timeout: The longest time of the last delivery when the interpreter exits, in seconds.
        max_age: The age at which an event, pending or dead, is dropped as `too old`, in seconds.
            Default: no limit.
        before_report: Called with each event before it is kept; returns the event to keep, or
            `None` to drop it. If it raises, the event is dropped.
        dedupe: Leaves out repeated impressions. Default: report every impression.
        on_lost: Called with a `Lost` for each event that is dropped or becomes a dead letter. Not
            called for an event that `before_report` drops by returning `None`.

    Raises:
        InvalidArgumentError: An argument is not acceptable; the error names it.
    """

    def __init__(  # noqa: PLR0913  (each is one decision of the caller's)
        self,
        client: PersonalizeClient | AsyncPersonalizeClient,
        *,
        spool: str | os.PathLike[str] | Spool | None = None,
        max_events: int | None = None,
        max_bytes: int | None = None,
        max_dead: int | None = None,
        flush_users: int = 100,
        flush_interval: float = 5.0,
        request_timeout: float = 10.0,
        rate_share: float = 0.5,
        lease: float = 30.0,
        when_full: WhenFull = "drop_oldest",
        block_timeout: float = 0.1,
        pause: float = 60.0,
        exit_timeout: float = 2.0,
        max_age: float | None = None,
        before_report: Callable[[Event], Event | None] | None = None,
        dedupe: Dedupe | None = None,
        on_lost: Callable[[Lost], None] | None = None,
    ) -> None:
        if not isinstance(client, PersonalizeClient | AsyncPersonalizeClient):
            raise InvalidArgumentError(
                "must be a PersonalizeClient or an AsyncPersonalizeClient, not "
                f"{type(client).__name__}",
                field="client",
            )
        self._options = Options(
            flush_users=flush_users,
            flush_interval=flush_interval,
            request_timeout=request_timeout,
            rate_share=rate_share,
            lease=lease,
            when_full=when_full,
            block_timeout=block_timeout,
            pause=pause,
            exit_timeout=exit_timeout,
            max_age=max_age,
            before_report=before_report,
            dedupe=dedupe,
            on_lost=on_lost,
        )
        own = client._transport  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]  (one package)
        self._transport = own.for_background()
        self._spool = spool_of(
            spool,
            {"max_events": max_events, "max_bytes": max_bytes, "max_dead": max_dead},
            is_disabled=own.settings.is_disabled,
        )
        self._spool.bind(self._transport.settings.credentials.digest)
        self._is_closed = self._is_done = self._is_ended = False
        self._skipped = 0
        self._next_log: dict[str, float] = {}
        self._process = os.getpid()
        self._beginning: dict[int, threading.Lock] = {}
        self._begin()
        _reporters.add(self)

    def _here(self) -> Worker:
        """The worker of this process; a forked child makes its own with its first event.

        It compares the process ID, because a server such as uWSGI forks without Python's hooks.
        """
        process = os.getpid()
        if self._process != process:
            # A new lock: a thread of the parent may have held the old one during the fork.
            with self._beginning.setdefault(process, threading.Lock()):
                if self._process != process:
                    self._spool.after_fork()
                    self._begin()
                    self._process = process
        return self._worker

    def _begin(self) -> None:
        """Make the parts that belong to one process; the thread starts with the first event."""
        self._dispatcher = Dispatcher(
            self._transport, self._spool, uuid4().hex, self._options, self._tell_lost
        )
        self._worker = Worker(self._dispatcher, self._spool, self._options)
        self._closing = threading.RLock()
        self._counting = threading.Lock()
        self._is_closing = False
        self._seen = SeenImpressions(self._options.dedupe) if self._options.dedupe else None

    def shown(
        self,
        *experiences: Shown,
        visitor: Visitor | str | None,
        event_time: datetime | float | str | None = None,
        user_attributes: Mapping[str, Any] | None = None,
        event_uuid: UUID | str | None = None,
    ) -> None:
        """Report that a visitor saw one or more experiences.

        An experience that is not reportable is skipped, and counted in `stats.skipped`. The
        arguments are those of `PersonalizeClient.shown`.

        Raises:
            InvalidArgumentError: An argument is not acceptable; no event was accepted.
        """
        events, skipped = shown_events(
            experiences,
            visitor,
            event_time=event_time,
            user_attributes=user_attributes,
            event_uuid=event_uuid,
        )
        self._accept(events, skipped)

    def clicked(  # noqa: PLR0913  (the fields of the API's event)
        self,
        experience: Clicked,
        *,
        visitor: Visitor | str | None,
        element: str | None = None,
        event_time: datetime | float | str | None = None,
        user_attributes: Mapping[str, Any] | None = None,
        event_uuid: UUID | str | None = None,
    ) -> None:
        """Report that a visitor clicked an experience; skip one that is not reportable.

        The arguments are those of `PersonalizeClient.clicked`.

        Raises:
            InvalidArgumentError: An argument is not acceptable; no event was accepted.
        """
        events, skipped = clicked_events(
            experience,
            visitor,
            element,
            event_time=event_time,
            user_attributes=user_attributes,
            event_uuid=event_uuid,
        )
        self._accept(events, skipped)

    def report(self, events: Iterable[Event]) -> None:
        """Accept events that you made with `Event.shown` and `Event.clicked`.

        Raises:
            InvalidArgumentError: One of them is not an `Event`; no event was accepted.
        """
        self._accept(list(checked_events(events)))

    def _accept(self, events: Iterable[Event], skipped: int = 0) -> None:
        worker = self._here()
        if skipped:
            with self._counting:
                self._skipped += skipped
        for event in events:
            if self._transport.settings.is_disabled:
                self._spool.refuse(event, "disabled")
            elif self._is_closed:
                self._refuse(event, "closed")
            else:
                self._put(event, worker)

    def _put(self, given: Event, worker: Worker) -> None:
        before_report = self._options.before_report
        event = given if before_report is None else self._changed(given, before_report)
        if event is None or (self._seen and self._seen.suppresses(event, monotonic())):
            return
        try:
            kept = not self._spool.is_full() or self._make_room()
            if kept:
                self._spool.put(event)
        except TooLargeError:
            kept = False
            self._refuse(event, TOO_LARGE)
        else:
            if not kept:
                self._refuse(event, "full")
        if not kept:
            if self._seen:
                self._seen.forget(event)
            return
        worker.accepted(event.customer_id)
        if self._is_closed:  # meanwhile; `close` may have drained the spool before this
            self._drain(math.inf)

    def _changed(
        self, event: Event, before_report: Callable[[Event], Event | None]
    ) -> Event | None:
        """Return what `before_report` makes of an event; `None` to drop it."""
        try:
            changed = before_report(event)
            if changed is not None:
                (changed,) = checked_events([changed])
                reportable_context(changed.attributes)
        except Exception as error:  # noqa: BLE001  (the application's code must break no page)
            problem = error if isinstance(error, InvalidArgumentError) else told(error)
            _log.error("before_report failed, so the event was dropped: %s", problem)
            self._refuse(event, "before_report failed")
            return None
        if changed is None:
            self._spool.refuse(event, "before_report")
        return changed

    def flush(self, timeout: float = 5.0) -> bool:
        """Deliver all pending events now.

        Args:
            timeout: The longest time to wait, in seconds.

        Returns:
            Whether no event is pending any more, in any process that shares the spool.

        Raises:
            RuntimeError: Called from `on_lost`, on the thread that delivers.
        """
        return self._here().flush(monotonic() + validation.seconds("timeout", timeout))

    def close(self, timeout: float = 5.0) -> bool:
        """Deliver all pending events, and stop. The next process delivers what a file still has.

        A fifth of the time, and at most one second, is kept for events in memory: to write them to
        disk, or to call `on_lost` with each.

        Args:
            timeout: The longest time for all of it, in seconds, even if the server hangs.

        Returns:
            Whether no event was pending any more. A second call returns the result of the first. If
            another thread is closing the reporter, the call waits for that thread, and returns
            `False` if its own timeout ends first. If this thread is already inside `close`, as in a
            signal handler or in `on_lost`, it returns `False` at once.

        Raises:
            RuntimeError: Called from `on_lost`, on the thread that delivers.
        """
        deadline = monotonic() + validation.seconds("timeout", timeout)
        self._here().refuse_itself()
        if not self._closing.acquire(timeout=timeout):
            return False
        try:
            if not (self._is_closing or self._is_ended):
                self._is_closing = True
                self._end(deadline, reserve=min(timeout / 5, _LONGEST_RESERVE))
            return self._is_done
        finally:
            self._closing.release()

    def begin_to_end(self, deadline: float) -> None:
        """Begin the last delivery, unless `close` has made it, and do not wait for it."""
        if not self._is_closed:
            self._worker.end_by(deadline)
            self._worker.begin_flush(deadline)

    def _end(self, deadline: float, *, reserve: float) -> None:
        """Stop; if a signal handler raises, the next call does the rest."""
        try:
            if not self._is_closed:
                self._worker.end_by(deadline - reserve)
                self._is_done = self._worker.flush(deadline - reserve)
                self._is_closed = True
            self._worker.stop(deadline - reserve)
            self._drain(deadline)
            self._spool.close()
            self._transport.close()
            self._is_ended = True
        finally:
            self._is_closing = False

    async def flush_async(self, timeout: float = 5.0) -> bool:
        """Like `flush`, for async code; does not block the event loop."""
        return await _in_thread(self.flush, timeout)

    async def close_async(self, timeout: float = 5.0) -> bool:
        """Like `close`, for async code; does not block the event loop."""
        return await _in_thread(self.close, timeout)

    @property
    def stats(self) -> Stats:
        """How many events were delivered, wait or were lost, and how delivery is going."""
        worker = self._here()
        if not self._is_closed:  # so that what a dead process left is delivered
            worker.start()
        return Stats(
            **attrs.asdict(self._spool.counts(), recurse=False),
            paused=self._dispatcher.paused,
            last_error=self._dispatcher.last_error,
            skipped=self._skipped,
            suppressed=self._seen.suppressed if self._seen else 0,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close_async()

    def _make_room(self) -> bool:
        """Whether there is room now for one more event."""
        if self._options.when_full == "drop_oldest":
            dropped = self._spool.drop_oldest("full")
            if self._options.on_lost is None:  # so they need not even be read
                self._log_lost("dropped", "full")
            else:
                for event in dropped:
                    self._tell_lost(Lost(event, "dropped", "full"))
        elif self._options.when_full == "block":
            self._worker.wait_for_room(self._options.block_timeout)
        return not self._spool.is_full()

    def _drain(self, deadline: float) -> None:
        if self._options.on_lost is None:
            if self._spool.drain("closed", deadline=deadline):
                self._log_lost("dropped", "closed")
            return
        # The disk takes at most half of the time left, so that time remains for on_lost.
        now = monotonic()
        dropped = self._spool.drain("closed", deadline=now + (deadline - now) / 2)
        for done, event in enumerate(dropped):
            if monotonic() >= deadline:
                _log.error(
                    "%d events were dropped without on_lost, because close had no time left",
                    len(dropped) - done,
                )
                return
            self._tell_lost(Lost(event, "dropped", "closed"))

    def _refuse(self, event: Event, reason: str) -> None:
        self._spool.refuse(event, reason)
        self._tell_lost(Lost(event, "dropped", reason))

    def _tell_lost(self, lost: Lost) -> None:
        if self._options.on_lost is None:
            self._log_lost(lost.kind, lost.reason)
            return
        try:
            self._options.on_lost(lost)
        except Exception as error:  # noqa: BLE001  (the application's code must not end delivery)
            _log.error("on_lost failed: %s", told(error))

    def _log_lost(self, kind: Literal["dropped", "dead"], reason: str) -> None:
        """Say that events are lost, once a minute for each reason: there may be thousands."""
        what = reason if kind == "dropped" else kind  # the API gives reasons in its own words
        now = monotonic()
        if now >= self._next_log.get(what, 0.0):
            self._next_log[what] = now + _LOG_SECONDS
            _log.warning(_DROPPED if kind == "dropped" else _DEAD, reason)

    @property
    def has_begun(self) -> bool:
        """Whether this process has anything to stop."""
        return self._process == os.getpid() and self._worker.has_begun

    @property
    def exit_timeout(self) -> float:
        """The longest time of the last delivery when the interpreter exits, in seconds."""
        return self._options.exit_timeout


async def _in_thread(work: Callable[[float], bool], timeout: float) -> bool:
    import anyio.to_thread  # noqa: PLC0415  (import time)

    # A new thread, because the framework's own may all be busy for longer than the timeout.
    own = anyio.CapacityLimiter(1)
    return await anyio.to_thread.run_sync(work, timeout, limiter=own)


_reporters: Final[weakref.WeakSet[EventReporter]] = weakref.WeakSet()


@atexit.register
def _at_exit() -> None:
    """Run a last delivery of every reporter, for as long as the longest exit timeout."""
    reporters = [one for one in _reporters if one.has_begun]
    deadline = monotonic() + max((one.exit_timeout for one in reporters), default=0.0)
    for reporter in reporters:  # all at once, so that one that hangs takes no time from the others
        reporter.begin_to_end(deadline)
    for reporter in reporters:
        reporter.close(max(deadline - monotonic(), _LEAST_SECONDS))
