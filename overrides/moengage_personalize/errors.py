"""What can go wrong, as one tree.

::

    PersonalizeError
    ├── InvalidArgumentError        also ValueError: refused before anything was sent
    ├── InvalidTokenError           also ValueError: a tracking token forged, foreign or too old
    ├── ApiError                    an HTTP status other than success
    │   ├── BadRequestError         400
    │   ├── AuthenticationError     401
    │   ├── RateLimitedError        429
    │   ├── ServerError             500 to 599
    │   └── UnexpectedStatusError   any other
    ├── RequestTimeoutError         also TimeoutError: the deadline passed
    ├── ConnectionFailedError       also ConnectionError: DNS, TCP, TLS, or an answer cut short
    ├── ClientClosedError           the client was closed, or is a disabled one
    ├── UnreadableAnswerError       a success whose body is not what the API describes
    ├── PartialFetchError           some requests of a split fetch failed
    └── PartialReportError          some requests of a split report failed

No error carries a credential, a customer ID or a visitor's IP address in its text. All of them can
be pickled.
"""

from __future__ import annotations

from typing import Any

__all__ = [
    "ApiError",
    "AuthenticationError",
    "BadRequestError",
    "ClientClosedError",
    "ConnectionFailedError",
    "InvalidArgumentError",
    "InvalidTokenError",
    "PartialFetchError",
    "PartialReportError",
    "PersonalizeError",
    "RateLimitedError",
    "RequestTimeoutError",
    "ServerError",
    "UnexpectedStatusError",
    "UnreadableAnswerError",
]


class PersonalizeError(Exception):
    """The root: everything that this package raises on purpose.

    Attributes:
        attempts: How many times the request was sent, as far as that is known.
        undelivered: After `report`, `shown` and `clicked`: the events that were not accepted. Hand
            them to `report` again; they keep their UUIDs, so none can count twice.
    """

    attempts: int = 0
    undelivered: tuple[Any, ...] = ()  # of Event, which lies above this module


class InvalidArgumentError(PersonalizeError, ValueError):
    """An argument was refused before anything was sent.

    Attributes:
        problem: What is wrong with it, without its name.
        field: The argument's name.
        accepted: The accepted values, where they can be listed.
    """

    def __init__(self, problem: str, *, field: str = "", accepted: tuple[str, ...] = ()) -> None:
        text = f"{field}: {problem}" if field else problem
        if accepted:
            text += f"; accepted: {', '.join(accepted)}"
        super().__init__(text)
        self.problem = problem
        self.field = field
        self.accepted = accepted


class InvalidTokenError(PersonalizeError, ValueError):
    """A tracking token was changed, has another secret or customer, or is too old."""


class ApiError(PersonalizeError):
    """The API, or a gateway before it, answered with a status other than success.

    Attributes:
        status: The HTTP status.
        title: The API's title of the error, where there is one.
        description: The API's description of the error, where there is one.
        code: The API's code of the error, where there is one.
        request_id: What MoEngage support asks for, where there is one.
        retry_after: The wait that the server asked for, in seconds, where it did.
    """

    def __init__(  # noqa: PLR0913  (one argument for each fact that an answer may hold)
        self,
        message: str,
        *,
        status: int = 0,
        title: str | None = None,
        description: str | None = None,
        code: str | None = None,
        request_id: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.title = title
        self.description = description
        self.code = code
        self.request_id = request_id
        self.retry_after = retry_after


class BadRequestError(ApiError):
    """400: a bad value, or a workspace ID that the data center does not know. Never retried."""


class AuthenticationError(ApiError):
    """401: wrong workspace ID or key, or those of another data center. Never retried."""


class RateLimitedError(ApiError):
    """429: the workspace's requests of this minute are used up."""


class ServerError(ApiError):
    """500 to 599: the API, or a gateway before it, failed."""


class UnexpectedStatusError(ApiError):
    """A status that the API does not document."""


class RequestTimeoutError(PersonalizeError, TimeoutError):
    """The call took more than `timeout` seconds, with all attempts and pauses.

    The server may have handled the request all the same.
    """


class ConnectionFailedError(PersonalizeError, ConnectionError):
    """The server was not reached, or the connection broke before the whole answer was there."""


class ClientClosedError(PersonalizeError):
    """Nothing can be sent: the client was closed, or made by `disabled`."""


class UnreadableAnswerError(PersonalizeError):
    """The API answered with success, and with a body that cannot be read.

    Attributes:
        field: The field that is missing or malformed, where it is known.
    """

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class PartialFetchError(PersonalizeError):
    """Some requests of a fetch of more than 25 keys failed.

    Attributes:
        experiences: The `Experiences` of the requests that succeeded.
        failures: For each key without an answer, the error of its request.
    """

    def __init__(
        self,
        message: str,
        *,
        experiences: Any = None,  # noqa: ANN401  (Experiences, which lies above this module)
        failures: dict[str, PersonalizeError] | None = None,
    ) -> None:
        super().__init__(message)
        self.experiences = experiences
        self.failures: dict[str, PersonalizeError] = failures or {}


class PartialReportError(PersonalizeError):
    """Some requests of a report about more than 100 users failed, or all for different reasons.

    `undelivered` has the events of all of them, and each failure's own `undelivered` has its own.

    Attributes:
        accepted: How many events the API accepted.
        request_ids: The request IDs of the accepted requests.
        failures: The error of each failed request, with its events.
    """

    def __init__(
        self,
        message: str,
        *,
        accepted: int = 0,
        request_ids: tuple[str, ...] = (),
        failures: tuple[PersonalizeError, ...] = (),
    ) -> None:
        super().__init__(message)
        self.accepted = accepted
        self.request_ids = request_ids
        self.failures = failures
