"""The emulator's answers: a result, the API's error object, or a gateway's page."""

import json
import secrets
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

JSON: Final = "application/json"
HTML: Final = "text/html"


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer.

    Attributes:
        status: The HTTP status.
        body: The body as it is sent.
        media_type: The body's `Content-Type`.
        headers: Further headers, as name and value.
    """

    status: int
    body: bytes
    media_type: str = JSON
    headers: tuple[tuple[str, str], ...] = ()


class RefusedError(Exception):
    """The API refuses the request; `answer` says why."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(f"answered with {answer.status}")
        self.answer = answer


def success(body: bytes, headers: tuple[tuple[str, str], ...] = ()) -> Answer:
    """Answer 200 with an encoded JSON body."""
    return Answer(HTTPStatus.OK, body, headers=headers)


def problem(
    status: int,
    description: str,
    *,
    title: str | None = None,
    code: str | None = None,
    headers: tuple[tuple[str, str], ...] = (),
) -> Answer:
    """Answer with the document's `ErrorResponse`. Default title: the phrase of the status."""
    content = {"title": title or reason(status), "description": description}
    if code is not None:
        content["code"] = code
    return Answer(status, json.dumps(content).encode(), headers=headers)


def opaque_id() -> str:
    """Make an ID for support, such as a `code` or `req_id`: short, and different every time."""
    return secrets.token_urlsafe(6)


def gateway_page(status: int, headers: tuple[tuple[str, str], ...] = ()) -> Answer:
    """Answer like the gateway in front of the API, with an HTML page without details."""
    title = f"{status} {reason(status)}"
    page = (
        f"<html>\n<head><title>{title}</title></head>\n"
        f"<body><center><h1>{title}</h1></center></body>\n</html>\n"
    )
    return Answer(status, page.encode(), HTML, headers)


def reason(status: int) -> str:
    """Return the standard phrase of a status, `Status 599` for one that has none."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return f"Status {status}"
