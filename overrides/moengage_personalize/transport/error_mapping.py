"""Converts a failed response, or an exception without one, to a typed error. No I/O."""

from __future__ import annotations

import base64
import contextlib
import json
import re
from collections.abc import Iterator, Mapping
from html import unescape
from http import HTTPStatus
from http.client import responses
from typing import Any, Final, cast
from urllib.parse import unquote, unquote_plus

from moengage_personalize import errors

from .deadline import Deadline
from .messages import Request, Response
from .response_body import decompress
from .retry_policy import retry_after_seconds

__all__ = ["redacted", "secrets_of", "status_error", "typed_error"]

_LONGEST_TEXT: Final = 500
_LARGEST_BODY: Final = 64 * 1024
"""The most bytes of a failure's body that are read for the API's message."""
_ADVICE: Final = {
    401: "check the workspace ID, the Personalize API key and the data center",
    404: "check the base URL, which must end with the API's version, as in /v1",
}
_CLASSES: Final[dict[int, type[errors.ApiError]]] = {
    400: errors.BadRequestError,
    401: errors.AuthenticationError,
    429: errors.RateLimitedError,
}
_CONFIDENTIAL: Final = frozenset({"customer_id", "user_identifiers", "USER_IP_ADDRESS"})
_MOST_FORMS: Final = 50
"""The most ways to decode a text; one that has more is not repeated at all."""
_ESCAPE: Final = re.compile(r"\\(?:(\W)|u([\da-fA-F]{4})|x([\da-fA-F]{2})|[bfnrt])")


def status_error(request: Request, response: Response, deadline: Deadline) -> errors.ApiError:
    """Make the error for a response other than a success."""
    status, headers = response.status_code, response.headers
    secrets = secrets_of(request)
    body = _json_object(_readable(response, deadline))
    told = {name: body.get(name) for name in ("title", "description", "code")}
    told["request_id"] = body.get("req_id") or body.get("request_id") or headers.get("x-request-id")
    facts = {name: redacted(value, secrets) for name, value in told.items()}
    is_servers = status >= HTTPStatus.INTERNAL_SERVER_ERROR
    other = errors.ServerError if is_servers else errors.UnexpectedStatusError
    error = _CLASSES.get(status, other)(_message(status, facts), status=status)
    for name, fact in facts.items():
        setattr(error, name, fact)
    error.retry_after = retry_after_seconds(status, headers)
    return error


def typed_error(error: Exception, request: Request, deadline: Deadline) -> errors.PersonalizeError:
    """Make the typed error for any exception of an attempt.

    There is no list of the exceptions that a library, TLS, a proxy, a name lookup, or the caller's
    own client can raise. So any other exception becomes a failed connection. Its text names the
    exception, which is its `__cause__`.
    """
    is_lost = isinstance(error, errors.ConnectionFailedError)
    if isinstance(error, errors.PersonalizeError) and not (is_lost and deadline.is_spent()):
        return error
    if deadline.is_spent():
        return deadline.passed()
    secrets = secrets_of(request)
    told = filter(None, (type(error).__name__, redacted(_text(error), secrets)))
    failure = errors.ConnectionFailedError(f"connection failed: {': '.join(told)}")
    if not _refers_to_the_request(error, secrets):
        failure.__cause__ = error
    return failure


def _text(error: object) -> str:
    try:
        text = str(error)
    except Exception:  # noqa: BLE001  (its class may be the caller's)
        return ""
    return re.sub(r"//[^/@\s]+@", "//", text)  # a proxy's address may contain a password


def _refers_to_the_request(error: BaseException, secrets: re.Pattern[str]) -> bool:
    """Return whether a traceback or error collector would show the customer or credentials."""
    links: list[BaseException] = [error]
    for one in links:
        notes = getattr(one, "__notes__", [])
        shown = map(_text, [one, *notes] if issubclass(type(notes), list) else [one, notes])
        if hasattr(one, "_request") or any(_without(secrets, text) != text for text in shown):
            return True
        parts = getattr(one, "exceptions", ()) if issubclass(type(one), BaseExceptionGroup) else ()
        for following in (one.__cause__ or one.__context__, *parts):
            if following is not None and all(following is not known for known in links):
                links.append(following)
    return False


