"""Decides whether a request is one that the API would carry out, and words the refusal if not."""

import base64
import binascii
import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, NoReturn
from urllib.parse import parse_qs

from moengage_personalize.emulator.contract.document import BodyRule, Operation
from moengage_personalize.emulator.contract.error_messages import sentence
from moengage_personalize.emulator.responses import RefusedError, problem


def check_access(headers: Mapping[str, str], workspace_id: str, api_key: str) -> None:
    """Check both credentials: HTTP Basic, and the workspace ID once more in `MOE-APPKEY`.

    Args:
        headers: The request's headers, by name in lower case.
        workspace_id: The workspace that the emulator plays.
        api_key: The workspace's Personalize API key of the moment.

    Raises:
        RefusedError: 401 for a wrong workspace ID or key, 400 for a missing or unknown
            `MOE-APPKEY`.
    """
    if _basic_credentials(headers.get("authorization", "")) != f"{workspace_id}:{api_key}":
        raise RefusedError(
            problem(
                HTTPStatus.UNAUTHORIZED,
                "The workspace ID or the Personalize API key is not valid.",
                "invalid_credentials",
            )
        )
    app_key = headers.get("moe-appkey")
    if app_key is None:
        _refuse("The header MOE-APPKEY is required: the workspace ID.", "missing_app_key")
    if app_key != workspace_id:
        _refuse("The header MOE-APPKEY must be the workspace ID.", "unknown_app_key")


def check_body(rule: BodyRule, content_type: str, body: bytes) -> Any:  # noqa: ANN401 -- any JSON
    """Parse a body and hold it against the document.

    Args:
        rule: What the document says about the body.
        content_type: The request's `Content-Type`, empty where it has none.
        body: The body as it arrived.

    Returns:
        The parsed body, which meets the schema.

    Raises:
        RefusedError: 400; the description names the field and what would be right.
    """
    if not body:
        _refuse("The body is empty; it must be a JSON object.", "empty_body")
    if content_type.partition(";")[0].strip().lower() not in rule.media_types:
        accepted = ", ".join(sorted(rule.media_types))
        _refuse(f"The header Content-Type must be {accepted}.", "unsupported_content_type")
    parsed = _parse(body)
    if not rule.validator.is_valid(parsed):
        error = next(rule.validator.iter_errors(parsed))
        _refuse(f"{sentence(error, rule.schema, whole='The body')}.", "invalid_value")
    return parsed


def check_query(operation: Operation, query: str) -> Mapping[str, list[str]]:
    """Parse a query string and check that no list is spread over several parameters.

    Raises:
        RefusedError: 400 for `status=Active&status=Paused`.
    """
    if not query:
        return {}
    parameters = parse_qs(query, keep_blank_values=True)
    for name in operation.single_parameters:
        if len(parameters.get(name, ())) > 1:
            _refuse(
                f"The parameter {name} must be given once, its values separated by commas.",
                "repeated_parameter",
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
        _refuse("The body must be well-formed JSON in UTF-8.", "malformed_json")
    return parsed


def _reject_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _refuse(description: str, code: str) -> NoReturn:
    raise RefusedError(problem(HTTPStatus.BAD_REQUEST, description, code))
