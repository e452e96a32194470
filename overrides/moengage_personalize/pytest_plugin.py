"""Fixtures for tests of code that calls the Personalize API; they need the extra `emulator`.

| fixture | gives |
| --- | --- |
| `moengage_emulator` | the API on this machine, as new for each test |
| `moengage_client` | a `PersonalizeClient` of it |
| `async_moengage_client` | makes an `AsyncPersonalizeClient` of it, for `async with` |
| `moengage_environment` | sets the variables that `from_env` reads |

`--moengage-experiences FILE`, or `moengage_experiences` in pytest's configuration file, names a
YAML file of experiences; without, the emulator has those that it ships with.

pytest loads this module in every run of anyone who has the package, so it imports nothing that only
a fixture needs.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from moengage_personalize import AsyncPersonalizeClient, PersonalizeClient
    from moengage_personalize.emulator import Emulator

__all__ = [
    "async_moengage_client",
    "moengage_client",
    "moengage_emulator",
    "moengage_environment",
]

_OPTION: Final = "moengage_experiences"


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


@pytest.fixture(scope="session")
def _running_moengage_emulator(pytestconfig: pytest.Config) -> Iterator[Emulator]:
    try:
        from moengage_personalize.emulator import (  # noqa: PLC0415  (import time, and an extra)
            Emulator,
            ExperienceFileError,
        )
    except ModuleNotFoundError:
        raise  # a mistake in the package; the emulator names its extra in a plain ImportError
    except ImportError as error:
        pytest.fail(str(error), pytrace=False)
    try:
        emulator = Emulator(experiences=_experiences_file(pytestconfig))
    except ExperienceFileError as error:
        pytest.fail(str(error), pytrace=False)
    with emulator:
        yield emulator


@pytest.fixture
def moengage_emulator(_running_moengage_emulator: Emulator) -> Emulator:
    """The Personalize API on this machine: it has received nothing yet, and has no faults.

    One emulator serves the whole run; a test may add faults, replace the key or stop it.
    """
    emulator = _running_moengage_emulator
    emulator.reset()
    emulator.expire_key(_first_key())
    with contextlib.suppress(RuntimeError):  # it runs, unless a test before has stopped it
        emulator.start()
    return emulator


@pytest.fixture
def moengage_client(moengage_emulator: Emulator) -> Iterator[PersonalizeClient]:
    """A client of `moengage_emulator`."""
    from moengage_personalize import PersonalizeClient  # noqa: PLC0415  (import time)

    with PersonalizeClient(
        moengage_emulator.workspace_id,
        moengage_emulator.api_key,
        base_url=moengage_emulator.base_url,
    ) as client:
        yield client


@pytest.fixture
def async_moengage_client(moengage_emulator: Emulator) -> Callable[..., AsyncPersonalizeClient]:
    """Makes async clients of `moengage_emulator`; needs no plugin for asynchronous tests.

    Use one as in `async with async_moengage_client() as client`. Arguments are the client's own,
    such as `timeout` and `retries`.
    """
    from moengage_personalize import AsyncPersonalizeClient  # noqa: PLC0415  (import time)

    def make(**options: Any) -> AsyncPersonalizeClient:  # noqa: ANN401  (passed on as they are)
        return AsyncPersonalizeClient(
            moengage_emulator.workspace_id,
            moengage_emulator.api_key,
            base_url=moengage_emulator.base_url,
            **options,
        )

    return make


@pytest.fixture
def moengage_environment(
    moengage_emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> dict[str, str]:
    """The variables that point `from_env` at `moengage_emulator`, set for the test."""
    variables = {
        "MOENGAGE_WORKSPACE_ID": moengage_emulator.workspace_id,
        "MOENGAGE_PERSONALIZE_API_KEY": moengage_emulator.api_key,
        "MOENGAGE_BASE_URL": moengage_emulator.base_url,
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("MOENGAGE_DATA_CENTER", raising=False)  # it would contradict the base URL
    return variables


def _experiences_file(config: pytest.Config) -> Path | None:
    """The file of the option, from where pytest was called, or that of the configuration file."""
    given: str | None = config.getoption(_OPTION)
    if given:
        return config.invocation_params.dir / given
    configured: str = config.getini(_OPTION)
    if not configured:
        return None
    beside = config.rootpath if config.inipath is None else config.inipath.parent
    return beside / configured


def _first_key() -> str:
    from moengage_personalize.emulator.workspace import API_KEY  # noqa: PLC0415  (an extra)

    return API_KEY
