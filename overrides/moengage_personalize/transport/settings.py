"""What a client is set to: whom to call, as whom, and how patiently."""

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
    """What a transport needs to know; a disabled one sends nothing."""

    base_url: str
    credentials: Credentials
    timeout: float
    policy: RetryPolicy
    is_disabled: bool = False

    @property
    def headers(self) -> dict[str, str]:
        """What every request carries."""
        return {
            **self.credentials.headers,
            "Accept": "application/json",
            "Accept-Encoding": ACCEPTED,
            "User-Agent": f"moengage-personalize/{package_version()} (Python)",
        }

    def seconds(self, timeout: float | None) -> float:
        """How long a call may take: its own timeout, or the client's."""
        return self.timeout if timeout is None else validation.seconds("timeout", timeout)

    def without_retries(self) -> Settings:
        """The same, with one attempt a call."""
        return attrs.evolve(self, policy=attrs.evolve(self.policy, retries=0))
