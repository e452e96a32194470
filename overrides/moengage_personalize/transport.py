"""The httpx clients that the generated functions run on.

Budget, retries, credentials and typed errors live here, below every generated function, so that
those of tomorrow have them too. The decisions are made in `exchange`, and a wire does the carrying;
what is here only drives them, once blocking and once not.
"""

from __future__ import annotations

import copy
import logging
import time
from typing import Any, Final, TypeVar

import httpx

from .budget import Budget, current, spend
from .errors import InvalidArgumentError, UnreadableAnswerError
from .exchange import Outcome, Pause, exchange
from .messages import Answer, Message
from .plain_requests import PlainRequests
from .reading import answered
from .settings import Settings
from .wires import (
    AsyncInjectedWire,
    AsyncWire,
    InjectedWire,
    TransportName,
    Wire,
    async_wire_for,
    wire_for,
)

__all__ = ["AsyncTransportClient", "TransportClient"]

OutcomeT = TypeVar("OutcomeT", Answer, httpx.RequestError)

_log: Final = logging.getLogger("moengage_personalize")


class TransportClient(httpx.Client):
    """An httpx client that keeps to the budget, retries, and raises typed errors.

    Args:
        settings: Whom to call, as whom, and how patiently.
        http_client: An httpx client of the caller's to send with; it is not closed here.
        transport: An httpx transport of the caller's to send with, or the name of a library.
    """

    def __init__(
        self,
        settings: Settings,
        http_client: httpx.Client | None = None,
        transport: httpx.BaseTransport | TransportName | None = None,
    ) -> None:
        if http_client is not None and not isinstance(http_client, httpx.Client):
            raise InvalidArgumentError("must be an httpx.Client", field="http_client")
        self.settings = settings
        self._library: TransportName | None = None
        self._owns_wire = True
        self._wire: Wire
        own = httpx.BaseTransport()
        if http_client is not None:
            self._wire = InjectedWire(http_client)
        elif transport is None or isinstance(transport, str):
            self._library = transport
            self._wire = wire_for(settings.base_url, transport)
        elif isinstance(transport, httpx.BaseTransport):
            own = transport
            self._wire = InjectedWire(httpx.Client(transport=transport, trust_env=False))
        else:
            raise InvalidArgumentError("must be an httpx.BaseTransport", field="transport")
        self._plain = PlainRequests()
        super().__init__(transport=own, **settings.for_httpx(http_client))

    def for_background(self) -> TransportClient:
        """One without retries, on connections of its own or on what the caller brought."""
        if not isinstance(self._wire, InjectedWire):
            return TransportClient(self.settings.without_retries(), transport=self._library)
        twin = copy.copy(self)
        twin.settings = self.settings.without_retries()
        twin._owns_wire = False  # noqa: SLF001  (its own class)
        return twin

    def close(self) -> None:
        """Close the connections, unless they belong to another client."""
        if self._owns_wire:
            super().close()
            self._wire.close()

    def request(self, method: str, url: httpx.URL | str, **options: Any) -> httpx.Response:  # noqa: ANN401  (httpx's own)
        """Send a request within the budget, as often as its failures are worth it.

        Raises:
            PersonalizeError: There is no successful answer.
        """
        message = self._plain.message(self, method, url, options)
        if message is None:
            return super().request(method, url, **options)
        with spend(current() or _budget(self.timeout, self.settings)) as budget:
            return self._exchange(message, budget)

    def send(self, request: httpx.Request, **_: Any) -> httpx.Response:  # noqa: ANN401  (httpx's own)
        # The keyword arguments steer redirects, authentication and streams: nothing of ours.
        """As `request`."""
        with spend(current() or _budget(_limits(request), self.settings)) as budget:
            return self._exchange(Message.of(request), budget)

    def _exchange(self, message: Message, budget: Budget) -> Answer:
        _check_open(self)
        flow = exchange(self.settings.policy, budget)
        outcome: Outcome = None
        while True:
            try:
                step = flow.send(outcome)
            except StopIteration as end:
                answered()
                return _answer(end)
            if isinstance(step, Pause):
                time.sleep(step.seconds)
                outcome = None
            else:
                outcome = self._attempt(message, step.seconds)

    def _attempt(self, message: Message, seconds: float) -> Outcome:
        try:
            return _logged(message, self._wire.send(message, seconds))
        except httpx.DecodingError as error:
            raise _undecodable(error) from None
        except httpx.RequestError as error:
            return _logged(message, error)


