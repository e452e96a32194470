"""Records every request, and every event once."""

import json
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(slots=True, eq=False)
class RecordedRequest:
    """One request, as it arrived. Its `repr` shows no customer and no credential.

    Attributes:
        operation: The document's `operationId`; None if the document has no such operation.
        method: The HTTP method.
        path: The path, with the base path.
        query: The query string as sent, without the question mark.
        headers: The headers by name in lower case; repeated ones are joined with commas.
        body: The body's bytes.
        received_at: When it had arrived completely, in seconds of `time.monotonic()`.
        status: The status of the answer; None if there is no answer (yet).
    """

    operation: str | None
    method: str
    path: str = field(repr=False)
    query: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    received_at: float = field(repr=False, default_factory=time.monotonic)
    status: int | None = None

    def answered(self, status: int) -> None:
        """Note the status of the answer."""
        self.status = int(status)

    @property
    def json(self) -> Any:  # noqa: ANN401 -- any JSON
        """The body as JSON; None if it is not JSON."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None


@dataclass(frozen=True, slots=True)
class ReceivedEvent:
    """One impression or click. Its `repr` shows all of it, for the message of a failed assert.

    Attributes:
        uuid: The event's `moe_event_uuid`.
        action: The API's name for the action.
        customer_id: The customer.
        event_time: When it happened, as sent: whole seconds since 1970-01-01 UTC, or a text in ISO
            8601.
        platform: `web`, `android`, `ios`, `tv` or `Unknown`, as the API records it.
        attributes: The experience context, with `b_id` on a click that names its element.
        user_attributes: The attributes that the report sets on the customer's profile.
        user_timezone_offset: The customer's offset from UTC in seconds; None if not sent.
        deliveries: How often this UUID arrived. Repeats are counted here, and dropped.
    """

    uuid: str
    action: str
    customer_id: str
    event_time: int | str
    platform: str
    attributes: Mapping[str, Any]
    user_attributes: Mapping[str, Any]
    user_timezone_offset: int | None
    deliveries: int = 1


class Journal:
    """Keeps requests and events, in the order of arrival. Any thread may call any method.

    Attributes:
        history: The number of requests and of events to keep; None for all. A repeat of an event
            that is no longer kept counts as new.
    """

    def __init__(self, history: int | None = None) -> None:
        self.history = history
        self._requests: deque[RecordedRequest] = deque(maxlen=history)
        self._events: OrderedDict[str, ReceivedEvent] = OrderedDict()
        self._changed = threading.Condition()

    @property
    def requests(self) -> list[RecordedRequest]:
        """The requests so far."""
        with self._changed:
            return list(self._requests)

    @property
    def events(self) -> list[ReceivedEvent]:
        """The events so far, each UUID once."""
        with self._changed:
            return list(self._events.values())

    def record(self, request: RecordedRequest) -> None:
        """Keep a request."""
        with self._changed:
            self._requests.append(request)

    def receive(self, events: Iterable[ReceivedEvent]) -> None:
        """Keep new events, and count the deliveries of the others."""
        with self._changed:
            for event in events:
                # A UUID is the same in upper and lower case.
                key = event.uuid.lower()
                known = self._events.get(key)
                self._events[key] = (
                    event if known is None else replace(known, deliveries=known.deliveries + 1)
                )
            while self.history is not None and len(self._events) > self.history:
                self._events.popitem(last=False)
            self._changed.notify_all()

    def wait_for_events(self, count: int, timeout: float) -> list[ReceivedEvent]:
        """Wait until some events have arrived, and return all events.

        Args:
            count: The number of different events to wait for.
            timeout: The longest time to wait, in seconds.

        Raises:
            TimeoutError: Fewer arrived in that time.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: len(self._events) >= count, timeout):
                raise TimeoutError(
                    f"{len(self._events)} of {count} events arrived within {timeout} s"
                )
            return list(self._events.values())

    def clear(self) -> None:
        """Forget all requests and events, and so their UUIDs."""
        with self._changed:
            self._requests.clear()
            self._events.clear()
