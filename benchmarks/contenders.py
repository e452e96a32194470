"""Who is measured: one fetch of one visitor, as each would send it."""

from __future__ import annotations

import json
import socket
import ssl
import sys
import tempfile
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack, ExitStack
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from generator.command import run_generator
from generator.document import Document
from generator.generation import DOCUMENT
from moengage_personalize import AsyncPersonalizeClient, PersonalizeClient
from moengage_personalize.transport.backends import TransportName

__all__ = ["AWAITED", "BLOCKING", "AwaitedCall", "Call", "make_stock"]

Call = Callable[[], object]
AwaitedCall = Callable[[], Awaitable[object]]
KEY: Final = "experience-0"
BODY: Final = {"identifiers": {"customer_id": "user_8821"}, "experience_key": [KEY]}
HEADERS: Final = {
    "Authorization": "Basic V09SS1NQQUNFOktFWQ==",
    "MOE-APPKEY": "WORKSPACE",
    "Accept": "application/json",
    "Content-Type": "application/json",
}
TOKEN: Final = HEADERS["Authorization"].removeprefix("Basic ")
TIMEOUT: Final = 2.0


def make_stock() -> None:
    """What the generator makes of the document with its own templates."""
    folder = tempfile.mkdtemp(prefix="stock-")
    run_generator(Document(DOCUMENT), Path(folder) / "stock_api")
    sys.path.append(folder)


