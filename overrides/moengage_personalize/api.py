"""The generated client, configured: what `client.api` gives."""

from __future__ import annotations

import copy
from typing import Any, Self, TypeVar

import httpx

from moengage_personalize_api import AuthenticatedClient

from .errors import InvalidArgumentError
from .settings import Settings
from .transport import AsyncTransportClient, TransportClient

__all__ = ["ApiClient"]

HttpxClientT = TypeVar("HttpxClientT", httpx.Client, httpx.AsyncClient)


class ApiClient(AuthenticatedClient):
    """The generated client, on a transport that has the budget, the retries and typed errors.

    Hand it to any generated function as `client=`: those of today and those of tomorrow. What
    `with_headers`, `with_cookies` and `with_timeout` give shares its connections, and the original
    stays as it was.
    """

    @classmethod
    def of(
        cls,
        settings: Settings,
        *,
        sync: TransportClient | None = None,
        asyncio: AsyncTransportClient | None = None,
    ) -> Self:
        """Make one for the generated `sync` functions, for the `asyncio` ones, or for both."""
        api = cls(
            base_url=settings.base_url,
            token=settings.credentials.basic_token,
            prefix="Basic",
            headers=settings.headers,
            timeout=httpx.Timeout(settings.timeout),
        )
        api._client = sync
        api._async_client = asyncio
        return api

    def for_background(self) -> Self:
        """A blocking one without retries, on connections of its own, for who has a schedule.

        Raises:
            InvalidArgumentError: It would lack an awaited httpx object that the caller brought.
        """
        own: httpx.Client | httpx.AsyncClient | None = self._client or self._async_client
        if not isinstance(own, TransportClient | AsyncTransportClient):
            raise InvalidArgumentError("is no client of this package", field="client")
        twin = copy.copy(self)
        twin._client = own.for_background()  # noqa: SLF001  (its own class)
        twin._async_client = None  # noqa: SLF001  (the same)
        return twin

    def get_httpx_client(self) -> httpx.Client:
        """The blocking httpx client, for the generated `sync` functions."""
        if self._client is None:
            raise InvalidArgumentError(
                "is that of AsyncPersonalizeClient; call the generated asyncio functions with it, "
                "or use PersonalizeClient",
                field="client",
            )
        return self._client

    def get_async_httpx_client(self) -> httpx.AsyncClient:
        """The awaited httpx client, for the generated `asyncio` functions."""
        if self._async_client is None:
            raise InvalidArgumentError(
                "is that of PersonalizeClient; call the generated sync functions with it, "
                "or use AsyncPersonalizeClient",
                field="client",
            )
        return self._async_client

    def transport(self) -> TransportClient:
        """The blocking httpx client, as this package's own class."""
        client = self.get_httpx_client()
        assert isinstance(client, TransportClient)  # noqa: S101  (for the type checkers)
        return client

    def async_transport(self) -> AsyncTransportClient:
        """The async httpx client, as this package's own class."""
        client = self.get_async_httpx_client()
        assert isinstance(client, AsyncTransportClient)  # noqa: S101  (for the type checkers)
        return client

    def with_headers(self, headers: dict[str, str]) -> Self:
        """One like this, with further headers."""
        return self._derived(headers=headers)

    def with_cookies(self, cookies: dict[str, str]) -> Self:
        """One like this, with further cookies."""
        return self._derived(cookies=cookies)

    def with_timeout(self, timeout: httpx.Timeout) -> Self:
        """One like this, whose budget is the longest of the given limits."""
        return self._derived(timeout=timeout)

    def _derived(self, **changes: Any) -> Self:  # noqa: ANN401  (passed on as they are)
        twin = copy.copy(self)
        if self._client is not None:
            twin._client = _derived(self._client, **changes)  # noqa: SLF001  (its own class)
        if self._async_client is not None:
            twin._async_client = _derived(self._async_client, **changes)  # noqa: SLF001  (the same)
        return twin


def _derived(
    client: HttpxClientT,
    *,
    headers: dict[str, str] | None = None,
    cookies: dict[str, str] | None = None,
    timeout: httpx.Timeout | None = None,
) -> HttpxClientT:
    """A client of its own settings on the same connections."""
    twin = copy.copy(client)
    twin.headers = httpx.Headers(client.headers)
    twin.headers.update(headers)
    twin.cookies = httpx.Cookies(client.cookies)
    twin.cookies.update(cookies)
    if timeout is not None:
        twin.timeout = timeout
    return twin
