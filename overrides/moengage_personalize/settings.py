"""What a client is set to: whom to call, as whom, and how patiently."""

from __future__ import annotations

from typing import Any

import attrs
import httpx

from . import checks
from .credentials import Credentials
from .retries import RetryPolicy

__all__ = ["Settings"]


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

    def without_retries(self) -> Settings:
        """The same, with one attempt a call."""
        return attrs.evolve(self, policy=attrs.evolve(self.policy, retries=0))

    def for_httpx(self, inner: httpx.Client | httpx.AsyncClient | None) -> dict[str, Any]:
        """Arguments that both of httpx's clients take; the caller's own headers stay below ours."""
        headers = httpx.Headers(inner.headers if inner else None)
        headers.update(self.headers)
        # Proxies and trust are this package's own matter, the same for both clients.
        return {
            "base_url": self.base_url,
            "headers": headers,
            "timeout": self.timeout,
            "trust_env": False,
        }
