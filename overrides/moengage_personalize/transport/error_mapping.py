"""Converts a failed response, or an exception without one, to a typed error. No I/O."""

from __future__ import annotations

import base64
import contextlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import unescape
from http import HTTPStatus
from http.client import responses
from typing import Any, Final, cast
from urllib.parse import unquote, unquote_plus

from moengage_personalize.errors import (
    ApiError,
    AuthenticationError,
    BadRequestError,
    ConnectionFailedError,
    PersonalizeError,
    RateLimitedError,
    RequestTimeoutError,
    ServerError,
    UnexpectedStatusError,
    UnreadableAnswerError,
)

from .deadline import Deadline
from .messages import Request, Response
from .response_body import decompress
from .retry_policy import retry_after_seconds

__all__ = ["status_error", "typed_error"]

_LONGEST_TEXT: Final = 500
_LARGEST_BODY: Final = 1024 * 1024
"""The most bytes of a failure's body that are read for the API's message."""
_ADVICE: Final = {
    401: "check the workspace ID, the Personalize API key and the data center",
    404: "check the base URL, which must end with the API's version, as in /v1",
}
_CLASSES: Final[dict[int, type[ApiError]]] = {
    400: BadRequestError,
    401: AuthenticationError,
    429: RateLimitedError,
}
_CONFIDENTIAL: Final = frozenset({"customer_id", "user_identifiers", "USER_IP_ADDRESS"})


def status_error(request: Request, response: Response, deadline: Deadline) -> ApiError:
    """Make the error for a response other than a success."""
    status, headers = response.status_code, response.headers
    secrets = list(_confidential_texts(request))
    body = _json_object(_readable(response, deadline))
    told = {name: body.get(name) for name in ("title", "description", "code")}
    told["request_id"] = body.get("req_id") or body.get("request_id") or headers.get("x-request-id")
    facts = {name: _redacted(value, secrets) for name, value in told.items()}
    other = ServerError if status >= HTTPStatus.INTERNAL_SERVER_ERROR else UnexpectedStatusError
    error = _CLASSES.get(status, other)(_message(status, facts), status=status)
    for name, fact in facts.items():
        setattr(error, name, fact)
    error.retry_after = retry_after_seconds(status, headers)
    return error


def typed_error(error: Exception, request: Request, deadline: Deadline) -> PersonalizeError:
    """Make the typed error for any exception of an attempt.

    There is no list of the exceptions that a library, TLS, a proxy, a name lookup, or the caller's
    own client can raise. So any other exception becomes a failed connection. Its text names the
    exception, which is its `__cause__`.
    """
    if isinstance(error, PersonalizeError) and not isinstance(error, ConnectionFailedError):
        return error
    if deadline.is_spent():
        return deadline.passed()
    if isinstance(error, ConnectionFailedError):
        return error
    secrets = list(_confidential_texts(request))
    text = _redacted(_text(error), secrets)
    name = type(error).__name__
    failure = ConnectionFailedError(f"connection failed: {f'{name}: {text}' if text else name}")
    if not _refers_to_the_request(error, secrets):
        failure.__cause__ = error
    return failure


def _text(error: BaseException) -> str:
    try:
        text = str(error)
    except Exception:  # noqa: BLE001  (its class may be the caller's)
        return ""
    return re.sub(r"//[^/@\s]+@", "//", text)  # a proxy's address may contain a password


def _refers_to_the_request(error: BaseException, secrets: Sequence[str]) -> bool:
    """Return whether a traceback or error collector would show the customer or credentials."""
    link: BaseException | None = error
    seen: set[int] = set()  # a chain may be circular
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        if hasattr(link, "_request") or _without(secrets, text := _text(link)) != text:
            return True
        link = link.__cause__ or link.__context__
    return False


def _readable(response: Response, deadline: Deadline) -> bytes:
    """Return the body, if it can be decompressed; a problem with it must not hide the status."""
    if len(response.content) > _LARGEST_BODY:
        return b""
    if response.encoding is None:
        return response.content
    try:
        return decompress(response.content, response.encoding, deadline, _LARGEST_BODY)
    except (RequestTimeoutError, UnreadableAnswerError):
        return b""


def _message(status: int, facts: Mapping[str, str | None]) -> str:
    text = f"{status} {facts['title'] or responses.get(status, 'unknown status')}"
    if facts["description"]:
        text += f": {facts['description']}"
    named = {"code": facts["code"], "request": facts["request_id"]}
    details = ", ".join(f"{name} {value}" for name, value in named.items() if value)
    if details:
        text += f" ({details})"
    return f"{text}; {_ADVICE[status]}" if status in _ADVICE else text


def _json_object(content: bytes) -> dict[str, Any]:
    try:
        body: Any = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return cast("dict[str, Any]", body) if isinstance(body, dict) else {}


def _redacted(value: object, secrets: Iterable[str]) -> str | None:
    if value is None or isinstance(value, dict | list):
        return None
    text = _without(secrets, str(value))
    return text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]}…"


def _without(secrets: Iterable[str], text: str) -> str:
    """Replace each secret in a text: as it is, and as JSON, `repr`, a URL or HTML write it."""
    for secret in secrets:
        written = {
            secret,
            *(json.dumps(secret, ensure_ascii=ascii_only)[1:-1] for ascii_only in (False, True)),
            repr(secret.encode(errors="replace"))[2:-1],
        }
        forms = "|".join(map(re.escape, sorted(written, key=len, reverse=True)))
        secret_in = re.compile(rf"(?<![^\W_])(?:{forms})(?![^\W_])", re.IGNORECASE)
        for decode in (str, unquote, unquote_plus, unescape):
            if secret_in.search(decoded := decode(text)):
                text = secret_in.sub("[redacted]", decoded)
    return text


def _confidential_texts(request: Request) -> Iterator[str]:
    """Yield the texts of a request that no error may repeat, even if the server does."""
    headers = {name.lower(): value for name, value in request.headers}
    token = headers.get("authorization", "").removeprefix("Basic ")
    with contextlib.suppress(ValueError):  # another scheme, through `client.api`
        yield from filter(None, base64.b64decode(token).decode().split(":", 1))
    yield from filter(None, (token, headers.get("moe-appkey")))
    yield from _confidential_leaves(_json_object(request.body), confidential=False)


def _confidential_leaves(value: object, *, confidential: bool) -> Iterator[str]:
    if isinstance(value, dict):
        for name, entry in cast("dict[str, object]", value).items():
            yield from _confidential_leaves(
                entry, confidential=confidential or name in _CONFIDENTIAL
            )
    elif isinstance(value, list):
        for entry in cast("list[object]", value):
            yield from _confidential_leaves(entry, confidential=confidential)
    elif confidential and isinstance(value, str) and value:
        yield value
