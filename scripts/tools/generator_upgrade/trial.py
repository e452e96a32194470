"""A copy of the project that is generated and tested with another version of the generator."""

import os
import re
import shutil
import subprocess
import sysconfig
import venv
from dataclasses import dataclass
from pathlib import Path

from generator.document import ROOT
from generator.failures import RefusedError, ToolsError
from generator.generation import TARGET
from generator.tools import REQUIREMENTS

GENERATOR = "openapi-python-client"
SUITES = ("tests/generator", "tests/document", "tests/client")
_COPIED = (
    *("generated", "openapi", "overrides", "requirements", "scripts", "tests"),
    *("CHANGELOG.md", "README.md", "pyproject.toml"),
)

_PIP_INSTALL = ("-m", "pip", "install", "--quiet", "--no-warn-conflicts", "--no-input")


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the tests went.

    Attributes:
        failed: The names of those that failed, in order.
        summary: pytest's last line.
    """

    failed: tuple[str, ...]
    summary: str


class Trial:
    """A copy of the project, and an environment that differs in the generator only.

    Attributes:
        root: The copy's top.

    Args:
        folder: An empty folder for both.
        version: The generator's version.

    Raises:
        ToolsError: That version cannot be installed.
    """

    def __init__(self, folder: Path, version: str) -> None:
        self.root = folder / "project"
        self._environment = folder / "environment"
        self._install(version)
        ignored = shutil.ignore_patterns("__pycache__", ".*")
        for name in _COPIED:
            source, target = ROOT / name, self.root / name
            if source.is_dir():
                shutil.copytree(source, target, symlinks=True, ignore=ignored)
            else:
                shutil.copyfile(source, target)
        pins = self.root / REQUIREMENTS.relative_to(ROOT)
        pins.write_text(repinned(pins.read_text(encoding="utf-8"), version), encoding="utf-8")

    @property
    def package(self) -> Path:
        """The copy's generated package."""
        return self.root / TARGET.relative_to(ROOT)

    @property
    def templates(self) -> Path:
        """The templates that come with the tried version."""
        (found,) = self._environment.rglob("openapi_python_client/templates")
        return found

    def drop_patch(self, name: str) -> None:
        """Takes one of the project's template patches out of the copy."""
        (self.root / "scripts" / "tools" / "generator" / "templates" / name).unlink()

    def generate(self) -> None:
        """Writes the copy's generated package again.

        Raises:
            RefusedError: The tried version warned or failed.
        """
        done = self._run("-m", "generator")
        if done.returncode:
            raise RefusedError(f"the generator does not do it: {done.stderr.strip()}")

    def test(self) -> Outcome:
        """Runs the tests of the generator, the document and the client in the copy."""
        done = self._run("-m", "pytest", "-q", "-p", "no:cacheprovider", *SUITES)
        failed = tuple(re.findall(r"^(?:FAILED|ERROR) (.+?)(?: - .*)?$", done.stdout, re.MULTILINE))
        lines = done.stdout.strip().splitlines() or [done.stderr.strip()]
        if done.returncode and not failed:
            failed = ("pytest itself",)
        return Outcome(failed, lines[-1])

    def _install(self, version: str) -> None:
        python = environment_above(self._environment)
        requirement = f"{GENERATOR}=={version}"
        # First the version itself, also where it is the one below; then what it lacks there.
        for options in (["--ignore-installed", "--no-deps"], []):
            result = subprocess.run(
                [str(python), *_PIP_INSTALL, *options, requirement],
                check=False,
                capture_output=True,
                text=True,
            )
            if result.returncode:
                raise ToolsError(f"{requirement} cannot be installed: {result.stderr.strip()}")

    def _run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        packages = [self.root / name for name in ("generated", "overrides", "scripts/tools")]
        programs = [str(self._environment / "bin"), sysconfig.get_path("scripts")]
        environment = {
            **{name: text for name, text in os.environ.items() if not name.startswith("COV")},
            "PYTHONPATH": os.pathsep.join(map(str, packages)),
            "PATH": os.pathsep.join([*programs, os.environ.get("PATH", "")]),
        }
        return subprocess.run(
            [str(self._environment / "bin" / "python"), *arguments],
            cwd=self.root,
            env=environment,
            check=False,
            capture_output=True,
            text=True,
        )


def environment_above(folder: Path) -> Path:
    """Makes an environment that has all that the running one has; what is installed there hides it.

    Returns:
        Its Python.
    """
    venv.create(folder, with_pip=False)
    (purelib,) = folder.glob("lib/python*/site-packages")
    below = sysconfig.get_path("purelib")
    (purelib / "below.pth").write_text(f"import site; site.addsitedir({below!r})\n")
    return folder / "bin" / "python"


def repinned(requirements: str, version: str) -> str:
    """The requirements with the generator pinned to the version."""
    return re.sub(rf"(?m)^{GENERATOR}==.*$", f"{GENERATOR}=={version}", requirements)
