"""The template patches: what they mend, and that the stock templates still need it."""

import asyncio
import inspect
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

import moengage_personalize_api
from generator.document import Document
from generator.templates import comma_separated
from moengage_personalize_api.api.experiences import list_experience_metadata
from moengage_personalize_api.models import ExperienceStatus, Payload, PayloadValue

SECRET = "do-not-print-me"
HOLDERS: dict[str, Any] = {
    "cookies": {"session": SECRET},
    "headers": {"Authorization": SECRET},
    "httpx_args": {"auth": ("workspace", SECRET)},
}


class Wire:
    """A server on the loopback interface that answers `{}` and notes what was asked.

    Attributes:
        url: Where it listens.
        targets: Path and query of each request, as sent.
    """

    def __init__(self) -> None:
        self.targets: list[str] = []
        targets = self.targets

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                targets.append(self.path)
                body = b'{"metadata": {"count": 0, "experiences": []}}'
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def wire() -> Iterator[Wire]:
    """What really goes over the wire."""
    wire = Wire()
    thread = threading.Thread(target=wire.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield wire
    wire.server.shutdown()
    wire.server.server_close()
    thread.join()


def query(wire: Wire) -> dict[str, list[str]]:
    """The parameters of the only request."""
    (target,) = wire.targets
    return parse_qs(urlsplit(target).query)


def list_metadata(package: Any, wire: Wire, *statuses: str) -> None:
    """Asks for the statuses with a generated package."""
    models = package.models
    with package.AuthenticatedClient(base_url=wire.url, token="t") as client:
        package.api.experiences.list_experience_metadata.sync_detailed(
            client=client, status=[models.ExperienceStatus(status) for status in statuses]
        )


def test_statuses_travel_as_one_parameter(wire: Wire) -> None:
    """`explode: false` means commas."""
    list_metadata(moengage_personalize_api, wire, "Active", "Paused")
    assert query(wire) == {"status": ["Active,Paused"]}


def test_statuses_travel_as_one_parameter_when_awaited(wire: Wire) -> None:
    """The asynchronous function sends the same."""

    async def ask() -> None:
        client = moengage_personalize_api.AuthenticatedClient(base_url=wire.url, token="t")
        async with client:
            await list_experience_metadata.asyncio(
                client=client, status=[ExperienceStatus.ACTIVE, ExperienceStatus.PAUSED]
            )

    asyncio.run(ask())
    assert query(wire) == {"status": ["Active,Paused"]}


def test_one_status_travels_without_a_comma(wire: Wire) -> None:
    """A list of one is that one."""
    list_metadata(moengage_personalize_api, wire, "Scheduled")
    assert query(wire) == {"status": ["Scheduled"]}


def test_no_status_travels_as_no_parameter(wire: Wire) -> None:
    """An empty `status=` would be a value that the API does not know."""
    list_metadata(moengage_personalize_api, wire)
    assert wire.targets == ["/experiences/metadata"]


@pytest.mark.workshop
def test_an_exploded_parameter_is_repeated(wire: Wire, exploded: Any) -> None:
    """`explode: true` means one parameter for each value."""
    list_metadata(exploded, wire, "Active", "Paused")
    assert query(wire) == {"status": ["Active", "Paused"]}


@pytest.mark.workshop
def test_the_comma_patch_is_still_needed(wire: Wire, stock: Any) -> None:
    """Fails once the generator reads `explode` itself (its issue 197)."""
    list_metadata(stock, wire, "Active", "Paused")
    assert query(wire) == {"status": ["Active", "Paused"]}, (
        "the generator sends one comma-separated parameter itself: "
        "remove this template patch, endpoint_macros.diff"
    )


@pytest.mark.parametrize("holder", HOLDERS)
@pytest.mark.parametrize("kind", ["Client", "AuthenticatedClient"])
def test_a_client_does_not_print_what_may_be_secret(kind: str, holder: str) -> None:
    """Cookies, headers and httpx arguments stay out of its repr, also once it is connected."""
    token = {"token": SECRET} if kind == "AuthenticatedClient" else {}
    arguments = {holder: HOLDERS[holder], **token}
    client = getattr(moengage_personalize_api, kind)("http://personalize.test", **arguments)
    client.get_httpx_client().close()
    assert SECRET not in repr(client)
    assert SECRET not in repr(client.with_headers({"X-Api-Key": SECRET}))


@pytest.mark.parametrize("holder", [*HOLDERS, "token"])
@pytest.mark.workshop
def test_the_repr_patch_is_still_needed(stock: Any, holder: str) -> None:
    """Fails once the generator keeps credentials out of the repr itself."""
    arguments = {"token": "t", **HOLDERS, "token" if holder == "token" else "": SECRET}
    kept = {name: value for name, value in arguments.items() if name in {holder, "token"}}
    client = stock.AuthenticatedClient("http://personalize.test", **kept)
    assert SECRET in repr(client), (
        f"the generator hides {holder} itself: remove this template patch from client.diff"
    )


def test_models_import_each_other_once() -> None:
    """An import in a function costs a microsecond with every call of it."""
    assert "import" not in inspect.getsource(Payload.from_dict)


@pytest.mark.workshop
def test_the_imports_patch_is_still_needed(stock: Any) -> None:
    """Fails once the generator imports no models in functions any more."""
    assert "import" in inspect.getsource(stock.models.Payload.from_dict), (
        "the generator imports models once itself: remove this template patch from model.diff"
    )


DERIVED: dict[str, Any] = {
    "with_headers": {"X-Trace": "1"},
    "with_cookies": {"session": "1"},
    "with_timeout": httpx.Timeout(1.5),
}


def derives_alone(package: Any, method: str) -> bool:
    """Whether deriving a client that is in use leaves it as it was."""
    client = package.AuthenticatedClient("http://personalize.test", token="t")
    with client.get_httpx_client() as inner:
        before = (dict(inner.headers), dict(inner.cookies), inner.timeout)
        getattr(client, method)(DERIVED[method])
        return before == (dict(inner.headers), dict(inner.cookies), inner.timeout)


@pytest.mark.parametrize("method", DERIVED)
def test_a_derived_client_changes_nothing_in_its_original(method: str) -> None:
    """Which other threads may be using."""
    assert derives_alone(moengage_personalize_api, method)


@pytest.mark.parametrize("method", DERIVED)
@pytest.mark.workshop
def test_the_derived_client_patch_is_still_needed(stock: Any, method: str) -> None:
    """Fails once the generator leaves the original alone itself."""
    assert not derives_alone(stock, method), (
        f"the generator's {method} leaves the original alone itself: "
        "remove this template patch from client.diff"
    )


@pytest.mark.parametrize(
    ("parameter", "listed"),
    [
        ("{explode: false, schema: {type: array}}", True),
        ("{style: form, explode: false, schema: {type: array}}", True),
        ("{explode: false, schema: {$ref: '#/components/schemas/Names'}}", True),
        ("{schema: {type: array}}", False),
        ("{style: form, explode: true, schema: {type: array}}", False),
        ("{style: pipeDelimited, explode: false, schema: {type: array}}", False),
        ("{explode: false, schema: {type: string}}", False),
        ("{explode: false, schema: {type: object}}", False),
    ],
)
@pytest.mark.parametrize("place", ["operation", "path", "reference"])
def test_only_a_form_list_without_explode_is_comma_separated(
    tmp_path: Path, parameter: str, place: str, *, listed: bool
) -> None:
    """Wherever the parameter is stated: style form (the default) and explode false."""
    stated = parameter.replace("{", "{name: names, in: query, ", 1)
    reference = "{$ref: '#/components/parameters/Names'}"
    document = tmp_path / "openapi.yaml"
    document.write_text(
        f"""
paths:
  /things:
    parameters: [{stated if place == "path" else ""}]
    get:
      parameters: [{ {"operation": stated, "reference": reference}.get(place, "") }]
components:
  parameters:
    Names: {stated}
  schemas:
    Names: {{type: array}}
""",
        encoding="utf-8",
    )
    expected = [("get", "/things", "names")] if listed else []
    assert list(comma_separated(Document(document))) == expected


OBJECTS = {"a": {"value": 1, "data_type": "number"}, "b": {"value": "x", "data_type": "string"}}


def test_models_are_made_with_their_first_use(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading an answer makes none, and each is made once."""
    made: list[Any] = []
    original = PayloadValue.from_dict

    def from_dict(fields: Any) -> PayloadValue:
        made.append(fields)
        return original(fields)

    monkeypatch.setattr(PayloadValue, "from_dict", from_dict)
    payload = Payload.from_dict(OBJECTS)
    assert list(payload.additional_properties) == ["a", "b"]
    assert "a" in payload
    assert made == []
    assert payload["a"] is payload["a"]
    assert made == [OBJECTS["a"]]


def test_models_are_a_mapping_like_any_other() -> None:
    """Whoever changes them finds the change, and so does the request that they go into."""
    models = Payload.from_dict(OBJECTS).additional_properties
    models["c"] = PayloadValue(value=None, data_type="json")
    del models["a"]
    assert models.pop("b").value == "x"
    assert models == {"c": PayloadValue(value=None, data_type="json")}
    assert repr(models).startswith("{'c': PayloadValue(")
    with pytest.raises(KeyError):
        models["a"]
    payload = Payload.from_dict(OBJECTS)
    payload["a"].value = 2
    assert payload.to_dict() == {**OBJECTS, "a": {"value": 2, "data_type": "number"}}
    assert payload == Payload.from_dict(payload.to_dict())


@pytest.mark.workshop
def test_the_models_patch_is_still_needed(stock: Any) -> None:
    """Fails once the generator makes models with their first use itself."""
    payload = stock.models.Payload.from_dict(OBJECTS)
    assert type(payload.additional_properties) is dict, (
        "the generator makes no dictionary any more: "
        "see whether the template patches model.diff and types.diff can go"
    )
