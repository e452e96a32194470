"""Builds sdist and wheel twice, in folders and circumstances that differ, to the same bytes."""

import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

from api_changes.failures import BuildError
from releasing.git import Checkout

# What must not matter: where, when, in which time zone and in which order.
_CIRCUMSTANCES = (
    ("first", {"TZ": "UTC", "PYTHONHASHSEED": "1", "LC_ALL": "C.UTF-8"}),
    ("second-in-another-folder", {"TZ": "Asia/Kolkata", "PYTHONHASHSEED": "2", "LC_ALL": "C"}),
)


def build(checkout: Checkout, commit: str, folder: Path) -> dict[Path, str]:
    """Builds the commit, and makes sure that a second build gives the same.

    Args:
        checkout: Whose commit it is.
        commit: What to build; files that are not in it have no say.
        folder: An empty folder for both builds.

    Returns:
        The sha256 of each archive, by its path.

    Raises:
        BuildError: A build fails, or both differ.
    """
    results: list[dict[Path, str]] = []
    for name, circumstances in _CIRCUMSTANCES:
        source, output = folder / name / "source", folder / name / "dist"
        source.mkdir(parents=True)
        checkout.export(commit, source)
        environment = {"SOURCE_DATE_EPOCH": str(checkout.seconds()), **circumstances}
        _run_build(source, output, environment)
        results.append(
            {path: sha256(path.read_bytes()).hexdigest() for path in sorted(output.iterdir())}
        )
    first, second = results
    require_same(
        {path.name: digest for path, digest in first.items()},
        {path.name: digest for path, digest in second.items()},
    )
    return first


def require_same(first: dict[str, str], second: dict[str, str]) -> None:
    """Makes sure that two builds gave the same archives.

    Raises:
        BuildError: They differ. The message names the archives.
    """
    different = sorted(
        name for name in first.keys() | second.keys() if first.get(name) != second.get(name)
    )
    if different:
        raise BuildError(f"two builds of one commit differ: {', '.join(different)}")


def _run_build(source: Path, output: Path, environment: dict[str, str]) -> None:
    # Without isolation: hatchling is pinned with everything else.
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(output), "."]
    result = subprocess.run(
        command,
        cwd=source,
        env={**os.environ, **environment},
        check=False,
        capture_output=True,
        text=True,
    )
    if result.returncode:
        raise BuildError(f"the build failed:\n{result.stdout}{result.stderr}".strip())
    checked = subprocess.run(
        [sys.executable, "-m", "twine", "check", "--strict", *map(str, output.iterdir())],
        check=False,
        capture_output=True,
        text=True,
    )
    if checked.returncode:
        raise BuildError(f"an index would refuse the package:\n{checked.stdout}".strip())
