"""The httpx clients that the generated functions run on.

Budget, retries, credentials and typed errors live here, below every generated function, so that
those of tomorrow have them too. The decisions are made in `exchange`; what is here only does them,
once blocking and once not.
"""

from __future__ import annotations

import time
from typing import Any, Final
from urllib.parse import urlsplit

import attrs
import httpx

from . import checks
from .answers import Answer
from .budget import Budget, current, spend
from .credentials import Credentials
from .data_centers import is_loopback
from .errors import UnreadableAnswerError
from .exchange import Attempt, Outcome, Pause, exchange, out_of_time
from .limits import bounded
from .retries import RetryPolicy

__all__ = ["AsyncTransportClient", "Settings", "TransportClient"]

LIMITS: Final = httpx.Limits(
    max_connections=100, max_keepalive_connections=100, keepalive_expiry=30.0
)
"""Connections, and seconds that an idle one is kept."""


@attrs.frozen
class Settings:
    """What a transport needs to know."""

    base_url: str
    credentials: Credentials
    timeout: float
    policy: RetryPolicy
    user_agent: str

    @property
    def headers(self) -> dict[str, str]:
        """What every request carries."""
        return {
            **self.credentials.headers,
            "Accept": "application/json",
            "User-Agent": self.user_agent,
        }

    def budget(self, timeout: float | None) -> float:
        """A call's budget in seconds: its own, or the client's."""
        return self.timeout if timeout is None else checks.seconds("timeout", timeout)

    @property
    def for_httpx(self) -> dict[str, Any]:
        """Arguments that both of httpx's clients take."""
        loopback = is_loopback(urlsplit(self.base_url).hostname or "")
        return {"base_url": self.base_url, "timeout": self.timeout, "trust_env": not loopback}


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
        self._settings = settings
        self._inner = http_client
        self._foreign = http_client is not None or transport is not None
        headers = httpx.Headers(http_client.headers if http_client else None)
        headers.update(settings.headers)
        super().__init__(
            headers=headers,
            transport=transport or _pooled(settings.base_url),
            **settings.for_httpx,
        )

    def send(self, request: httpx.Request, **kwargs: Any) -> httpx.Response:  # noqa: ANN401
        # The keyword arguments are httpx's own; they steer redirects, and nothing of ours.
        """Send a request within the budget, as often as its failures are worth it.

        Raises:
            PersonalizeError: There is no successful answer.
        """
        kwargs["stream"] = True  # the body is read under the budget, below
        budget = _budget_of(request, self._settings)
        flow = exchange(self._settings.policy, budget)
        outcome: Outcome = None
        with spend(budget):
            while True:
                try:
                    step = flow.send(outcome)
                except StopIteration as end:
                    return _response(end)
                if isinstance(step, Pause):
                    time.sleep(step.seconds)
                    outcome = None
                else:
                    outcome = self._attempt(request, step, kwargs)

    def _attempt(
        self, request: httpx.Request, attempt: Attempt, kwargs: dict[str, Any]
    ) -> httpx.Response | httpx.TransportError:
        _allow(request, attempt)

        def send_and_read() -> httpx.Response:
            if self._inner is None:
                raw = super(TransportClient, self).send(request, **kwargs)
            else:
                raw = self._inner.send(request, auth=None, stream=True)
            answer = _answer(raw, request)
            try:
                answer.read()
            except BaseException:
                answer.close()
                raise
            return answer

        try:
            # What the caller brought does not know the budget, so it cannot be trusted to keep it.
            return bounded(send_and_read, attempt.seconds) if self._foreign else send_and_read()
        except TimeoutError:
            return httpx.ReadTimeout("the budget is spent")
        except httpx.TransportError as error:
            return error
        except httpx.DecodingError as error:
            raise _undecodable(error) from error


class AsyncTransportClient(httpx.AsyncClient):
    """The same as `TransportClient`, awaited."""

    def __init__(
        self,
        settings: Settings,
        http_client: httpx.AsyncClient | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._settings = settings
        self._inner = http_client
        headers = httpx.Headers(http_client.headers if http_client else None)
        headers.update(settings.headers)
        super().__init__(headers=headers, transport=transport, limits=LIMITS, **settings.for_httpx)

    async def send(self, request: httpx.Request, **kwargs: Any) -> httpx.Response:  # noqa: ANN401
        # The keyword arguments are httpx's own; they steer redirects, and nothing of ours.
        """Send a request within the budget, as often as its failures are worth it.

        Raises:
            PersonalizeError: There is no successful answer.
        """
        import anyio  # noqa: PLC0415  (import time: a blocking application never needs it)

        kwargs["stream"] = True  # the body is read under the budget, below
        budget = _budget_of(request, self._settings)
        flow = exchange(self._settings.policy, budget)
        outcome: Outcome = None
        attempts = 0
        with anyio.move_on_after(budget.remaining):
            while True:
                try:
                    step = flow.send(outcome)
                except StopIteration as end:
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
    ) -> httpx.Response | httpx.TransportError:
        _allow(request, attempt)
        try:
            if self._inner is None:
                raw = await super().send(request, **kwargs)
            else:
                raw = await self._inner.send(request, auth=None, stream=True)
            answer = _answer(raw, request)
            try:
                await answer.aread()
            except BaseException:
                await answer.aclose()
                raise
        except httpx.TransportError as error:
            return error
        except httpx.DecodingError as error:
            raise _undecodable(error) from error
        return answer


def _pooled(base_url: str) -> httpx.BaseTransport:
    from .pool import PooledTransport  # noqa: PLC0415  (import time: httpx too loads httpcore late)

    return PooledTransport(base_url, LIMITS)


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


def _answer(raw: httpx.Response, request: httpx.Request) -> Answer:
    return Answer(
        raw.status_code,
        headers=raw.headers,
        stream=raw.stream,
        request=request,
        extensions=raw.extensions,
    )


def _undecodable(error: httpx.DecodingError) -> UnreadableAnswerError:
    return UnreadableAnswerError(f"the answer's Content-Encoding cannot be undone: {error}")
