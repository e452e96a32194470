"""Typed client for MoEngage's Personalize API.

::

    from moengage_personalize import PersonalizeClient

    client = PersonalizeClient("WORKSPACE", "PERSONALIZE_API_KEY", data_center="03")
    banner = client.fetch("homepage-banner", customer_id="user_8821")["homepage-banner"]
    client.shown(banner, customer_id="user_8821", platform="web")
"""

from typing import TYPE_CHECKING, Any

from .async_client import AsyncPersonalizeClient
from .client import PersonalizeClient
from .data_centers import DataCenter
from .errors import (
    ApiError,
    AuthenticationError,
    BadRequestError,
    ConnectionFailedError,
    InvalidArgumentError,
    InvalidTokenError,
    PartialFetchError,
    PartialReportError,
    PersonalizeError,
    RateLimitedError,
    RequestTimeoutError,
    ServerError,
    UnexpectedStatusError,
    UnreadableAnswerError,
)
from .events import Action, Event, Receipt
from .experiences import Experience, ExperienceMetadata, Experiences, Source
from .request_context import RequestContext
from .tracking import TrackingTokens

if TYPE_CHECKING:
    from .reporter import EventReporter, Lost, Stats

__all__ = [
    "Action",
    "ApiError",
    "AsyncPersonalizeClient",
    "AuthenticationError",
    "BadRequestError",
    "ConnectionFailedError",
    "DataCenter",
    "Event",
    "EventReporter",
    "Experience",
    "ExperienceMetadata",
    "Experiences",
    "InvalidArgumentError",
    "InvalidTokenError",
    "Lost",
    "PartialFetchError",
    "PartialReportError",
    "PersonalizeClient",
    "PersonalizeError",
    "RateLimitedError",
    "Receipt",
    "RequestContext",
    "RequestTimeoutError",
    "ServerError",
    "Source",
    "Stats",
    "TrackingTokens",
    "UnexpectedStatusError",
    "UnreadableAnswerError",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401  (a class)
    """The reporter's names, loaded by the first who asks: threads and SQLite take import time."""
    if name in {"EventReporter", "Lost", "Stats"}:
        from . import reporter  # noqa: PLC0415  (see above)

        return getattr(reporter, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
