"""What `test_emulator_conformance.py` runs in a process of its own.

Schemathesis makes its requests while tests are collected, which no other run need wait for.
"""

from typing import Any, Final

import schemathesis
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    positive_data_acceptance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from moengage_personalize.emulator import create_app
from moengage_personalize.models.experiences import REQUIRED_IN_CONTEXT

CHECKS: Final[list[Any]] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]
STEADY = settings(
    max_examples=20,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)

# The document's `format: uuid` cannot say that the version is 4; its description does.
schemathesis.openapi.format("uuid", st.uuids(version=4).map(str))

app = create_app()
positive = schemathesis.openapi.from_asgi("/_emulator/openapi.json", app)
positive.config.generation.update(modes=[GenerationMode.POSITIVE])
every = schemathesis.openapi.from_asgi("/_emulator/openapi.json", app)
listed = schemathesis.openapi.from_asgi("/_emulator/openapi.json", app)
listed.config.phases.fuzzing.enabled = False


def credentials() -> dict[str, Any]:
    """Return the right credentials as arguments of a call."""
    return {
        "auth": (app.workspace.workspace_id, app.workspace.api_key),
        "headers": {"MOE-APPKEY": app.workspace.workspace_id},
    }


def complete_contexts(body: Any) -> None:
    """Add what events need of a context: answers share its schema, so none of it is required."""
    for element in body.get("elements", ()) if isinstance(body, dict) else ():
        for action in element["actions"]:
            for name in REQUIRED_IN_CONTEXT:
                action["attributes"].setdefault(name, "x")


@positive.parametrize()
@STEADY
def test_right_requests_are_carried_out(case: schemathesis.Case[Any]) -> None:
    """A request as the document wants it, with credentials, is answered as the document says."""
    complete_contexts(case.body)
    case.call_and_validate(checks=[*CHECKS, positive_data_acceptance], **credentials())


@every.parametrize()
@STEADY
def test_any_request_is_answered_within_the_document(case: schemathesis.Case[Any]) -> None:
    """A request of any kind, with credentials, gets no server error and no undocumented answer."""
    case.call_and_validate(checks=CHECKS, **credentials())


@listed.parametrize()
@STEADY
def test_any_stranger_is_answered_within_the_document(case: schemathesis.Case[Any]) -> None:
    """The same without valid credentials, and without random requests, as none gets further."""
    case.call_and_validate(checks=CHECKS)
