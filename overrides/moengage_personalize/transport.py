"""The httpx clients that the generated functions run on.

Deadline, retries, credentials and typed errors live here, below every generated function, so that
new operations have them too. `exchange` makes the decisions and a wire does the sending; the two
classes only drive them, once blocking and once async.
"""

from __future__ import annotations

import copy
import json
import logging
import time
from typing import Any, Final, TypeVar

import httpx

from .deadline import Deadline
from .errors import InvalidArgumentError, UnreadableAnswerError
from .exchange import Outcome, Pause, exchange
from .messages import Answer, Message, RawHeaders
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
_SIMPLE: Final = frozenset({"method", "url", "headers", "json"})
# As httpx writes JSON.
_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)


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
        super().__init__(transport=own, **settings.for_httpx(http_client))
        self.prepared: dict[Any, RawHeaders] = {}

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

    def send(self, request: httpx.Request, **_: Any) -> httpx.Response:  # noqa: ANN401  (httpx's own)
        # The keyword arguments steer redirects, authentication and streams: nothing of ours.
        """Send an httpx request: for generated functions that are called directly.

        Raises:
            PersonalizeError: There is no successful response.
        """
        return self._exchange(Message.of(request), _deadline(request, self.settings)).for_httpx()

    def exchange(self, request: dict[str, Any], deadline: Deadline) -> Answer:
        """Send what a generated function built, retrying until the deadline.

        Raises:
            PersonalizeError: There is no successful response.
        """
        return self._exchange(_message(self, request), deadline)

    def _exchange(self, message: Message, deadline: Deadline) -> Answer:
        _check_open(self)
        flow = exchange(self.settings.policy, deadline)
        outcome: Outcome = None
        while True:
            try:
                step = flow.send(outcome)
            except StopIteration as end:
                return _answer(end)
            if isinstance(step, Pause):
                time.sleep(step.seconds)
                outcome = None
            else:
                outcome = self._attempt(message, deadline)

    def _attempt(self, message: Message, deadline: Deadline) -> Outcome:
        try:
            return _logged(message, self._wire.send(message, deadline))
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
        super().__init__(transport=own, **settings.for_httpx(http_client))
        self.prepared: dict[Any, RawHeaders] = {}

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

    async def send(self, request: httpx.Request, **_: Any) -> httpx.Response:  # noqa: ANN401  (httpx's own)
        # The keyword arguments steer redirects, authentication and streams: nothing of ours.
        """As `TransportClient.send`."""
        answer = await self._exchange(Message.of(request), _deadline(request, self.settings))
        return answer.for_httpx()

    async def exchange(self, request: dict[str, Any], deadline: Deadline) -> Answer:
        """As `TransportClient.exchange`."""
        return await self._exchange(_message(self, request), deadline)

    async def _exchange(self, message: Message, deadline: Deadline) -> Answer:
        _check_open(self)
        flow = exchange(self.settings.policy, deadline)
        outcome: Outcome = None
        while True:
            try:
                step = flow.send(outcome)
            except StopIteration as end:
                return _answer(end)
            if isinstance(step, Pause):
                import anyio  # noqa: PLC0415  (import time, and needed after failures only)

                await anyio.sleep(step.seconds)
                outcome = None
            else:
                outcome = await self._attempt(message, deadline)

    async def _attempt(self, message: Message, deadline: Deadline) -> Outcome:
        try:
            return _logged(message, await self._wire.send(message, deadline))
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


def _message(client: TransportClient | AsyncTransportClient, request: dict[str, Any]) -> Message:
    """The message of a generated request; only its body differs from call to call."""
    if not request.keys() <= _SIMPLE:
        return Message.of(client.build_request(**request))
    own = request.get("headers") or {}
    key = tuple(own.items())
    headers = client.prepared.get(key)
    if headers is None:
        merged = httpx.Headers(client.headers)
        merged.update(own)
        headers = client.prepared[key] = tuple(merged.raw)
    content = _ENCODER.encode(request["json"]).encode() if "json" in request else b""
    url = client.settings.base_url + request["url"]
    return Message(request["method"].upper(), url, headers, content)


def _deadline(request: httpx.Request, settings: Settings) -> Deadline:
    """The longest limit of a request that was made without a call of ours."""
    limits = request.extensions.get("timeout", {}).values()
    return Deadline.after(max(filter(None, limits), default=settings.timeout))


def _undecodable(error: httpx.DecodingError) -> UnreadableAnswerError:
    return UnreadableAnswerError(f"the answer's Content-Encoding cannot be undone: {error}")