class AsyncTransportClient(httpx.AsyncClient):
    """The same as `TransportClient`, awaited."""

    def __init__(
        self,
        settings: Settings,
        http_client: httpx.AsyncClient | None = None,
        transport: httpx.AsyncBaseTransport | TransportName | None = None,
    ) -> None:
        if http_client is not None and not isinstance(http_client, httpx.AsyncClient):
            raise InvalidArgumentError("must be an httpx.AsyncClient", field="http_client")
        self.settings = settings
        self._library: TransportName | None = None
        self._wire: AsyncWire
        own = httpx.AsyncBaseTransport()
        if http_client is not None:
            self._wire = AsyncInjectedWire(http_client)
        elif transport is None or isinstance(transport, str):
            self._library = transport
            self._wire = async_wire_for(settings.base_url, transport)
        elif isinstance(transport, httpx.AsyncBaseTransport):
            own = transport
            self._wire = AsyncInjectedWire(httpx.AsyncClient(transport=transport, trust_env=False))
        else:
            raise InvalidArgumentError("must be an httpx.AsyncBaseTransport", field="transport")
        self._plain = PlainRequests()
        super().__init__(transport=own, **settings.for_httpx(http_client))

    def for_background(self) -> TransportClient:
        """As `TransportClient.for_background`.

        Raises:
            InvalidArgumentError: It would lack the awaited httpx object that the caller brought.
        """
        if isinstance(self._wire, AsyncInjectedWire):
            raise InvalidArgumentError(
                "has an awaited httpx object of yours; for a reporter, make a PersonalizeClient "
                "with a blocking one",
                field="client",
            )
        return TransportClient(self.settings.without_retries(), transport=self._library)

    async def aclose(self) -> None:
        """Close the connections."""
        await super().aclose()
        await self._wire.close()

    async def request(self, method: str, url: httpx.URL | str, **options: Any) -> httpx.Response:  # noqa: ANN401  (httpx's own)
        """Send a request within the budget, as often as its failures are worth it.

        Raises:
            PersonalizeError: There is no successful answer.
        """
        message = self._plain.message(self, method, url, options)
        if message is None:
            return await super().request(method, url, **options)
        return await self._exchange(message, current() or _budget(self.timeout, self.settings))

    async def send(self, request: httpx.Request, **_: Any) -> httpx.Response:  # noqa: ANN401  (httpx's own)
        # The keyword arguments steer redirects, authentication and streams: nothing of ours.
        """As `request`."""
        budget = current() or _budget(_limits(request), self.settings)
        return await self._exchange(Message.of(request), budget)

    async def _exchange(self, message: Message, budget: Budget) -> Answer:
        _check_open(self)
        flow = exchange(self.settings.policy, budget)
        outcome: Outcome = None
        while True:
            try:
                step = flow.send(outcome)
            except StopIteration as end:
                answered()
                return _answer(end)
            if isinstance(step, Pause):
                import anyio  # noqa: PLC0415  (import time, and needed after failures only)

                await anyio.sleep(step.seconds)
                outcome = None
            else:
                outcome = await self._attempt(message, step.seconds)

    async def _attempt(self, message: Message, seconds: float) -> Outcome:
        try:
            return _logged(message, await self._wire.send(message, seconds))
        except httpx.DecodingError as error:
            raise _undecodable(error) from None
        except httpx.RequestError as error:
            return _logged(message, error)


def _check_open(client: httpx.Client | httpx.AsyncClient) -> None:
    if client.is_closed:
        raise RuntimeError("Cannot send a request, as the client has been closed.")


def _logged(message: Message, outcome: OutcomeT) -> OutcomeT:
    if _log.isEnabledFor(logging.DEBUG):
        address = message.url.partition("?")[0]  # a query may name a customer one day
        what = outcome.status_code if isinstance(outcome, Answer) else type(outcome).__name__
        _log.debug("%s %s: %s", message.method, address, what)
    return outcome


def _answer(end: StopIteration) -> Answer:
    answer: Answer = end.value
    return answer


def _limits(request: httpx.Request) -> httpx.Timeout:
    return httpx.Timeout(None, **request.extensions.get("timeout", {}))


def _budget(limits: httpx.Timeout, settings: Settings) -> Budget:
    """A new budget, where a generated function was called directly: its longest limit."""
    given = (limits.connect, limits.read, limits.write, limits.pool)
    return Budget.of(max(filter(None, given), default=settings.timeout))


def _undecodable(error: httpx.DecodingError) -> UnreadableAnswerError:
    return UnreadableAnswerError(f"the answer's Content-Encoding cannot be undone: {error}")
