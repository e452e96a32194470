"""Typed client for MoEngage's Personalize API.

::

    from moengage_personalize import PersonalizeClient, Visitor

    client = PersonalizeClient("WORKSPACE", "PERSONALIZE_API_KEY", data_center="03")
    visitor = Visitor("user_8821")
    experiences = client.fetch("homepage-banner", visitor=visitor)
    client.shown(experiences, visitor=visitor)
"""

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from .basic_auth import Credentials
    from .client.async_client import AsyncPersonalizeClient
    from .client.sync_client import PersonalizeClient
    from .data_centers import DataCenter
    from .errors import (
        ApiError,
        AuthenticationError,
        BadRequestError,
        ClientClosedError,
        ConnectionFailedError,
        InvalidArgumentError,
        InvalidTokenError,
        PartialReportError,
        PersonalizeError,
        RateLimitedError,
        RequestTimeoutError,
        ServerError,
        UnexpectedStatusError,
        UnreadableAnswerError,
    )
    from .models.events import Action, Event, Receipt
    from .models.experiences import Experience, ExperienceMetadata, Experiences, Source
    from .models.offerings import Offering
    from .models.tracking_tokens import TrackingTokens
    from .models.visitor import Visitor
    from .reporter import Dedupe, EventReporter, Lost, Stats
    from .reporter.spool import DeadLetter, LeasedEvent, Limits, Spool, SpoolCounts, SQLiteSpool
    from .reporter.spool.redis.spool import RedisSpool
    from .typed.experience import TypedExperience, value

__all__ = [
    "Action",
    "ApiError",
    "AsyncPersonalizeClient",
    "AuthenticationError",
    "BadRequestError",
    "ClientClosedError",
    "ConnectionFailedError",
    "Credentials",
    "DataCenter",
    "DeadLetter",
    "Dedupe",
    "Event",
    "EventReporter",
    "Experience",
    "ExperienceMetadata",
    "Experiences",
    "InvalidArgumentError",
    "InvalidTokenError",
    "LeasedEvent",
    "Limits",
    "Lost",
    "Offering",
    "PartialReportError",
    "PersonalizeClient",
    "PersonalizeError",
    "RateLimitedError",
    "Receipt",
    "RequestTimeoutError",
    "SQLiteSpool",
    "ServerError",
    "Source",
    "Spool",
    "SpoolCounts",
    "Stats",
    "TrackingTokens",
    "TypedExperience",
    "UnexpectedStatusError",
    "UnreadableAnswerError",
    "Visitor",
    "value",
]

if find_spec("redis") is not None:  # `import *` must not need the extra
    __all__ += ["RedisSpool"]

_HOMES: Final = {
    "Action": "models.events",
    "ApiError": "errors",
    "AsyncPersonalizeClient": "client.async_client",
    "AuthenticationError": "errors",
    "BadRequestError": "errors",
    "ClientClosedError": "errors",
    "ConnectionFailedError": "errors",
    "Credentials": "basic_auth",
    "DataCenter": "data_centers",
    "DeadLetter": "reporter.spool",
    "Dedupe": "reporter",
    "Event": "models.events",
    "EventReporter": "reporter",
    "Experience": "models.experiences",
    "ExperienceMetadata": "models.experiences",
    "Experiences": "models.experiences",
    "InvalidArgumentError": "errors",
    "InvalidTokenError": "errors",
    "LeasedEvent": "reporter.spool",
    "Limits": "reporter.spool",
    "Lost": "reporter",
    "Offering": "models.offerings",
    "PartialReportError": "errors",
    "PersonalizeClient": "client.sync_client",
    "PersonalizeError": "errors",
    "RateLimitedError": "errors",
    "Receipt": "models.events",
    "RedisSpool": "reporter.spool.redis.spool",
    "RequestTimeoutError": "errors",
    "SQLiteSpool": "reporter.spool",
    "ServerError": "errors",
    "Source": "models.experiences",
    "Spool": "reporter.spool",
    "SpoolCounts": "reporter.spool",
    "Stats": "reporter",
    "TrackingTokens": "models.tracking_tokens",
    "TypedExperience": "typed.experience",
    "UnexpectedStatusError": "errors",
    "UnreadableAnswerError": "errors",
    "Visitor": "models.visitor",
    "value": "typed.experience",
}
"""The module of each name. The first use of a name loads its module, so that an application loads
only the modules that it uses."""


def __getattr__(name: str) -> Any:  # noqa: ANN401  (a class)
    """Load one of the names above."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(f".{_HOMES[name]}", __name__), name)
    return value


def __dir__() -> list[str]:
    """List also the names above."""
    return sorted({*globals(), *__all__})
