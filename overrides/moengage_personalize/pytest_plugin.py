"""Fixtures for tests of code that calls the Personalize API; they need the extra `emulator`.

| fixture | gives |
| --- | --- |
| `moengage_emulator` | an emulator on a port of this machine, reset before and after each test |
| `moengage_session_emulator` | the same one, for an application that is made once in a session |
| `moengage_client` | a `PersonalizeClient` for it |
| `moengage_async_client` | an `AsyncPersonalizeClient` for it |
| `moengage_environment` | sets the variables that `from_env` reads |

`@pytest.mark.moengage_experiences({"homepage-banner": {"Title": "Hi"}})` sets what the emulator
answers during a test, even for an application that another fixture makes. It also takes a list of
typed experiences: `moengage_experiences([HomepageBanner])`.

`--moengage-experiences FILE`, or `moengage_experiences` in pytest's configuration file, names a
YAML file of experiences, or a Python file of typed ones, for all tests. The default is the
experiences that ship with the emulator.

pytest loads this module in every project that has the package, so it imports nothing that only a
fixture needs.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

import pytest

if TYPE_CHECKING:
    from moengage_personalize import AsyncPersonalizeClient, PersonalizeClient
    from moengage_personalize.emulator import Emulator
    from moengage_personalize.emulator.experiences.file import Source

__all__ = [
    "moengage_async_client",
    "moengage_client",
    "moengage_emulator",
    "moengage_environment",
    "moengage_session_emulator",
]

_OPTION: Final = "moengage_experiences"
_MARKER: Final = "moengage_experiences"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the option and its setting in the configuration file."""
    parser.getgroup("moengage").addoption(
        "--moengage-experiences",
        dest=_OPTION,
        metavar="FILE",
        help="YAML file of the experiences that the emulator answers with",
    )
    parser.addini(
        _OPTION, "YAML file of the experiences that the emulator answers with, from this file"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker."""
    config.addinivalue_line(
        "markers",
        f"{_MARKER}(experiences): the answers of the emulator during the test, "
        "such as {'homepage-banner': {'Title': 'Hi'}}",
    )


def pytest_itemcollected(item: pytest.Item) -> None:
    """Make the marker work for a test that uses no fixture of this module itself."""
    if (
        isinstance(item, pytest.Function)
        and item.get_closest_marker(_MARKER)
        and "moengage_emulator" not in item.fixturenames
    ):
        item.fixturenames.insert(
            0, "moengage_emulator"
        )  # before fixtures that may fetch in their setup


@pytest.fixture(scope="session")
def moengage_session_emulator(pytestconfig: pytest.Config) -> Iterator[Emulator]:
    """The emulator of a session; with pytest-xdist, of a worker.

    Use it in fixtures of the same scope, such as an application that is made once with its address.
    `moengage_emulator` is the same emulator, reset before and after each test that uses it.
    """
    try:
        from moengage_personalize.emulator import (  # noqa: PLC0415  (import time, and an extra)
            Emulator,
            ExperienceFileError,
        )
    except ModuleNotFoundError:
        raise  # a bug in the package: a missing extra is a plain ImportError
    except ImportError as error:
        pytest.fail(str(error), pytrace=False)
    try:
        emulator = Emulator(experiences=_experiences_file(pytestconfig))
    except ExperienceFileError as error:
        pytest.fail(str(error), pytrace=False)
    with emulator:
        yield emulator


@pytest.fixture
def moengage_emulator(
    moengage_session_emulator: Emulator, request: pytest.FixtureRequest
) -> Iterator[Emulator]:
    """An emulator that has received nothing yet, and has no faults.

    A test may add faults, replace the API key or the experiences, or stop it.
    """
    emulator = moengage_session_emulator
    _renew(emulator, _experiences_of(request.node))
    yield emulator
    _renew(emulator, None)


@pytest.fixture
def moengage_client(moengage_emulator: Emulator) -> Iterator[PersonalizeClient]:
    """A client for `moengage_emulator`."""
    from moengage_personalize import PersonalizeClient  # noqa: PLC0415  (import time)

    with PersonalizeClient(
        moengage_emulator.workspace_id,
        moengage_emulator.api_key,
        base_url=moengage_emulator.base_url,
    ) as client:
        yield client


@pytest.fixture
def moengage_async_client(moengage_emulator: Emulator) -> AsyncPersonalizeClient:
    """An async client for `moengage_emulator`, in the test's own event loop.

    It works with any plugin for async tests, and without one. Its connections close with the loop.
    """
    from moengage_personalize import AsyncPersonalizeClient  # noqa: PLC0415  (import time)

    return AsyncPersonalizeClient(
        moengage_emulator.workspace_id,
        moengage_emulator.api_key,
        base_url=moengage_emulator.base_url,
    )


@pytest.fixture
def moengage_environment(
    moengage_emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> dict[str, str]:
    """Set the variables that point `from_env` at `moengage_emulator`, for the test."""
    variables = {
        "MOENGAGE_WORKSPACE_ID": moengage_emulator.workspace_id,
        "MOENGAGE_PERSONALIZE_API_KEY": moengage_emulator.api_key,
        "MOENGAGE_BASE_URL": moengage_emulator.base_url,
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    for name in ("MOENGAGE_DATA_CENTER", "MOENGAGE_DISABLED"):
        monkeypatch.delenv(name, raising=False)  # either would override the base URL
    return variables


def _experiences_file(config: pytest.Config) -> Path | None:
    """Return the file from the option or from the configuration file."""
    given: str | None = config.getoption(_OPTION)
    if given:
        return config.invocation_params.dir / given
    configured: str = config.getini(_OPTION)
    if not configured:
        return None
    beside = config.rootpath if config.inipath is None else config.inipath.parent
    return beside / configured


def _experiences_of(test: pytest.Item) -> Source | None:
    """Return the argument of the marker closest to a test, if there is one."""
    marker = test.get_closest_marker(_MARKER)
    if marker is None:
        return None
    experiences: Any = marker.args[0] if len(marker.args) == 1 and not marker.kwargs else None
    if not isinstance(experiences, Mapping | list):
        pytest.fail(
            f"the marker {_MARKER} takes one mapping of experience keys to values, such as "
            "{'homepage-banner': {'Title': 'Hi'}}, or one list of classes",
            pytrace=False,
        )
    return cast("Source", experiences)


def _renew(emulator: Emulator, experiences: Source | None) -> None:
    """Undo the changes that a test may have made to the emulator."""
    from moengage_personalize.emulator.workspace import API_KEY  # noqa: PLC0415  (an extra)

    emulator.reset()
    emulator.expire_key(API_KEY)
    try:
        emulator.replace_experiences(experiences)
    except ValueError as error:
        pytest.fail(f"the marker {_MARKER}: {error}", pytrace=False)
    with contextlib.suppress(RuntimeError):  # it runs, unless the test has stopped it
        emulator.start()
