"""Hands the archives to the index that the environment names; twine does it."""

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from api_changes.failures import UploadError


def upload(archives: Iterable[Path]) -> None:
    """Uploads the archives; `TWINE_…` variables say where to and as whom.

    Raises:
        UploadError: The index did not take them. The message has twine's words, which never
            include a password.
    """
    command = [
        sys.executable,
        "-m",
        "twine",
        "upload",
        "--non-interactive",
        "--disable-progress-bar",
    ]
    result = subprocess.run(
        [*command, *map(str, archives)], check=False, capture_output=True, text=True
    )
    if result.returncode:
        words = f"{result.stdout}{result.stderr}".strip()
        raise UploadError(f"the index did not take the package, and the tag is removed:\n{words}")
