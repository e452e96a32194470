"""The one place where a call meets the network, and its awaited twin.

The requests of a split call run side by side, and share one budget.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextvars import copy_context
from typing import Any, Final, TypeVar

from moengage_personalize_api import AuthenticatedClient

from .budget import Budget, spend
from .calls import Call, Outcome, model_of
from .errors import PersonalizeError
from .reading import reading

__all__ = ["send", "send_async"]

T = TypeVar("T")

_SIDE_BY_SIDE: Final = 8
"""A report about thousands of users must not take every connection."""


def send(api: AuthenticatedClient, call: Call[T], timeout: float) -> T:
    """Send every request of a call, and give its answer.

    Args:
        api: The configured generated client.
        call: What to send.
        timeout: Wall-clock seconds for all of it.

    Raises:
        PersonalizeError: What the call makes of its requests' failures.
    """

    def send_part(part: Mapping[str, Any]) -> Outcome:
        try:
            with reading():
                return call.read(model_of(call.operation.sync(client=api, **part)))
        except Exception as error:  # noqa: BLE001  (a part must not take the others down)
            return error

    with spend(Budget.of(timeout)):
        return _answer(call, _side_by_side(send_part, call.parts))


async def send_async(api: AuthenticatedClient, call: Call[T], timeout: float) -> T:
    """The same as `send`, awaited."""

    async def send_part(part: Mapping[str, Any]) -> Outcome:
        try:
            with reading():
                return call.read(model_of(await call.operation.asyncio(client=api, **part)))
        except Exception as error:  # noqa: BLE001  (a part must not take the others down)
            return error

    with spend(Budget.of(timeout)):
        if len(call.parts) <= 1:
            return _answer(call, [await send_part(part) for part in call.parts])
        return _answer(call, await _together(send_part, call.parts))


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
