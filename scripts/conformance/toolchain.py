"""Finds the programs that a language needs, and installs Debian's packages where it may."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from functools import cache

from conformance.failures import ToolchainError
from conformance.languages import Language, Program

_PROBE_SECONDS = 60


def require(language: Language) -> None:
    """Make sure that a language's programs are there, installing packages where that is possible.

    Packages are installed by root on a machine with apt-get, as on CI; elsewhere they are named.

    Raises:
        ToolchainError: A program is missing.
    """
    missing = [program for program in language.programs if not _works(program)]
    packages = [package for program in missing for package in program.packages]
    if packages and _may_install():
        _install(packages)
        missing = [program for program in missing if not _works(program)]
    if missing:
        raise ToolchainError(
            "; ".join(f"{one.name} is missing: {one.brought_by}" for one in missing)
        )


def _works(program: Program) -> bool:
    if shutil.which(program.name) is None:
        return False
    return _succeeds((program.name, *program.probe))


def _may_install() -> bool:
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def _install(packages: Sequence[str]) -> None:
    print("Installing", *packages, "with apt-get …", file=sys.stderr, flush=True)
    _refresh_index()
    _succeeds(("apt-get", "install", "--yes", "--no-install-recommends", *packages), seconds=600)


@cache
def _refresh_index() -> None:
    """Ask for the packages of today, once in a run; an old index may do if that fails."""
    _succeeds(("apt-get", "update"), seconds=300)


def _succeeds(command: tuple[str, ...], seconds: int = _PROBE_SECONDS) -> bool:
    try:
        done = subprocess.run(
            command,
            check=False,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=seconds,
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
