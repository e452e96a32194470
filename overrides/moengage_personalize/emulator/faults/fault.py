"""The faults of the network and the API that a test or a person can set.

The constructors of `Fault` make them. A `FaultBook` keeps a fault until it has happened `times`
times or is cleared.
"""

import json
import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from random import Random
from typing import Any, Final, Literal, Self, TypedDict, Unpack

from moengage_personalize.emulator.responses import HTML, JSON

Kind = Literal["status", "answer", "latency", "drop", "half_body", "trickle", "hang"]

# The API itself answers these with JSON; every other failure comes from a gateway.
_API_STATUSES: Final = frozenset({200, 400, 401, 500})
_LOWEST_STATUS: Final = 200
_HIGHEST_STATUS: Final = 599


class When(TypedDict, total=False):
    """When a fault happens; every constructor of `Fault` takes these.

    Attributes:
        times: The number of requests, at least 1. Default: None, until the fault is cleared.
        probability: The share of the requests, above 0 and up to 1. Default: 1.
        seed: The seed of the random choice for `probability`. The same seed chooses the same
            requests in every run. Default: 0.
    """

    times: int | None
    probability: float
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A fault. Make one with its constructors, which take the arguments that belong together.

    Raises:
        ValueError: A number is outside its limits.
        TypeError: An argument that must be a number is not one.
    """

    kind: Kind
    status_code: int = 503
    html: bool = True
    body: str = ""
    media_type: str = JSON
    retry_after: str | None = None
    tells_limit: bool = False
    seconds: float = 0.0
    reset: bool = False
    processes: bool = False
    times: int | None = None
    probability: float = 1.0
    seed: int = 0

    def __post_init__(self) -> None:
        if type(self.status_code) is not int:
            raise TypeError("status must be a whole number")
        for figure in (self.seconds, self.probability, self.times or 0):
            if not isinstance(figure, int | float):
                raise TypeError("interval, probability, seconds and times must be numbers")
        _check_header("media_type", self.media_type)
        if self.retry_after is not None:
            _check_header("retry_after", self.retry_after)
        if not _LOWEST_STATUS <= self.status_code <= _HIGHEST_STATUS:
            raise ValueError(f"status must be {_LOWEST_STATUS} to {_HIGHEST_STATUS}")
        if not 0 <= self.seconds < threading.TIMEOUT_MAX:
            raise ValueError("seconds and interval must be finite and at least 0")
        if self.times is not None and self.times < 1:
            raise ValueError("times must be at least 1, or None for every request")
        if not 0 < self.probability <= 1:
            raise ValueError("probability must be above 0 and at most 1")

    @classmethod
    def status(
        cls,
        status: int,
        *,
        html: bool | None = None,
        retry_after: float | str | None = None,
        **when: Unpack[When],
    ) -> Self:
        """Answer with a status instead of carrying the request out.

        Args:
            status: The HTTP status, 200 to 599.
            html: Whether the body is a gateway's HTML page or the API's JSON error. Default: as in
                the document: JSON for 400, 401 and 500, HTML for all others.
            retry_after: The `Retry-After` header, in seconds or as an HTTP date.
            **when: See `When`.
        """
        return cls(
            kind="status",
            status_code=status,
            html=status not in _API_STATUSES if html is None else html,
            retry_after=None if retry_after is None else str(retry_after),
            **when,
        )

    @classmethod
    def rate_limited(cls, retry_after: float | str | None = 1, **when: Unpack[When]) -> Self:
        """Answer 429 as a gateway does, with the headers of the rate limit.

        Args:
            retry_after: The `Retry-After` header, in seconds or as an HTTP date. None leaves it
                out, so that only `x-ratelimit-reset`, the end of the minute, is sent.
            **when: See `When`.
        """
        return replace(cls.status(429, retry_after=retry_after, **when), tells_limit=True)

    @classmethod
    def answer(
        cls,
        body: Mapping[str, Any] | str,
        *,
        status: int = 200,
        media_type: str | None = None,
        **when: Unpack[When],
    ) -> Self:
        """Carry the request out, and replace the answer, unless the emulator refuses the request.

        Use it for an answer that no experience file can describe, for example with new fields.

        Args:
            body: The body. An object is sent as JSON, a text as it is.
            status: The HTTP status, 200 to 599.
            media_type: The `Content-Type`. Default: JSON for an object, HTML for a text.
            **when: See `When`.

        Raises:
            TypeError: The body is not an object or a text, or JSON cannot express it.
            ValueError: The text is not valid Unicode.
        """
        if not isinstance(body, Mapping | str):
            raise TypeError("body must be an object or a text")
        text, usual = (body, HTML) if isinstance(body, str) else (json.dumps(dict(body)), JSON)
        text.encode()  # now, to fail here and not while a client waits
        return cls(
            kind="answer",
            status_code=status,
            body=text,
            media_type=usual if media_type is None else media_type,
            processes=True,
            **when,
        )

    @classmethod
    def latency(cls, seconds: float, **when: Unpack[When]) -> Self:
        """Wait for some seconds, then continue. Other faults may follow, and latencies add up."""
        return cls(kind="latency", seconds=seconds, **when)

    @classmethod
    def drop(cls, *, reset: bool = False, **when: Unpack[When]) -> Self:
        """Close the connection before any answer; with `reset`, send a TCP reset."""
        return cls(kind="drop", reset=reset, **when)

    @classmethod
    def half_body(cls, **when: Unpack[When]) -> Self:
        """Carry the request out, announce the whole body, send half of it, and close."""
        return cls(kind="half_body", processes=True, **when)

    @classmethod
    def trickle(cls, interval: float = 1.0, **when: Unpack[When]) -> Self:
        """Carry the request out, and send the body one byte every `interval` seconds."""
        return cls(kind="trickle", seconds=interval, processes=True, **when)

    @classmethod
    def hang(cls, **when: Unpack[When]) -> Self:
        """Never answer, and keep the connection open until the client closes it."""
        return cls(kind="hang", **when)

    @classmethod
    def after_processing(cls, fault: Self) -> Self:
        """Carry the request out, then fail. Events arrive, but the client sees only the failure."""
        return replace(fault, processes=True)


def _check_header(name: str, value: object) -> None:
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a text")
    if not (value.isascii() and value.isprintable()):
        raise ValueError(f"{name} must be printable ASCII")


@dataclass(slots=True)
class PendingFault:
    """A fault that waits for its requests.

    Attributes:
        operation: The `operationId` of the requests; None for every operation.
        fault: The fault.
        happened: How often it has happened.
    """

    operation: str | None
    fault: Fault
    dice: Random
    happened: int = 0

    def happens_to(self, operation: str) -> bool:
        """Decide whether the fault happens to a request, and count it if it does."""
        if self.operation is not None and self.operation != operation:
            return False
        if self.fault.probability < 1 and self.dice.random() >= self.fault.probability:
            return False
        self.happened += 1
        return True

    @property
    def is_delay(self) -> bool:
        """Whether it only delays a request, so that another fault may follow."""
        return self.fault.kind == "latency" and not self.fault.processes

    def hides(self, newer: "PendingFault") -> bool:
        """Return whether it would always happen before a newer fault can."""
        return (
            self.fault.times is None
            and self.fault.probability == 1
            and not (self.is_delay or newer.is_delay)
            and (self.operation == newer.operation or None in {self.operation, newer.operation})
        )

    @property
    def is_over(self) -> bool:
        """Whether it has happened `times` times."""
        return self.fault.times is not None and self.happened >= self.fault.times


@dataclass(frozen=True, slots=True)
class Misfortune:
    """What happens to one request.

    Attributes:
        delay: How long to wait first, in seconds.
        fault: The fault that follows; None if the request is carried out as usual.
    """

    delay: float = 0.0
    fault: Fault | None = None


NO_MISFORTUNE: Final = Misfortune()


class FaultBook:
    """The faults that wait for requests, in the order in which they happen.

    This is the order in which they were added, but a fault without `times` comes after newer ones.
    Any thread may call any method.
    """

    def __init__(self, operations: Collection[str]) -> None:
        self._operations = operations
        self._pending: list[PendingFault] = []
        self._lock = threading.Lock()

    def add(self, operation: str | None, fault: Fault) -> None:
        """Let a fault happen to an operation, or to all for None.

        Raises:
            TypeError: It is not a `Fault`.
            ValueError: The document has no such operation.
        """
        if not isinstance(fault, Fault):
            raise TypeError(
                f"fault must be a Fault, as in Fault.status(503), not {type(fault).__name__}"
            )
        if operation is not None and operation not in self._operations:
            known = ", ".join(self._operations)
            raise ValueError(f"operation must be None or one of {known}")
        # The choice of requests must be repeatable, not unpredictable.
        dice = Random(fault.seed)  # noqa: S311 -- no secret depends on it
        newer = PendingFault(operation, fault, dice)
        with self._lock:
            before = next((at for at, old in enumerate(self._pending) if old.hides(newer)), None)
            self._pending.insert(len(self._pending) if before is None else before, newer)

    def clear(self) -> None:
        """Forget every fault."""
        with self._lock:
            self._pending.clear()

    def pending(self) -> list[PendingFault]:
        """Return the faults that still wait, in the order in which they happen."""
        with self._lock:
            return [replace(waiting) for waiting in self._pending]

    def strike(self, operation: str) -> Misfortune:
        """Decide what happens to a request: all due latencies, and the first other fault."""
        if not self._pending:
            return NO_MISFORTUNE
        delay = 0.0
        struck: Fault | None = None
        with self._lock:
            for waiting in self._pending:
                if (struck and not waiting.is_delay) or not waiting.happens_to(operation):
                    continue
                if waiting.is_delay:
                    delay += waiting.fault.seconds
                else:
                    struck = waiting.fault
            self._pending = [waiting for waiting in self._pending if not waiting.is_over]
        return Misfortune(delay, struck)
