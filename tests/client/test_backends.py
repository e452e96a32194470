"""Which HTTP library carries a call: the choice, and what the fast one cannot do by itself."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import anyio
import pytest

from moengage_personalize import (
    AsyncPersonalizeClient,
    InvalidArgumentError,
    PersonalizeClient,
)
from moengage_personalize.emulator import Emulator
from moengage_personalize.transport.backends import select
from moengage_personalize.transport.backends.pyreqwest import (
    AsyncPyreqwestBackend,
    PyreqwestBackend,
)


def pyreqwest_backend(client: PersonalizeClient) -> PyreqwestBackend:
    backend = client._transport._backend
    assert isinstance(backend, PyreqwestBackend)
    return backend


@pytest.mark.parametrize("kind", [PersonalizeClient, AsyncPersonalizeClient])
def test_an_unknown_library_is_refused_by_name(kind: Any) -> None:
    """With those that are known."""
    with pytest.raises(InvalidArgumentError, match=r"transport.*httpx.*pyreqwest"):
        kind("W", "K", data_center=3, transport="curl")


def test_a_library_that_is_not_installed_is_named_with_its_extra(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """When the client is made, not at the first page."""
    monkeypatch.setattr(select, "_IS_INSTALLED", False)
    with pytest.raises(InvalidArgumentError, match="with the extra fast"):
        PersonalizeClient("W", "K", data_center=3, transport="pyreqwest")


@pytest.mark.usefixtures("measured")
def test_a_library_that_cannot_be_loaded_gives_way_to_the_other(tmp_path: Path) -> None:
    """With one warning; named explicitly, it is refused with the cause."""
    (tmp_path / "pyreqwest.py").write_text("raise ImportError('wrong ELF class')")
    script = """
import logging, sys
sys.path.insert(0, sys.argv[1])
logging.basicConfig(format="%(levelname)s %(message)s", stream=sys.stdout)
from moengage_personalize import AsyncPersonalizeClient, InvalidArgumentError, PersonalizeClient
for kind in (PersonalizeClient, AsyncPersonalizeClient, PersonalizeClient):
    print(type(kind("W", "K", data_center=3)._transport._backend).__name__)
try:
    PersonalizeClient("W", "K", data_center=3, transport="pyreqwest")
except InvalidArgumentError as error:
    print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], check=True, capture_output=True, text=True
    )
    assert done.stdout.splitlines() == [
        (
            "WARNING pyreqwest is installed but cannot be loaded, "
            "so httpx is the default: wrong ELF class"
        ),
        "HttpcoreBackend",
        "AsyncHttpcoreBackend",
        "HttpcoreBackend",
        "transport: pyreqwest cannot be loaded here: wrong ELF class",
    ]


def test_the_fast_library_is_picked_where_it_is_installed() -> None:
    """By a process that was told nothing."""
    script = """
from moengage_personalize import PersonalizeClient
print(type(PersonalizeClient("W", "K", data_center=3)._transport._backend).__name__)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True
    )
    assert done.stdout == "PyreqwestBackend\n"


def test_a_process_that_forks_before_its_first_call_keeps_the_fast_library(
    emulator: Emulator,
) -> None:
    """A preloading server makes its client in the parent."""
    client = PersonalizeClient(
        emulator.workspace_id, emulator.api_key, base_url=emulator.base_url, transport="pyreqwest"
    )
    assert pyreqwest_backend(client)._made is None, "making a client begins no runtime"
    client.metadata()
    assert pyreqwest_backend(client)._made is not None
    client.close()


def test_a_child_of_a_process_that_has_called_is_served_all_the_same(emulator: Emulator) -> None:
    """By httpcore: the runtime of Rust is gone with the parent's threads."""
    with PersonalizeClient(
        emulator.workspace_id, emulator.api_key, base_url=emulator.base_url, transport="pyreqwest"
    ) as client:
        client.metadata()
        child = os.fork()
        if child == 0:
            status = 1
            try:
                client.metadata(timeout=5)
                status = 0
            finally:
                os._exit(status)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        client.metadata()


def test_another_loop_than_asyncios_is_served_all_the_same(emulator: Emulator) -> None:
    """By httpcore: the library knows asyncio only."""

    async def ask() -> None:
        async with AsyncPersonalizeClient(
            emulator.workspace_id,
            emulator.api_key,
            base_url=emulator.base_url,
            transport="pyreqwest",
        ) as client:
            assert isinstance(client._transport._backend, AsyncPyreqwestBackend)
            await client.metadata()

    anyio.run(ask, backend="trio")
    anyio.run(ask)
    assert [request.status for request in emulator.requests] == [200, 200]
