"""The wheels that tests install in environments of their own, so that no test needs a network."""

import hashlib
import re
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

from generator.document import ROOT
from provisioning.once import CACHE, made_once

_REQUIREMENTS = ROOT / "requirements"
# What the package and its extras need, and the generator that is tried against the pinned one.
_LOCKS = (_REQUIREMENTS / "run.txt", _REQUIREMENTS / "other-generator.txt")
_GENERATOR = r"(?m)^openapi-python-client==(?:.*\\\n)*.*\n"


def wheelhouse() -> Path:
    """Returns the folder of wheels, which the first caller fills: scripts/bootstrap dev.

    Raises:
        subprocess.CalledProcessError: A wheel cannot be downloaded or built.
    """
    wanted = [f"{sys.implementation.cache_tag} {sysconfig.get_platform()}", _pinned_generator()]
    wanted += [lock.read_text(encoding="utf-8") for lock in _LOCKS]
    digest = hashlib.sha256("\0".join(wanted).encode()).hexdigest()
    return made_once(CACHE / f"wheelhouse-{digest[:16]}", _fill)


def pip_environment() -> dict[str, str]:
    """Returns the variables with which pip installs from the wheelhouse and asks no index."""
    # As an address, because pip splits a list of paths at spaces.
    return {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": wheelhouse().as_uri()}


def _fill(folder: Path) -> None:
    for lock in _LOCKS:
        _add_wheels(folder, lock)
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as alone:
        alone.write(_pinned_generator())
        alone.flush()
        _add_wheels(folder, Path(alone.name), "--no-deps")


def _add_wheels(folder: Path, requirements: Path, *options: str) -> None:
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check"]
    options = (*options, "--require-hashes", "--wheel-dir", str(folder))
    subprocess.run([*command, *options, "--requirement", str(requirements)], check=True)


def _pinned_generator() -> str:
    """Returns the requirement of the generator that the project uses, with its hashes."""
    (found,) = re.findall(_GENERATOR, (_REQUIREMENTS / "dev.txt").read_text(encoding="utf-8"))
    return str(found)


if __name__ == "__main__":
    wheelhouse()