def raw_socket(base_url: str, opened: ExitStack) -> Call:
    """The floor: one send, one receive, `json`."""
    address = urlsplit(base_url)
    connection = socket.create_connection((address.hostname, address.port))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if address.scheme == "https":
        context = ssl.create_default_context()
        connection = context.wrap_socket(connection, server_hostname=address.hostname)
    opened.enter_context(connection)
    lines = [f"POST {address.path}/experiences/fetch HTTP/1.1", f"Host: {address.netloc}"]
    lines += [f"{name}: {value}" for name, value in HEADERS.items()]
    head = "\r\n".join(lines).encode()

    def call() -> object:
        body = json.dumps(BODY).encode()
        connection.sendall(b"%s\r\nContent-Length: %d\r\n\r\n%s" % (head, len(body), body))
        received = connection.recv(65_536)
        headers, _, content = received.partition(b"\r\n\r\n")
        length = int(headers.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
        while len(content) < length:
            content += connection.recv(262_144)
        return json.loads(content)

    return call


def guide(base_url: str, _: ExitStack) -> Call:
    """As in the guide's sample: a connection for every call."""
    import requests  # noqa: PLC0415  (only this needs it)

    url = f"{base_url}/experiences/fetch"
    return lambda: requests.post(url, headers=HEADERS, data=json.dumps(BODY), timeout=2).json()


def requests_session(base_url: str, opened: ExitStack) -> Call:
    import requests  # noqa: PLC0415  (only this needs it)

    session = opened.enter_context(requests.Session())
    url = f"{base_url}/experiences/fetch"
    return lambda: session.post(url, headers=HEADERS, json=BODY, timeout=2).json()


def httpx_client(base_url: str, opened: ExitStack) -> Call:
    import httpx  # noqa: PLC0415  (only this needs it)

    client = opened.enter_context(httpx.Client(headers=HEADERS, timeout=2))
    url = f"{base_url}/experiences/fetch"
    return lambda: client.post(url, json=BODY).json()


def pyreqwest_client(base_url: str, opened: ExitStack) -> Call:
    from pyreqwest.client import SyncClientBuilder  # noqa: PLC0415  (only this needs it)

    client = opened.enter_context(SyncClientBuilder().default_headers(HEADERS).build())
    url, limit = f"{base_url}/experiences/fetch", timedelta(seconds=2)
    return lambda: client.post(url).body_json(BODY).timeout(limit).build().send().json()


def stock(base_url: str, opened: ExitStack) -> Call:
    package = import_module("stock_api")
    models = import_module("stock_api.models")
    operation = import_module("stock_api.api.experiences.fetch_experiences")
    client = package.AuthenticatedClient(
        base_url=base_url, token=TOKEN, prefix="Basic", headers={"MOE-APPKEY": "WORKSPACE"}
    )
    opened.enter_context(client)

    def call() -> object:
        request = models.FetchExperiencesRequest(
            identifiers=models.Identifiers(customer_id="user_8821"), experience_key=[KEY]
        )
        return operation.sync(client=client, body=request).experiences[KEY].payload

    return call


def ours(transport: TransportName) -> Callable[[str, ExitStack], Call]:
    def make(base_url: str, opened: ExitStack) -> Call:
        client = opened.enter_context(
            PersonalizeClient("WORKSPACE", "KEY", base_url=base_url, transport=transport)
        )
        return lambda: client.fetch(KEY, visitor="user_8821")[KEY].payload

    return make


async def awaited_httpx(base_url: str, opened: AsyncExitStack) -> AwaitedCall:
    import httpx  # noqa: PLC0415  (only this needs it)

    client = await opened.enter_async_context(httpx.AsyncClient(headers=HEADERS, timeout=2))
    url = f"{base_url}/experiences/fetch"

    async def call() -> object:
        return (await client.post(url, json=BODY)).json()

    return call


async def awaited_aiohttp(base_url: str, opened: AsyncExitStack) -> AwaitedCall:
    import aiohttp  # noqa: PLC0415  (only this needs it)

    limit = aiohttp.ClientTimeout(total=TIMEOUT)
    connector = aiohttp.TCPConnector(limit=100)
    session = await opened.enter_async_context(
        aiohttp.ClientSession(headers=HEADERS, timeout=limit, connector=connector)
    )
    url = f"{base_url}/experiences/fetch"

    async def call() -> object:
        async with session.post(url, json=BODY) as response:
            return await response.json()

    return call


async def awaited_pyreqwest(base_url: str, opened: AsyncExitStack) -> AwaitedCall:
    from pyreqwest.client import ClientBuilder  # noqa: PLC0415  (only this needs it)

    client = await opened.enter_async_context(ClientBuilder().default_headers(HEADERS).build())
    url, limit = f"{base_url}/experiences/fetch", timedelta(seconds=2)

    async def call() -> object:
        response = await client.post(url).body_json(BODY).timeout(limit).build().send()
        return await response.json()

    return call


async def awaited_stock(base_url: str, opened: AsyncExitStack) -> AwaitedCall:
    package = import_module("stock_api")
    models = import_module("stock_api.models")
    operation = import_module("stock_api.api.experiences.fetch_experiences")
    client = await opened.enter_async_context(
        package.AuthenticatedClient(
            base_url=base_url, token=TOKEN, prefix="Basic", headers={"MOE-APPKEY": "WORKSPACE"}
        )
    )

    async def call() -> object:
        request = models.FetchExperiencesRequest(
            identifiers=models.Identifiers(customer_id="user_8821"), experience_key=[KEY]
        )
        answer = await operation.asyncio(client=client, body=request)
        return answer.experiences[KEY].payload

    return call


def awaited_ours(
    transport: TransportName,
) -> Callable[[str, AsyncExitStack], Coroutine[Any, Any, AwaitedCall]]:
    async def make(base_url: str, opened: AsyncExitStack) -> AwaitedCall:
        client = await opened.enter_async_context(
            AsyncPersonalizeClient("WORKSPACE", "KEY", base_url=base_url, transport=transport)
        )

        async def call() -> object:
            return (await client.fetch(KEY, visitor="user_8821"))[KEY].payload

        return call

    return make


STOCK: Final = "stock generated"
OURS: Final = "this package, httpx"
FAST: Final = "this package, fast"
BLOCKING: Final[dict[str, Callable[[str, ExitStack], Call]]] = {
    STOCK: stock,
    OURS: ours("httpx"),
    FAST: ours("pyreqwest"),
    "guide's sample": guide,
    "requests, session": requests_session,
    "httpx": httpx_client,
    "pyreqwest": pyreqwest_client,
    "raw socket, json": raw_socket,
}
AWAITED: Final[dict[str, Callable[[str, AsyncExitStack], Coroutine[Any, Any, AwaitedCall]]]] = {
    STOCK: awaited_stock,
    OURS: awaited_ours("httpx"),
    FAST: awaited_ours("pyreqwest"),
    "httpx": awaited_httpx,
    "aiohttp": awaited_aiohttp,
    "pyreqwest": awaited_pyreqwest,
}
