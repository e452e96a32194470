"""The built package, in an environment of its own that has nothing else."""

from __future__ import annotations

import os
import subprocess
import tarfile
import zipfile
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import pytest

from generator.document import ROOT
from moengage_personalize.emulator import Emulator
from projects import ask_no_index, build_distributions
from releasing.inventory import names_in
from releasing.trial import environment_with


@pytest.fixture(scope="session")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The wheel, and the sdist that it was built from."""
    return build_distributions(tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="session")
def python(distributions: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment that has the wheel and its core dependencies only."""
    with pytest.MonkeyPatch.context() as patch:
        ask_no_index(patch)
        return environment_with(tmp_path_factory.mktemp("empty") / "venv", str(distributions[0]))


@pytest.fixture(scope="session")
def run(python: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run that Python, away from the checkout."""

    def start(*arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith("COV")
        }
        return subprocess.run(
            [python, *arguments],
            cwd=python.parent,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    return start


Run = Callable[..., subprocess.CompletedProcess[str]]


def test_the_client_works_without_extras(run: Run, emulator: Emulator) -> None:
    """Fetch, report and list, from the installed wheel."""
    program = f"""
from moengage_personalize import PersonalizeClient, TrackingTokens, Visitor
with PersonalizeClient({emulator.workspace_id!r}, {emulator.api_key!r},
                       base_url={emulator.base_url!r}) as client:
    banner = client.fetch("homepage-banner", visitor="u")["homepage-banner"]
    visitor = Visitor("u", timezone="Asia/Kolkata")
    client.shown(banner, visitor=visitor, event_time="2026-01-01T00:00:00Z")
    TrackingTokens("a secret of some length").sign(banner, visitor=visitor)
    print(len(client.metadata()))
"""
    done = run("-I", "-c", program)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 0
    assert len(emulator.events) == 1


def test_the_awaited_client_works_without_extras(run: Run, emulator: Emulator) -> None:
    """On asyncio, with nothing installed beside."""
    program = f"""
import asyncio
from moengage_personalize import AsyncPersonalizeClient
async def main():
    async with AsyncPersonalizeClient({emulator.workspace_id!r}, {emulator.api_key!r},
                                      base_url={emulator.base_url!r}) as client:
        print(len(await client.metadata()))
asyncio.run(main())
"""
    done = run("-I", "-c", program)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 0


def test_the_document_ships_with_the_package_and_has_its_version(run: Run) -> None:
    """Other teams feed their generators from it."""
    program = """
from importlib.metadata import version
from importlib.resources import files
text = (files("moengage_personalize") / "openapi" / "moengage-personalize.yaml").read_text()
assert f"  version: {version('moengage-personalize')}\\n" in text
print(text, end="")
"""
    done = run("-I", "-c", program)
    assert done.returncode == 0, done.stderr
    assert done.stdout == (ROOT / "openapi" / "moengage-personalize.yaml").read_text()


@pytest.mark.parametrize(
    ("arguments", "extra"),
    [
        (("-m", "moengage_personalize", "metadata"), "cli"),
        (("-c", "import moengage_personalize.emulator"), "emulator"),
        (("-c", "import moengage_personalize.content_types"), "types"),
    ],
)
def test_a_missing_extra_is_named(run: Run, arguments: tuple[str, ...], extra: str) -> None:
    """With the command that installs it."""
    done = run(*arguments)
    assert done.returncode != 0
    assert f"moengage-personalize[{extra}]" in done.stderr


def test_the_core_dependencies_are_few(python: Path) -> None:
    """What a user gets along, by name; a new one is a decision."""
    expected = {
        "anyio",
        "attrs",
        "certifi",
        "h11",
        "httpcore",
        "httpx",
        "idna",
        "itsdangerous",
        "moengage-personalize",
        "python-dateutil",
        "tzdata",
        "typing-extensions",  # anyio's, on Python before 3.13
    }
    assert names_in(python) <= expected


def test_the_archives_hold_what_they_should_and_nothing_else(
    distributions: tuple[Path, Path],
) -> None:
    """Both packages, typed; no tests, no scripts."""
    wheel, sdist = distributions
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.partition("/")[0] for name in names}
    assert tops == {
        "moengage_personalize",
        "moengage_personalize_api",
        f"moengage_personalize-{version('moengage-personalize')}.dist-info",
    }
    assert {"moengage_personalize/py.typed", "moengage_personalize_api/py.typed"} <= set(names)
    with tarfile.open(sdist) as archive:
        folders = {name.split("/")[1] for name in archive.getnames() if "/" in name}
    assert not folders & {"tests", "scripts", ".venv", "node_modules"}
