"""The settings of a client: the host, the credentials, and the time limits."""

from __future__ import annotations

import attrs

from moengage_personalize import validation
from moengage_personalize.basic_auth import Credentials
from moengage_personalize.version import package_version

from .response_body import ACCEPTED
from .retry_policy import RetryPolicy

__all__ = ["Settings"]


@attrs.frozen
class Settings:
    """The settings of a transport; a disabled one sends nothing."""

    base_url: str
    credentials: Credentials
    timeout: float
    policy: RetryPolicy
    is_disabled: bool = False

    @property
    def headers(self) -> dict[str, str]:
        """The headers of every request."""
        return {
            **self.credentials.headers,
            "Accept": "application/json",
            "Accept-Encoding": ACCEPTED,
            "User-Agent": f"moengage-personalize/{package_version()} (Python)",
        }

    def seconds(self, timeout: float | None) -> float:
        """Return the longest time of a call, in seconds: its own timeout, or the client's."""
        return self.timeout if timeout is None else validation.seconds("timeout", timeout)

    def without_retries(self) -> Settings:
        """Return the same settings with one attempt for each call."""
        return attrs.evolve(self, policy=attrs.evolve(self.policy, retries=0))
