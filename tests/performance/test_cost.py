"""What a call does, counted: function calls are the same on every machine, however busy it is."""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import anyio
import pytest

from moengage_personalize import AsyncPersonalizeClient, PersonalizeClient
from moengage_personalize.transport.backends import Backend
from moengage_personalize.transport.deadline import Deadline
from moengage_personalize.transport.messages import Request, Response
from support import CONTEXT

BASE_URL = "http://127.0.0.1:9/v1"


def answer(experiences: int, values: int) -> bytes:
    payload = {str(number): {"value": "text", "data_type": "string"} for number in range(values)}
    experience = {"payload": payload, "experience_context": CONTEXT}
    return json.dumps(
        {"experiences": dict.fromkeys(map(str, range(experiences)), experience)}
    ).encode()


class InstantBackend:
    """Responds at once, so that what is counted is this package's own doing."""

    def __init__(self, body: bytes) -> None:
        self.body = body

    def send(self, request: Request, deadline: Deadline) -> Response:  # noqa: ARG002  (a backend's)
        return Response(200, {}, self.body, None)

    def close_idle(self) -> None:
        """Nothing is idle."""

    def for_background(self) -> Backend:
        return self

    def close(self) -> None:
        """Nothing is open."""


class AsyncInstantBackend(InstantBackend):
    async def send(self, request: Request, deadline: Deadline) -> Response:  # type: ignore[override]  # async
        return super().send(request, deadline)

    async def close_idle(self) -> None:  # type: ignore[override]  # async
        """Nothing is idle."""

    async def close(self) -> None:  # type: ignore[override]  # async
        """Nothing is open."""


def function_calls(work: Callable[[], object]) -> int:
    """How many functions are called, in Python and in C."""
    count = 0

    def note(_: Any, event: str, __: Any) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    work()  # what is remembered for later calls is no cost of each
    before = sys.getprofile()
    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


@pytest.fixture
def fetching() -> Iterator[Callable[[bytes], Callable[[], object]]]:
    """Makes a fetch that is given an answer."""
    with PersonalizeClient("W", "K", base_url=BASE_URL) as client:

        def make(body: bytes) -> Callable[[], object]:
            client._transport._backend = InstantBackend(body)
            return lambda: client.fetch("0", visitor="user")

        yield make


def test_a_sync_fetch_does_no_more_than_it_must(
    fetching: Callable[[bytes], Callable[[], object]],
) -> None:
    """Checks, generated halves, JSON and models take some 85 function calls."""
    assert function_calls(fetching(answer(1, 2))) < 95


def test_an_async_fetch_does_hardly_more() -> None:
    """The same, but for the coroutines."""

    async def count() -> int:
        async with AsyncPersonalizeClient("W", "K", base_url=BASE_URL) as client:
            client._transport._backend = AsyncInstantBackend(answer(1, 2))

            def fetch() -> None:
                with suppress(StopIteration):
                    client.fetch("0", visitor="user").send(None)

            return function_calls(fetch)

    assert anyio.run(count) < 100


def test_what_is_not_used_is_not_made(fetching: Callable[[bytes], Callable[[], object]]) -> None:
    """A thousand values cost a look each, and no model."""
    few, many = (function_calls(fetching(answer(25, values))) for values in (2, 40))
    assert many - few < 25 * 38


def test_reading_a_large_answer_costs_little_beside_its_json(
    fetching: Callable[[bytes], Callable[[], object]],
) -> None:
    """Twice `json.loads` is the goal, some 1.3 is usual: three times is no noise any more."""
    body = answer(25, 40)
    fetch = fetching(body)

    def seconds(work: Callable[[], object]) -> float:
        start = time.process_time()
        for _ in range(10):
            work()
        return time.process_time() - start

    ratios = [seconds(fetch) / seconds(lambda: json.loads(body)) for _ in range(9)]
    assert statistics.median(ratios) < 3
