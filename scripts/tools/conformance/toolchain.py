"""Finds the programs that a language needs, and installs Debian's packages where it may."""

import shutil
import subprocess

from conformance.failures import ToolchainError
from conformance.languages import Language, Program
from provisioning.debian import install, may_install

_PROBE_SECONDS = 60


def require(language: Language) -> None:
    """Make sure that a language's programs are there, installing packages where that is possible.

    Packages are installed by root on a machine with apt-get, as on CI; elsewhere they are named.

    Raises:
        ToolchainError: A program is missing.
    """
    missing = [program for program in language.programs if not _works(program)]
    packages = [package for program in missing for package in program.packages]
    if packages and may_install():
        install(packages)
        missing = [program for program in missing if not _works(program)]
    if missing:
        raise ToolchainError(
            "; ".join(f"{one.name} is missing: {one.brought_by}" for one in missing)
        )


def _works(program: Program) -> bool:
    if shutil.which(program.name) is None:
        return False
    try:
        done = subprocess.run(
            [program.name, *program.probe],
            check=False,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_PROBE_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
