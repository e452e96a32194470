"""The built wheel in environments that have nothing else, against the emulator."""

import os
import subprocess
import sys
import venv
from pathlib import Path

from api_changes.failures import BuildError
from moengage_personalize.emulator import Emulator

SMOKE = Path(__file__).parent / "smoke.py"
SMOKE_EXTRAS = Path(__file__).parent / "smoke_extras.py"


def environment_with(folder: Path, *requirements: str) -> Path:
    """Makes an empty environment with the requirements and what they need, not even pip.

    Returns:
        Its Python.

    Raises:
        BuildError: They cannot be installed.
    """
    venv.create(folder, with_pip=False)
    python = folder / "bin" / "python"
    command = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet"]
    result = subprocess.run(
        # What is imported once or twice need not be compiled beforehand.
        [*command, "--disable-pip-version-check", "--no-compile", *requirements],
        check=False,
        capture_output=True,
        text=True,
    )
    if result.returncode:
        raise BuildError(f"the wheel cannot be installed:\n{result.stderr}".strip())
    return python


def smoke_test(python: Path, version: str) -> str:
    """Runs the main jobs of the installed package, over HTTP against the emulator.

    Returns:
        What it printed: one line.

    Raises:
        BuildError: Something did not work.
    """
    with Emulator() as emulator:
        environment = {
            "PATH": os.environ.get("PATH", ""),
            "MOENGAGE_WORKSPACE_ID": emulator.workspace_id,
            "MOENGAGE_PERSONALIZE_API_KEY": emulator.api_key,
            "MOENGAGE_BASE_URL": emulator.base_url,
        }
        said = _run(python, SMOKE, version, environment=environment)
        if not emulator.events:
            raise BuildError("the installed wheel reported nothing to the emulator")
    return said


def smoke_test_extras(python: Path) -> str:
    """Runs what the extras add: the emulator, its reference page, the command line.

    Returns:
        What it printed: one line.

    Raises:
        BuildError: Something did not work.
    """
    return _run(python, SMOKE_EXTRAS, environment={"PATH": os.environ.get("PATH", "")})


def _run(python: Path, program: Path, *arguments: str, environment: dict[str, str]) -> str:
    # Isolated: neither this folder nor a variable lends it anything.
    result = subprocess.run(
        [str(python), "-I", str(program), *arguments],
        cwd=python.parent,
        env=environment,
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )
    if result.returncode:
        raise BuildError(f"the installed wheel does not work:\n{result.stderr}".strip())
    return result.stdout.strip()
