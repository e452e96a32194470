"""The controls of a running emulator, for people and for tests in other languages.

The controls are outside the emulated API, under `/_emulator`, except for the reference page. They
answer only callers on this machine:

| request | does |
| --- | --- |
| `GET /health` | answers if the emulator runs, and counts what it has received |
| `GET /openapi.json` | returns the document that requests are checked against |
| `GET /requests` | lists the requests, without the credentials in them |
| `GET /events` | lists the events, each UUID once |
| `POST /reset` | forgets requests, events and faults |
| `GET /faults` | lists the faults that wait |
| `POST /faults` | adds one: `{"operation": "fetchExperiences", "fault": "status", "status": 503}` |
| `DELETE /faults` | clears them |
| `GET /docs` | shows the document as a page that can send each operation |
| `POST /key` | replaces the key: `{"api_key": "..."}` |

`fault` names a constructor of `Fault`. Its arguments, and `times`, `probability` and `seed`, are
members of the same object. Without `operation`, or with null, the fault is for every operation.
`"after_processing": true` carries the request out first.
"""

import ipaddress
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from moengage_personalize.emulator.contract import document
from moengage_personalize.emulator.faults.fault import Fault
from moengage_personalize.emulator.recorder import RecordedRequest
from moengage_personalize.emulator.responses import JSON
from moengage_personalize.emulator.server import docs_page
from moengage_personalize.emulator.workspace import API_KEY, WORKSPACE_ID, Workspace

DOCS: Final = "/docs"
PREFIX: Final = "/_emulator/"

_OWN_NAMES: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_CREDENTIALS: Final = frozenset({"authorization", "moe-appkey"})
_CONSTRUCTORS: Final[Mapping[str, Callable[..., Fault]]] = {
    "status": Fault.status,
    "answer": Fault.answer,
    "rate_limited": Fault.rate_limited,
    "latency": Fault.latency,
    "drop": Fault.drop,
    "half_body": Fault.half_body,
    "trickle": Fault.trickle,
    "hang": Fault.hang,
}


def application(workspace: Workspace) -> ASGIApp:
    """Return the ASGI application that controls a workspace."""
    controls = _Controls(workspace)
    routes = [
        Route(PREFIX + path, endpoint, methods=[method])
        for method, path, endpoint in (
            ("GET", "health", controls.health),
            ("GET", "openapi.json", controls.openapi),
            ("GET", "requests", controls.requests),
            ("GET", "events", controls.events),
            ("POST", "reset", controls.reset),
            ("GET", "faults", controls.faults),
            ("POST", "faults", controls.add_fault),
            ("DELETE", "faults", controls.clear_faults),
            ("POST", "key", controls.replace_key),
        )
    ]
    routes.append(Route(DOCS, controls.reference, methods=["GET"]))
    return _LoopbackOnly(Starlette(routes=routes, exception_handlers={HTTPException: _refusal}))


def is_control(path: str) -> bool:
    """Return whether a path belongs to the controls, and not to the emulated API."""
    return path == DOCS or path.startswith(PREFIX)


