"""Sends a call: builds its requests, exchanges them side by side, parses the responses."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextvars import copy_context
from typing import Any, Final, TypeVar

from .api import ApiClient
from .calls import Call, Outcome
from .deadline import Deadline
from .errors import PersonalizeError, UnreadableAnswerError
from .messages import Answer

__all__ = ["send", "send_async"]

T = TypeVar("T")

_SIDE_BY_SIDE: Final = 8
"""A report about thousands of users must not take every connection."""


def send(api: ApiClient, call: Call[T], timeout: float) -> T:
    """Send every request of a call within `timeout` seconds, and return its result.

    Raises:
        PersonalizeError: What the call makes of its requests' failures.
    """
    transport, deadline = api.transport(), Deadline.after(timeout)

    def send_part(part: Mapping[str, Any]) -> Outcome:
        try:
            return _read(api, call, transport.exchange(call.operation.request(**part), deadline))
        except Exception as error:  # noqa: BLE001  (a part must not take the others down)
            return error

    return _answer(call, _side_by_side(send_part, call.parts))


async def send_async(api: ApiClient, call: Call[T], timeout: float) -> T:
    """`send`, for async code."""
    transport, deadline = api.async_transport(), Deadline.after(timeout)

    async def send_part(part: Mapping[str, Any]) -> Outcome:
        try:
            answer = await transport.exchange(call.operation.request(**part), deadline)
            return _read(api, call, answer)
        except Exception as error:  # noqa: BLE001  (a part must not take the others down)
            return error

    if len(call.parts) <= 1:
        return _answer(call, [await send_part(part) for part in call.parts])
    return _answer(call, await _together(send_part, call.parts))


def _read(api: ApiClient, call: Call[T], answer: Answer) -> Any:  # noqa: ANN401  (what a call reads)
    """What a call takes from a response; a missing or malformed field is the API's fault."""
    try:
        model = call.operation.parse(client=api, response=answer)
        if model is not None:
            return call.read(model)
    except PersonalizeError:
        raise
    except KeyError as error:
        field = str(error.args[0]) if error.args else ""
        raise UnreadableAnswerError(
            f"the API's answer lacks the field {field!r}", field=field
        ) from error
    except (AttributeError, TypeError, ValueError) as error:
        raise UnreadableAnswerError(
            "the API's answer has a field of another type than the API describes"
        ) from error
    raise UnreadableAnswerError(
        f"the API answered with the status {answer.status_code}, which it does not describe"
    )


def _answer(call: Call[T], outcomes: Sequence[Outcome]) -> T:
    for outcome in outcomes:
        if isinstance(outcome, Exception) and not isinstance(outcome, PersonalizeError):
            raise outcome
    return call.answer(outcomes)


def _side_by_side(
    work: Callable[[Mapping[str, Any]], Outcome], parts: Sequence[Mapping[str, Any]]
) -> list[Outcome]:
    if len(parts) <= 1:
        return [work(part) for part in parts]
    try:
        from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415  (import time)

        with ThreadPoolExecutor(min(len(parts), _SIDE_BY_SIDE)) as threads:
            futures = [threads.submit(copy_context().run, work, part) for part in parts]
    except RuntimeError:  # the interpreter is ending, and starts no threads any more
        return [work(part) for part in parts]
    return [future.result() for future in futures]


async def _together(
    work: Callable[[Mapping[str, Any]], Awaitable[Outcome]], parts: Sequence[Mapping[str, Any]]
) -> list[Outcome]:
    import anyio  # noqa: PLC0415  (import time: a blocking application never needs it)

    outcomes: list[Outcome] = [None] * len(parts)
    limiter = anyio.Semaphore(_SIDE_BY_SIDE)

    async def work_on(position: int) -> None:
        async with limiter:
            outcomes[position] = await work(parts[position])

    async with anyio.create_task_group() as tasks:
        for position in range(len(parts)):
            tasks.start_soon(work_on, position)
    return outcomes
