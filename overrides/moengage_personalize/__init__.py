"""Typed client for MoEngage's Personalize API.

::

    from moengage_personalize import PersonalizeClient

    client = PersonalizeClient("WORKSPACE", "PERSONALIZE_API_KEY", data_center="03")
    banner = client.fetch("homepage-banner", customer_id="user_8821")["homepage-banner"]
    client.shown(banner, customer_id="user_8821", platform="web")
"""

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

__all__ = [
    "Action",
    "ApiError",
    "AsyncPersonalizeClient",
    "AuthenticationError",
    "BadRequestError",
    "ConnectionFailedError",
    "DataCenter",
    "Event",
    "Experience",
    "ExperienceMetadata",
    "Experiences",
    "InvalidArgumentError",
    "InvalidTokenError",
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
    "TrackingTokens",
    "UnexpectedStatusError",
    "UnreadableAnswerError",
]
