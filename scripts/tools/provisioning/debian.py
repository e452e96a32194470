"""Programs that come in Debian's packages, installed where this may: as root, as on CI."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from functools import cache

from provisioning.once import turn

_APT_GET = "apt-get"


def find_program(package: str, *names: str) -> str | None:
    """Returns the path of a program by the first of its names, installing its package if it may.

    Processes that look for it at the same time install it once.
    """
    if _first(names) is None and may_install():
        with turn(_APT_GET):
            if _first(names) is None:
                install([package])
    return _first(names)


def may_install() -> bool:
    """Returns whether this process may install packages."""
    return os.geteuid() == 0 and shutil.which(_APT_GET) is not None


def install(packages: Sequence[str]) -> None:
    """Installs packages; whether that worked, the caller sees when it looks for the program."""
    print("Installing", *packages, "with apt-get …", file=sys.stderr, flush=True)
    _refresh_index()
    _apt_get("install", "--yes", "--no-install-recommends", *packages, seconds=600)


@cache
def _refresh_index() -> None:
    """Asks for the packages of today, once in a run; an old index may do if that fails."""
    _apt_get("update", seconds=300)


def _apt_get(*arguments: str, seconds: int) -> None:
    try:
        subprocess.run(
            [_APT_GET, *arguments],
            check=False,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=seconds,
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        print(f"{_APT_GET} {arguments[0]} failed: {error}", file=sys.stderr)


def _first(names: Sequence[str]) -> str | None:
    return next(filter(None, map(shutil.which, names)), None)
