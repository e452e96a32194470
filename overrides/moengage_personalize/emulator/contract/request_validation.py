"""Decides whether the API would accept a request, and writes the refusal if not.

Titles are the API's, and so are descriptions if its own words are known. A `code` is a new opaque
ID each time, so that no client depends on it.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final, NoReturn
from urllib.parse import parse_qs

from moengage_personalize.emulator.contract.document import BodyRule, Operation
from moengage_personalize.emulator.contract.error_messages import refusal
from moengage_personalize.emulator.responses import RefusedError, opaque_id, problem

_REQUEST_ERROR: Final = "Request Error"
_MALFORMED: Final = "Malformed JSON"


def check_access(headers: Mapping[str, str], workspace_id: str, api_key: str) -> None:
    """Check both credentials: HTTP Basic, and the workspace ID once more in `MOE-APPKEY`.

    Args:
        headers: The request's headers, by name in lower case.
        workspace_id: The workspace of the emulator.
        api_key: The workspace's current Personalize API key.

    Raises:
        RefusedError: 401 for a wrong workspace ID or key, 400 for a missing or unknown
            `MOE-APPKEY`.
    """
    if _basic_credentials(headers.get("authorization", "")) != f"{workspace_id}:{api_key}":
        raise RefusedError(
            problem(
                HTTPStatus.UNAUTHORIZED,
                "Invalid API_KEY used in Authentication Header",
                title="Authentication required",
            )
        )
    if headers.get("moe-appkey") != workspace_id:
        _refuse(
            _REQUEST_ERROR,
            "MoEngage Client not found. Please check values for headers - MOE-APPKEY or MOE-DBNAME",
        )


def check_body(rule: BodyRule, content_type: str, body: bytes) -> Any:  # noqa: ANN401 -- any JSON
    """Parse a body and check it against the document.

    Args:
        rule: The document's rules for the body.
        content_type: The request's `Content-Type`, empty if it has none.
        body: The body as it arrived.

    Returns:
        The parsed body, which meets the schema.

    Raises:
        RefusedError: 400; the description names the field and what would be right.
    """
    if not body:
        _refuse(_MALFORMED, "The body is empty; it must be a JSON object.")
    if content_type.partition(";")[0].strip().lower() not in rule.media_types:
        accepted = ", ".join(sorted(rule.media_types))
        _refuse(_REQUEST_ERROR, f"The header Content-Type must be {accepted}.")
    parsed = _parse(body)
    if not rule.validator.is_valid(parsed):
        error = next(rule.validator.iter_errors(parsed))
        _refuse("Invalid Field Value", refusal(error, rule.schema), opaque_id())
    return parsed


def check_query(operation: Operation, query: str) -> Mapping[str, list[str]]:
    """Parse a query string and check that its parameters are the document's, each given once.

    The API itself would ignore an unknown one: for `status[]=Active`, as some clients write a list,
    it would silently list everything. With a space after the comma, it would list too little.

    Raises:
        RefusedError: 400 for an unknown parameter, for `status=Active&status=Paused`, and for
            `status=Active, Paused`.
    """
    if not query:
        return {}
    parameters = parse_qs(query, keep_blank_values=True)
    if not parameters.keys() <= operation.parameters:
        known = ", ".join(sorted(operation.parameters))
        _refuse(
            _REQUEST_ERROR,
            f"The query has a parameter that is not known; known: {known}. Give a list in one"
            " parameter, with commas between the values."
            if known
            else "This operation takes no query; send everything in the body.",
        )
    for name in operation.single_parameters:
        values = parameters.get(name, [])
        if len(values) > 1:
            _refuse(
                _REQUEST_ERROR,
                f"The parameter {name} must be given once, with commas between the values.",
            )
        if any(", " in value or " ," in value for value in values):
            _refuse(
                _REQUEST_ERROR,
                f"The parameter {name} must have commas without spaces between the values.",
            )
    return parameters


def _basic_credentials(header: str) -> str | None:
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        return base64.b64decode(encoded.strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        return None


def _parse(body: bytes) -> Any:  # noqa: ANN401 -- any JSON
    try:
        parsed = json.loads(body.decode(), parse_constant=_reject_constant)
        if rb"\ud" in body.lower():
            # Half of a surrogate pair is valid in JSON's grammar, but it is not text.
            json.dumps(parsed, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        _refuse(_MALFORMED, "The body must be well-formed JSON in UTF-8.")
    return parsed


def _reject_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _refuse(title: str, description: str, code: str | None = None) -> NoReturn:
    raise RefusedError(problem(HTTPStatus.BAD_REQUEST, description, title=title, code=code))