def _readable(response: Response, deadline: Deadline) -> bytes:
    """Return the body, if it can be decompressed; a problem with it must not hide the status."""
    if len(response.content) > _LARGEST_BODY:
        return b""
    try:
        return decompress(response.content, response.encoding or "", deadline, _LARGEST_BODY)
    except (errors.RequestTimeoutError, errors.UnreadableAnswerError):
        return b""


def _message(status: int, facts: Mapping[str, str | None]) -> str:
    text = f"{status} {facts['title'] or responses.get(status, 'unknown status')}"
    if facts["description"]:
        text += f": {facts['description']}"
    named = {"code": facts["code"], "request": facts["request_id"]}
    details = ", ".join(f"{name} {value}" for name, value in named.items() if value)
    text += f" ({details})" if details else ""
    return f"{text}; {_ADVICE[status]}" if status in _ADVICE else text


def _json_object(content: bytes) -> dict[str, Any]:
    try:
        body: Any = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return cast("dict[str, Any]", body) if isinstance(body, dict) else {}


def redacted(value: object, secrets: re.Pattern[str]) -> str | None:
    """Return a server's value as a text without secrets; None for one that is not a scalar."""
    if value is None or isinstance(value, dict | list):
        return None
    text = _without(secrets, str(value))
    return text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]}…"


def _without(secrets: re.Pattern[str], text: str) -> str:
    """Replace the secrets in a text, also where a URL, HTML or a string literal encodes them."""
    forms, seen = [text], set[str]()
    while forms and len(seen) < _MOST_FORMS:
        form = forms.pop(0)
        clean = secrets.sub("[redacted]", form)
        if clean != form:
            text, forms = clean, []
        seen.add(clean)
        html = re.sub(r"&#\d{8,}", "", clean)  # no character, and too long for `unescape`
        forms += [unquote(clean), unquote_plus(clean), unescape(html), _unescaped(clean)]
        forms = [form for form in dict.fromkeys(forms) if form not in seen]
    return "[redacted]" if forms else text


def _unescaped(text: str) -> str:
    space = f"{ord(' '):x}"  # for a line's end and the like
    text = _ESCAPE.sub(lambda one: one[1] or chr(int(one[2] or one[3] or space, 16)), text)
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")  # joins pairs


def secrets_of(request: Request) -> re.Pattern[str]:
    """Return a pattern for the texts of a request that no error or log line may repeat."""
    texts = list(_confidential_texts(request))
    as_json = (json.dumps(text, ensure_ascii=False)[1:-1] for text in texts)
    as_bytes = (repr(text.encode(errors="replace"))[2:-1] for text in texts)
    forms = map(re.escape, {*texts, *as_json, *as_bytes})
    any_form = "|".join(sorted(forms, key=len, reverse=True)) or "(?!)"  # which matches nothing
    return re.compile(rf"(?<![^\W_])(?:{any_form})(?![^\W_])", re.IGNORECASE)


def _confidential_texts(request: Request) -> Iterator[str]:
    headers = {name.lower(): value for name, value in request.headers}
    token = headers.get("authorization", "").removeprefix("Basic ")
    with contextlib.suppress(ValueError):  # another scheme, through `client.api`
        yield from filter(None, base64.b64decode(token).decode().split(":", 1))
    yield from filter(None, (token, headers.get("moe-appkey")))
    yield from _confidential_leaves(_json_object(request.body), hidden=False)


def _confidential_leaves(value: object, *, hidden: bool) -> Iterator[str]:
    if isinstance(value, dict):
        for name, entry in cast("dict[str, object]", value).items():
            yield from _confidential_leaves(entry, hidden=hidden or name in _CONFIDENTIAL)
    elif isinstance(value, list):
        for entry in cast("list[object]", value):
            yield from _confidential_leaves(entry, hidden=hidden)
    elif hidden and isinstance(value, str) and value:
        yield value
