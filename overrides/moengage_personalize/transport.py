"""The httpx clients that the generated functions run on.

Budget, retries, credentials and typed errors live here, below every generated function, so that
those of tomorrow have them too. The decisions are made in `exchange`; what is here only does them,
once blocking and once not.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Iterator
from typing import Any

import httpx

from .answers import Answer
from .budget import Budget, current, spend
from .errors import InvalidArgumentError, UnreadableAnswerError
from .exchange import Attempt, Outcome, Pause, exchange, out_of_time
from .limits import bounded
from .loops import LoopTransport
from .reading import answered
from .settings import Settings

__all__ = ["AsyncTransportClient", "TransportClient"]


class TransportClient(httpx.Client):
    """An httpx client that keeps to the budget, retries, and raises typed errors.

    Args:
        settings: Whom to call, as whom, and how patiently.
        http_client: An httpx client of the caller's to send with; it is not closed here.
        transport: An httpx transport of the caller's to send with.
    """

    def __init__(
        self,
        settings: Settings,
        http_client: httpx.Client | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        if http_client is not None and not isinstance(http_client, httpx.Client):
            raise InvalidArgumentError("must be an httpx.Client", field="http_client")
        if transport is not None and not isinstance(transport, httpx.BaseTransport):
            raise InvalidArgumentError("must be an httpx.BaseTransport", field="transport")
        self.settings = settings
        self._inner = http_client
        self._is_foreign = http_client is not None or transport is not None
        self._owns_connections = True
        if transport is None:
            transport = httpx.BaseTransport() if http_client else _pooled(settings.base_url)
        super().__init__(transport=transport, **settings.for_httpx(http_client))

    def for_background(self) -> TransportClient:
        """One without retries, on connections of its own or on what the caller brought."""
        if not self._is_foreign:
            return TransportClient(self.settings.without_retries())
        twin = copy.copy(self)
        twin.settings = self.settings.without_retries()
        twin._owns_connections = False  # noqa: SLF001  (its own class)
        return twin

    def close(self) -> None:
        """Close the connections, unless they belong to another client."""
        if self._owns_connections:
            super().close()

    def send(self, request: httpx.Request, **kwargs: Any) -> httpx.Response:  # noqa: ANN401
        # The keyword arguments are httpx's own; they steer redirects, and nothing of ours.
        """Send a request within the budget, as often as its failures are worth it.

        Raises:
            PersonalizeError: There is no successful answer.
        """
        kwargs["stream"] = True  # the body is read under the budget, below
        budget = _budget_of(request, self.settings)
        flow = exchange(self.settings.policy, budget)
        outcome: Outcome = None
        with spend(budget):
            while True:
                try:
                    step = flow.send(outcome)
                except StopIteration as end:
                    answered()
                    return _response(end)
                if isinstance(step, Pause):
                    time.sleep(step.seconds)
                    outcome = None
                else:
                    outcome = self._attempt(request, step, kwargs)

    def _attempt(
        self, request: httpx.Request, attempt: Attempt, kwargs: dict[str, Any]
    ) -> httpx.Response | httpx.RequestError:
        _allow(request, attempt)

        def send_and_read() -> httpx.Response:
            if self._inner is None:
                raw = super(TransportClient, self).send(request, **kwargs)
            else:
                raw = self._inner.send(request, auth=None, stream=True, follow_redirects=False)
            answer = _answer(raw, request)
            try:
                answer.read()
            except BaseException:
                answer.close()
                raise
            return answer

        try:
            # What the caller brought does not know the budget, so it cannot be trusted to keep it.
            return bounded(send_and_read, attempt.seconds) if self._is_foreign else send_and_read()
        except TimeoutError:
            return httpx.ReadTimeout("the budget is spent")
        except httpx.DecodingError as error:
            raise _undecodable(error) from None
        except httpx.RequestError as error:
            return error


class AsyncTransportClient(httpx.AsyncClient):
    """The same as `TransportClient`, awaited."""

    def __init__(
        self,
        settings: Settings,
        http_client: httpx.AsyncClient | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        if http_client is not None and not isinstance(http_client, httpx.AsyncClient):
            raise InvalidArgumentError("must be an httpx.AsyncClient", field="http_client")
        if transport is not None and not isinstance(transport, httpx.AsyncBaseTransport):
            raise InvalidArgumentError("must be an httpx.AsyncBaseTransport", field="transport")
        self.settings = settings
        self._inner = http_client
        self._is_foreign = http_client is not None or transport is not None
        if transport is None:
            transport = (
                httpx.AsyncBaseTransport() if http_client else LoopTransport(settings.base_url)
            )
        super().__init__(transport=transport, **settings.for_httpx(http_client))

    def for_background(self) -> TransportClient:
        """As `TransportClient.for_background`.

        Raises:
            InvalidArgumentError: It would lack the awaited httpx object that the caller brought.
        """
        if self._is_foreign:
            raise InvalidArgumentError(
                "has an awaited httpx object of yours; for a reporter, make a PersonalizeClient "
                "with a blocking one",
                field="client",
            )
        return TransportClient(self.settings.without_retries())

    async def send(self, request: httpx.Request, **kwargs: Any) -> httpx.Response:  # noqa: ANN401
        # The keyword arguments are httpx's own; they steer redirects, and nothing of ours.
        """Send a request within the budget, as often as its failures are worth it.

        Raises:
            PersonalizeError: There is no successful answer.
        """
        import anyio  # noqa: PLC0415  (import time: a blocking application never needs it)

        kwargs["stream"] = True  # the body is read under the budget, below
        budget = _budget_of(request, self.settings)
        flow = exchange(self.settings.policy, budget)
        outcome: Outcome = None
        attempts = 0
        with anyio.move_on_after(budget.remaining):
            while True:
                try:
                    step = flow.send(outcome)
                except StopIteration as end:
                    answered()
                    return _response(end)
                if isinstance(step, Pause):
                    await anyio.sleep(step.seconds)
                    outcome = None
                else:
                    attempts += 1
                    outcome = await self._attempt(request, step, kwargs)
        raise out_of_time(budget, attempts=attempts)

    async def _attempt(
        self, request: httpx.Request, attempt: Attempt, kwargs: dict[str, Any]
    ) -> httpx.Response | httpx.RequestError:
        _allow(request, attempt)
        try:
            if self._inner is None:
                raw = await super().send(request, **kwargs)
            else:
                raw = await self._inner.send(
                    request, auth=None, stream=True, follow_redirects=False
                )
            answer = _answer(raw, request)
            try:
                await answer.aread()
            except BaseException:
                await answer.aclose()
                raise
        except httpx.DecodingError as error:
            raise _undecodable(error) from None
        except httpx.RequestError as error:
            return error
        return answer


def _pooled(base_url: str) -> httpx.BaseTransport:
    from .pool import PooledTransport  # noqa: PLC0415  (import time: httpx too loads httpcore late)

    return PooledTransport(base_url)


def _response(end: StopIteration) -> httpx.Response:
    response: httpx.Response = end.value
    return response


def _budget_of(request: httpx.Request, settings: Settings) -> Budget:
    """The budget of the call; where a generated function was called directly, a new one."""
    budget = current()
    if budget is not None:
        return budget
    limits = [limit for limit in request.extensions.get("timeout", {}).values() if limit]
    return Budget.of(max(limits, default=settings.timeout))


def _allow(request: httpx.Request, attempt: Attempt) -> None:
    limits = httpx.Timeout(attempt.seconds).as_dict()
    request.extensions = {**request.extensions, "timeout": limits}


class _WithinBudget(httpx.SyncByteStream):
    """A body that ends with the budget, so that abandoned work gives its connection back."""

    def __init__(self, stream: httpx.SyncByteStream) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        budget = current()
        for chunk in self._stream:
            if budget is not None and budget.remaining <= 0:
                raise httpx.ReadTimeout("the budget is spent")
            yield chunk

    def close(self) -> None:
        self._stream.close()


def _answer(raw: httpx.Response, request: httpx.Request) -> Answer:
    stream = raw.stream
    if isinstance(stream, httpx.SyncByteStream) and not isinstance(stream, httpx.AsyncByteStream):
        stream = _WithinBudget(stream)
    return Answer(
        raw.status_code,
        headers=raw.headers,
        stream=stream,
        request=request,
        extensions=raw.extensions,
    )


def _undecodable(error: httpx.DecodingError) -> UnreadableAnswerError:
    return UnreadableAnswerError(f"the answer's Content-Encoding cannot be undone: {error}")
