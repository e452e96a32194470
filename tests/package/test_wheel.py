"""The built package, in an environment of its own that has nothing else."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import pytest

import moengage_personalize
import moengage_personalize.emulator as emulator_package
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
    """Without a command that would ask a public index for a package of ours."""
    done = run(*arguments)
    assert done.returncode != 0
    assert f"install the package again with the extra {extra}" in done.stderr


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


FILES = {
    "AGENTS.md",
    "llms.txt",
    "py.typed",
    "emulator/experiences/experiences.schema.json",
    "emulator/experiences/experiences.yaml",
    "openapi/moengage-personalize.yaml",
}
"""What the package holds beside Python."""


def test_the_archives_hold_what_they_should_and_nothing_else(
    distributions: tuple[Path, Path],
) -> None:
    """Both packages, typed, with what agents read; no tests, no scripts."""
    wheel, sdist = distributions
    names = set(zipfile.ZipFile(wheel).namelist())
    info = f"moengage_personalize-{version('moengage-personalize')}.dist-info"
    others = {name for name in names if not name.endswith(".py")}
    assert {name.partition("/")[0] for name in names} == {
        "moengage_personalize",
        "moengage_personalize_api",
        info,
    }
    assert others == {
        *(f"moengage_personalize/{name}" for name in FILES),
        "moengage_personalize_api/manifest.json",
        "moengage_personalize_api/py.typed",
        *(f"{info}/{name}" for name in ("METADATA", "RECORD", "WHEEL", "entry_points.txt")),
        f"{info}/licenses/LICENSE",
    }
    sources = {
        f"moengage_personalize/{file.relative_to(ROOT / 'overrides/moengage_personalize')}"
        for file in (ROOT / "overrides" / "moengage_personalize").rglob("*.py")
    }
    assert {name for name in names - others if name.startswith("moengage_personalize/")} == sources
    with tarfile.open(sdist) as archive:
        folders = {name.split("/")[1] for name in archive.getnames() if "/" in name}
    assert not folders & {"tests", "scripts", ".venv", "node_modules"}


def test_what_agents_read_is_true(distributions: tuple[Path, Path]) -> None:
    """Each name in code that looks like one of ours is public, and each linked file ships."""
    wheel = zipfile.ZipFile(distributions[0])
    text = wheel.read("moengage_personalize/AGENTS.md").decode()
    names = set(re.findall(r"\b[A-Z][a-z]+[A-Z][A-Za-z]+\b", " ".join(re.findall("`.+?`", text))))
    own = {"HomepageBanner", "MoEngage"}
    assert names - own <= set(moengage_personalize.__all__)
    links = re.findall(r"\]\((.+?)\)", wheel.read("moengage_personalize/llms.txt").decode())
    assert links
    assert {f"moengage_personalize/{link}" for link in links} <= set(wheel.namelist())


@pytest.mark.workshop
def test_every_public_name_has_a_known_type(
    distributions: tuple[Path, Path], tmp_path: Path
) -> None:
    """As pyright --verifytypes judges the wheel; scripts/lint installs pyright."""
    pyright = ROOT / "node_modules" / ".bin" / "pyright"
    assert pyright.exists(), "run scripts/lint once: it installs pyright"
    with zipfile.ZipFile(distributions[0]) as wheel:
        wheel.extractall(tmp_path / "site")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [pyright, "--verifytypes", "moengage_personalize", "--ignoreexternal", "--outputjson"],
        cwd=tmp_path,
        env={**os.environ, "PATH": path, "PYTHONPATH": str(tmp_path / "site")},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    symbols = json.loads(done.stdout)["typeCompleteness"]["symbols"]
    exported = {f"moengage_personalize.{name}" for name in moengage_personalize.__all__}
    exported |= {f"moengage_personalize.emulator.{name}" for name in emulator_package.__all__}
    public = [one for one in symbols if one["name"] in exported]
    assert len(public) >= len(exported)
    assert [one["name"] for one in public if not one["isTypeKnown"] or one["isTypeAmbiguous"]] == []
