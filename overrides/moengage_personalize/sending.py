"""The one place where a call meets the network, and its awaited twin.

The requests of a split call run side by side, and share one budget.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import copy_context
from typing import Any, Final, TypeVar

from moengage_personalize_api import AuthenticatedClient

from .budget import Budget, spend
from .calls import Call, Outcome, model_of, readable
from .errors import PersonalizeError

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
            with readable():
                return model_of(call.operation.sync(client=api, **part))
        except PersonalizeError as error:
            return error

    with spend(Budget.of(timeout)):
        if len(call.parts) <= 1:
            return call.answer([send_part(part) for part in call.parts])
        from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415  (import time)

        with ThreadPoolExecutor(min(len(call.parts), _SIDE_BY_SIDE)) as threads:
            futures = [threads.submit(copy_context().run, send_part, part) for part in call.parts]
        return call.answer([future.result() for future in futures])


async def send_async(api: AuthenticatedClient, call: Call[T], timeout: float) -> T:
    """The same as `send`, awaited."""
    import anyio  # noqa: PLC0415  (import time: a blocking application never needs it)

    outcomes: list[Outcome] = [None] * len(call.parts)
    limiter = anyio.Semaphore(_SIDE_BY_SIDE)

    async def send_part(position: int, part: Mapping[str, Any]) -> None:
        async with limiter:
            try:
                with readable():
                    response = await call.operation.asyncio(client=api, **part)
                    outcomes[position] = model_of(response)
            except PersonalizeError as error:
                outcomes[position] = error

    with spend(Budget.of(timeout)):
        if len(call.parts) <= 1:
            for part in call.parts:
                await send_part(0, part)
        else:
            async with anyio.create_task_group() as tasks:
                for position, part in enumerate(call.parts):
                    tasks.start_soon(send_part, position, part)
    return call.answer(outcomes)