class _Controls:
    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    async def health(self, _request: Request) -> Response:
        journal = self._workspace.journal
        return JSONResponse(
            {
                "status": "ok",
                "experiences": len(self._workspace.catalogue),
                "requests": len(journal.requests),
                "events": len(journal.events),
                "faults": len(self._workspace.faults.pending()),
            }
        )

    async def openapi(self, _request: Request) -> Response:
        return JSONResponse(document.load().content)

    async def reference(self, _request: Request) -> Response:
        described = document.load()
        # Chosen credentials are not filled in, because browsers may store the page.
        workspace = self._workspace
        accepted = (workspace.workspace_id, workspace.api_key)
        shown = accepted if accepted == (WORKSPACE_ID, API_KEY) else None
        try:
            content = docs_page.page_to_try(described.content, described.base_path, shown)
        except docs_page.AssetsMissingError as error:
            raise HTTPException(HTTPStatus.NOT_IMPLEMENTED, str(error)) from error
        return HTMLResponse(content)

    async def requests(self, _request: Request) -> Response:
        return JSONResponse(
            {"requests": [_shown(request) for request in self._workspace.journal.requests]}
        )

    async def events(self, _request: Request) -> Response:
        return JSONResponse({"events": [asdict(event) for event in self._workspace.journal.events]})

    async def reset(self, _request: Request) -> Response:
        self._workspace.reset()
        return Response(status_code=HTTPStatus.NO_CONTENT)

    async def faults(self, _request: Request) -> Response:
        return JSONResponse(
            {
                "faults": [
                    {
                        "operation": waiting.operation,
                        "happened": waiting.happened,
                        **asdict(waiting.fault),
                    }
                    for waiting in self._workspace.faults.pending()
                ]
            }
        )

    async def add_fault(self, request: Request) -> Response:
        described = await _object(request)
        operation = described.pop("operation", None)
        try:
            self._workspace.faults.add(operation, _fault(described))
        except (TypeError, ValueError) as error:
            raise HTTPException(HTTPStatus.BAD_REQUEST, str(error)) from error
        return Response(status_code=HTTPStatus.NO_CONTENT)

    async def clear_faults(self, _request: Request) -> Response:
        self._workspace.faults.clear()
        return Response(status_code=HTTPStatus.NO_CONTENT)

    async def replace_key(self, request: Request) -> Response:
        api_key = (await _object(request)).get("api_key")
        if not isinstance(api_key, str) or not api_key:
            raise HTTPException(HTTPStatus.BAD_REQUEST, "api_key must be a text")
        self._workspace.expire_key(api_key)
        return Response(status_code=HTTPStatus.NO_CONTENT)


class _LoopbackOnly:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not _may_control(scope):
            response = JSONResponse(
                {
                    "title": "Forbidden",
                    "description": "Only this machine can control the emulator.",
                },
                HTTPStatus.FORBIDDEN,
            )
            await response(scope, receive, send)
            return
        await self._app(scope, receive, send)


def _may_control(scope: Scope) -> bool:
    client = scope.get("client")
    try:
        address = ipaddress.ip_address(client[0] if client else "")
    except ValueError:
        # A client name that is not an address is an in-process test client.
        return True
    return address.is_loopback and _is_meant_for_here(Headers(scope=scope))


def _is_meant_for_here(headers: Headers) -> bool:
    """Return whether the request is not from a page of another site in this machine's browser."""
    addresses = [f"//{headers.get('host', '')}", headers.get("origin") or "//localhost"]
    return all(urlsplit(address).hostname in _OWN_NAMES for address in addresses)


def _shown(request: RecordedRequest) -> dict[str, Any]:
    return {
        "operation": request.operation,
        "method": request.method,
        "path": request.path,
        "query": request.query,
        "headers": {
            name: "..." if name in _CREDENTIALS else value
            for name, value in request.headers.items()
        },
        "body": request.body.decode(errors="replace"),
        "status": request.status,
        "received_at": request.received_at,
    }


async def _object(request: Request) -> dict[str, Any]:
    # A page in a browser cannot send this type to another origin without a preflight request.
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != JSON:
        raise HTTPException(HTTPStatus.BAD_REQUEST, f"Content-Type must be {JSON}")
    try:
        content = json.loads(await request.body())
    except ValueError as error:
        raise HTTPException(HTTPStatus.BAD_REQUEST, "the body must be JSON") from error
    if not isinstance(content, dict):
        raise HTTPException(HTTPStatus.BAD_REQUEST, "the body must be a JSON object")
    return content


def _fault(described: dict[str, Any]) -> Fault:
    after_processing = described.pop("after_processing", False)
    name = described.pop("fault", None)
    if not isinstance(name, str) or name not in _CONSTRUCTORS:
        raise ValueError(f"fault must be one of {', '.join(_CONSTRUCTORS)}")
    fault = _CONSTRUCTORS[name](**described)
    return Fault.after_processing(fault) if after_processing else fault


async def _refusal(_request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    return JSONResponse(
        {"title": HTTPStatus(error.status_code).phrase, "description": error.detail},
        error.status_code,
        headers=error.headers,
    )
