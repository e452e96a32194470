"""An httpx client of the caller's own as a wire.

It does not know the budget, so it cannot be trusted to keep it.
"""

from __future__ import annotations

from collections.abc import Iterator

import httpx

from moengage_personalize.deadline import Deadline
from moengage_personalize.limits import bounded
from moengage_personalize.messages import Answer, Message

from .deadlines import within

__all__ = ["AsyncInjectedWire", "InjectedWire"]


class InjectedWire:
    """Sends with the caller's client, in a thread that is left behind when the time is over.

    Args:
        client: It is not closed here.
    """

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def send(self, message: Message, deadline: Deadline) -> Answer:
        """Send within so many seconds."""

        def send_and_read() -> Answer:
            response = self._client.send(
                _request(message, deadline.remaining),
                auth=None,
                stream=True,
                follow_redirects=False,
            )
            try:
                body = b"".join(_before(response, deadline))
            finally:
                response.close()
            return _answer(response, body, message)

        try:
            return bounded(send_and_read, deadline.remaining)
        except TimeoutError:
            raise httpx.ReadTimeout("the budget is spent") from None

    def close(self) -> None:
        """Nothing: the client is the caller's."""


class AsyncInjectedWire:
    """The same, awaited: what it is at can be cancelled."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def send(self, message: Message, deadline: Deadline) -> Answer:
        """Send within so many seconds."""
        return await within(deadline.remaining, self._send(message, deadline))

    async def _send(self, message: Message, deadline: Deadline) -> Answer:
        response = await self._client.send(
            _request(message, deadline.remaining), auth=None, stream=True, follow_redirects=False
        )
        try:
            body = await response.aread()
        finally:
            await response.aclose()
        return _answer(response, body, message)

    async def close(self) -> None:
        """Nothing: the client is the caller's."""


def _request(message: Message, seconds: float) -> httpx.Request:
    request = message.for_httpx()
    request.extensions = {"timeout": httpx.Timeout(seconds).as_dict()}
    return request


def _before(response: httpx.Response, deadline: Deadline) -> Iterator[bytes]:
    """The body up to the deadline, so that an abandoned call returns its connection to the pool."""
    for chunk in response.iter_bytes():
        if deadline.remaining <= 0:
            raise httpx.ReadTimeout("the budget is spent")
        yield chunk


def _answer(response: httpx.Response, body: bytes, message: Message) -> Answer:
    """An answer whose body httpx has decoded."""
    return Answer(response.status_code, lambda: tuple(response.headers.raw), body, message)
