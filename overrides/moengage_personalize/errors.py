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
    "PartialReportError",
    "PersonalizeError",
    "RateLimitedError",
    "RequestTimeoutError",
    "ServerError",
    "UnexpectedStatusError",
    "UnreadableAnswerError",
]


class PersonalizeError(Exception):
    """The base class of every error that this package raises on purpose.

    Cause: Any of the errors below.
    Remedy: Catch it where your program can continue without an answer, and log it. Its text says
    what is wrong.

    Attributes:
        attempts: How many times the request was sent, if known.
        experiences: If some requests of a `fetch` with more than 25 keys failed: the `Experiences`
            of the other requests, with each failure in `errors`.
        undelivered: After `report`, `shown` and `clicked`: the events that were not accepted. Pass
            them to `report` again; they keep their UUIDs, so none can count twice.
    """

    attempts: int = 0
    experiences: Any = None  # Experiences, from a module above this one
    undelivered: tuple[Any, ...] = ()  # of Event, from a module above this one


class InvalidArgumentError(PersonalizeError, ValueError):
    """An argument was refused before anything was sent.

    Cause: A mistake in your program or its settings: a wrong type, an unknown data center, a
    variable that is not set, a key without a default.
    Remedy: Correct what `field` names. The text says what would be right.

    Attributes:
        problem: What is wrong with the argument, without its name.
        field: The argument's name.
        accepted: The accepted values, if they can be listed.
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
    """A tracking token was refused.

    Cause: The token was changed, was signed with another secret or for another visitor, or is too
    old.
    Remedy: Ignore the click. If many tokens are refused, give all processes the same secret.
    """


class ApiError(PersonalizeError):
    """The API, or a gateway in front of it, answered with a status other than success.

    Cause: See the subclass that is raised; this class is only their base.
    Remedy: Catch it to read `status` and `request_id` for every status.

    Attributes:
        status: The HTTP status.
        title: The API's title of the error, if there is one.
        description: The API's description of the error, if there is one.
        code: The API's code of the error, if there is one.
        request_id: The ID that MoEngage's support needs, if there is one.
        retry_after: How long to wait before the next request, in seconds, if the server said so.
    """

    title: str | None = None
    description: str | None = None
    code: str | None = None
    request_id: str | None = None
    retry_after: float | None = None

    def __init__(self, message: str, *, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


class BadRequestError(ApiError):
    """400: the API refused a value of the request. Never retried.

    Cause: A value that the API does not accept, or a workspace ID that this data center does not
    know.
    Remedy: Correct the value that the description names. For the workspace ID, compare the data
    center with the number in your dashboard's address; `moengage-personalize doctor` finds it.
    """


class AuthenticationError(ApiError):
    """401: the API refused the credentials. Never retried.

    Cause: The workspace ID or the key is wrong, was replaced, or belongs to another data center.
    Remedy: Copy both from the dashboard (Settings, Account, APIs, Personalize), and run
    `moengage-personalize doctor`.
    """


class RateLimitedError(ApiError):
    """429: the workspace has used up its requests of this minute. Retried within the timeout.

    Cause: 10,000 fetches a minute, counted over all processes of the workspace.
    Remedy: Wait `retry_after` seconds, fetch all keys of a page in one call, or ask MoEngage for a
    higher limit.
    """


class ServerError(ApiError):
    """500 to 599: the API, or a gateway in front of it, failed.

    Cause: A failure on MoEngage's side; 500, 502, 503 and 504 were retried within the timeout.
    Remedy: Try again later. If it lasts, give MoEngage's support the `request_id`.
    """


class UnexpectedStatusError(ApiError):
    """A status that the API does not document. Only 408 is retried.

    Cause: 403 for a key of another API, 413 for a body that is too large, or an answer of a proxy.
    Remedy: Check that the key is from the Personalize tile. Check also any proxy between you and
    the API.
    """


class RequestTimeoutError(PersonalizeError, TimeoutError):
    """The call took more than `timeout` seconds, with all attempts and pauses.

    Cause: A slow network or server. The server may still have handled the request.
    Remedy: Show your default content. For a report, pass `undelivered` to `report` again. If it
    happens often, raise `timeout`.
    """


class ConnectionFailedError(PersonalizeError, ConnectionError):
    """The server could not be reached, or the connection broke before the answer was complete.

    Cause: DNS, a firewall, a proxy, an untrusted certificate, or a server that closed the
    connection. The text has the reason. The request was retried within the timeout.
    Remedy: Run `moengage-personalize doctor`, which checks each step of the connection.
    """


class ClientClosedError(PersonalizeError):
    """Nothing can be sent.

    Cause: The client was closed, or it was made by `disabled` or with `MOENGAGE_DISABLED=1`.
    Remedy: Keep one client open for the whole process. On a page, use `experience`, which returns
    your default even then.
    """


class UnreadableAnswerError(PersonalizeError):
    """The API answered with success, but the body cannot be read.

    Cause: A proxy or a login page answered instead of the API, or the API changed.
    Remedy: Check the base URL and any proxy between you and the API. Then report it to the
    maintainers of this package, with the text of the error.

    Attributes:
        field: The field that is missing or malformed, if known.
    """

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class PartialReportError(PersonalizeError):
    """Some requests of a split report failed, or all of them for different reasons.

    Cause: A report about more than 100 users is split. Each error in `failures` has its own cause.
    Remedy: Pass `undelivered` to `report` again once the causes are gone.

    `undelivered` has the events of all failed requests. Each failure's `undelivered` has its own.

    Attributes:
        accepted: How many events the API accepted.
        request_ids: The request IDs of the accepted requests.
        failures: The error of each failed request, with its events.
    """

    accepted: int = 0
    request_ids: tuple[str, ...] = ()
    failures: tuple[PersonalizeError, ...] = ()
