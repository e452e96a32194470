"""The emulator as an ASGI application: the API under `/v1`, and its controls."""

from collections.abc import Callable
from dataclasses import replace
from http import HTTPStatus

from starlette.types import Receive, Scope, Send

from moengage_personalize.emulator.contract import document
from moengage_personalize.emulator.contract.document import Operation
from moengage_personalize.emulator.contract.request_validation import (
    check_access,
    check_body,
    check_query,
)
from moengage_personalize.emulator.exchange import Exchange
from moengage_personalize.emulator.experiences.file import Source
from moengage_personalize.emulator.faults.apply import act_out
from moengage_personalize.emulator.handlers import OPERATIONS, Question
from moengage_personalize.emulator.recorder import RecordedRequest
from moengage_personalize.emulator.responses import Answer, RefusedError, problem, success
from moengage_personalize.emulator.server import control_api
from moengage_personalize.emulator.workspace import API_KEY, WORKSPACE_ID, Workspace


class EmulatedApi:
    """The ASGI application. It records every request, checks it, and answers.

    Attributes:
        workspace: The state of the emulator.
    """

    def __init__(
        self,
        workspace: Workspace,
        on_request: Callable[[RecordedRequest], None] | None = None,
    ) -> None:
        self.workspace = workspace
        self._on_request = on_request
        self._control = control_api.application(workspace)
        # A table instead of patterns: the document's paths have no parameters.
        self._routes = document.load().routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection."""
        if scope["type"] != "http" or control_api.is_control(scope["path"]):
            await self._control(scope, receive, send)
            return
        exchange = Exchange(scope, receive, send)
        body = await exchange.read_body()
        if body is None:
            return
        methods = self._routes.get(exchange.path, {})
        operation = methods.get(exchange.method)
        request = RecordedRequest(
            operation=None if operation is None else operation.operation_id,
            method=exchange.method,
            path=exchange.path,
            query=exchange.query,
            headers=exchange.headers,
            body=body,
        )
        self.workspace.journal.record(request)
        exchange.on_answer = request.answered
        try:
            if operation is None:
                await exchange.answer(_no_operation(tuple(methods)))
            else:
                await self._serve(operation, request, exchange)
        finally:
            if self._on_request is not None:
                self._on_request(request)

    async def _serve(
        self, operation: Operation, request: RecordedRequest, exchange: Exchange
    ) -> None:
        misfortune = self.workspace.faults.strike(operation.operation_id)
        if misfortune.delay and await exchange.is_gone_within(misfortune.delay):
            return
        fault = misfortune.fault
        if fault is not None and not operation.is_rate_limited:
            fault = replace(fault, tells_limit=False)
        if fault is None:
            await exchange.answer(self._answer(operation, request))
        else:
            answer = self._answer(operation, request) if fault.processes else None
            await act_out(fault, exchange, answer)

    def _answer(self, operation: Operation, request: RecordedRequest) -> Answer:
        workspace = self.workspace
        headers = request.headers
        try:
            check_access(headers, workspace.workspace_id, workspace.api_key)
            query = check_query(operation, request.query)
            body = None
            if operation.body is not None:
                body = check_body(operation.body, headers.get("content-type", ""), request.body)
        except RefusedError as refused:
            return refused.answer
        carry = OPERATIONS.get(operation.operation_id)
        limit = workspace.rate_limit.count() if operation.is_rate_limited else ()
        if carry is not None:
            return success(carry(workspace, Question(query, body)), limit)
        if operation.example is not None:
            return success(operation.example, limit)
        return _nothing_to_answer(operation)


def create_app(
    experiences: Source | None = None,
    *,
    workspace_id: str = WORKSPACE_ID,
    api_key: str = API_KEY,
) -> EmulatedApi:
    """Make the emulator as an ASGI application, for a call in-process or for any ASGI server.

    Faults that close a connection raise `ConnectionResetError` here, because only the emulator's
    own server, in `Emulator` and `serve`, can close a connection.

    Args:
        experiences: A YAML file of experiences, or the values of each experience by its key; None
            for the experiences that ship with the emulator.
        workspace_id: The workspace ID to accept.
        api_key: The Personalize API key to accept.

    Raises:
        ValueError: The file (an `ExperienceFileError`) or mapping cannot be used.
    """
    return EmulatedApi(Workspace(experiences, workspace_id, api_key, history=None))


def _nothing_to_answer(operation: Operation) -> Answer:
    return problem(
        HTTPStatus.NOT_IMPLEMENTED,
        f"The emulator does not implement {operation.operation_id}, and the document has no "
        "example of its answer.",
    )


def _no_operation(allowed: tuple[str, ...]) -> Answer:
    if not allowed:
        return problem(HTTPStatus.NOT_FOUND, "The API has no such path.")
    listed = ", ".join(allowed)
    return problem(
        HTTPStatus.METHOD_NOT_ALLOWED,
        f"This path accepts only {listed}.",
        headers=(("Allow", listed),),
    )
