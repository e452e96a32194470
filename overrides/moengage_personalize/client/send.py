"""Sends a call: builds its requests, sends them in parallel, parses the responses."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextvars import copy_context
from functools import partial
from http import HTTPStatus
from typing import Any, Final, TypeVar

from moengage_personalize.errors import PersonalizeError, UnreadableAnswerError
from moengage_personalize.transport.deadline import Deadline
from moengage_personalize.transport.exchange import AsyncTransport, Transport
from moengage_personalize.transport.messages import Response

from .operations import LENIENT, Call, Outcome

__all__ = ["send", "send_async"]

T = TypeVar("T")

_SIDE_BY_SIDE: Final = 8
"""A report about thousands of users must not take every connection."""


def send(transport: Transport, call: Call[T], deadline: Deadline) -> T:
    """Send every request of a call before a deadline, and return its result.

    Raises:
        PersonalizeError: A request failed; the call decides which error to raise.
    """
    if transport.settings.is_disabled:
        return call.answer([call.nothing] * len(call.parts))
    if len(call.parts) == 1:
        return call.answer((_send_part(transport, call, deadline, call.parts[0]),))
    return call.answer(_side_by_side(partial(_send_part, transport, call, deadline), call.parts))


async def send_async(transport: AsyncTransport, call: Call[T], deadline: Deadline) -> T:
    """`send`, for async code."""
    if transport.settings.is_disabled:
        return call.answer([call.nothing] * len(call.parts))
    if len(call.parts) == 1:
        return call.answer((await _send_part_async(transport, call, deadline, call.parts[0]),))
    work = partial(_send_part_async, transport, call, deadline)
    return call.answer(await _together(work, call.parts))


def _send_part(
    transport: Transport, call: Call[Any], deadline: Deadline, part: Mapping[str, Any]
) -> Outcome:
    try:
        request = transport.request(call.operation._get_kwargs(**part))  # noqa: SLF001  (generated)
        return _outcome(call, transport.exchange(request, deadline))
    except PersonalizeError as error:
        return error


async def _send_part_async(
    transport: AsyncTransport, call: Call[Any], deadline: Deadline, part: Mapping[str, Any]
) -> Outcome:
    try:
        request = transport.request(call.operation._get_kwargs(**part))  # noqa: SLF001  (generated)
        return _outcome(call, await transport.exchange(request, deadline))
    except PersonalizeError as error:
        return error


def _outcome(call: Call[Any], response: Response) -> Outcome:
    status = response.status_code
    try:
        return _read(call, response)
    except UnreadableAnswerError:
        # A page with 200 is from a gateway that did not pass the request on.
        if call.bare is None or (status == HTTPStatus.OK and response.content):
            raise
        return call.bare


def _read(call: Call[Any], response: Response) -> Outcome:
    """Read a call's result from a response; a missing or malformed field is the API's fault."""
    parse = partial(call.operation._parse_response, client=LENIENT)  # noqa: SLF001  (generated)
    try:
        model = parse(response=response)
        if model is None:  # a success that the API does not describe
            response.json()  # before the status changes, so that its error names it
            response.status_code = HTTPStatus.OK
            model = parse(response=response)
        if model is not None:
            return call.read(model)
    except KeyError as error:
        field = str(error.args[0]) if error.args else ""
        raise UnreadableAnswerError(
            f"the API's answer lacks the field {field!r}", field=field
        ) from error
    except (AttributeError, TypeError, ValueError, RecursionError) as error:
        raise UnreadableAnswerError(
            "the API's answer has a field of another type than the API describes"
        ) from error
    raise UnreadableAnswerError(
        f"the API answered with the undocumented status {response.status_code}"
    )


def _side_by_side(
    work: Callable[[Mapping[str, Any]], Outcome], parts: Sequence[Mapping[str, Any]]
) -> Sequence[Outcome]:
    try:
        from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415  (import time)

        with ThreadPoolExecutor(_SIDE_BY_SIDE) as threads:
            futures = [threads.submit(copy_context().run, work, part) for part in parts]
    except RuntimeError:  # the interpreter ends, and starts no threads
        return [work(part) for part in parts]
    return [future.result() for future in futures]


async def _together(
    work: Callable[[Mapping[str, Any]], Awaitable[Outcome]], parts: Sequence[Mapping[str, Any]]
) -> Sequence[Outcome]:
    import anyio  # noqa: PLC0415  (import time: a sync application never needs it)

    outcomes: list[Outcome] = [None] * len(parts)
    limiter = anyio.Semaphore(_SIDE_BY_SIDE)

    async def work_on(position: int) -> None:
        async with limiter:
            outcomes[position] = await work(parts[position])

    try:
        async with anyio.create_task_group() as tasks:
            for position in range(len(parts)):
                tasks.start_soon(work_on, position)
    except ExceptionGroup as bugs:
        raise bugs.exceptions[0] from None
    return outcomes
