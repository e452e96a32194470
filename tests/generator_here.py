"""The generator in the process of the tests: importing it in another takes longer than its work."""

from __future__ import annotations

import os
import subprocess
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from generator import command


@contextmanager
def generator_here() -> Generator[None]:
    """Run the generator's command line as a function within the block."""
    with patch.object(command, "subprocess", SimpleNamespace(run=_run)):
        yield


def _run(command: list[str], *, env: dict[str, str], **_: Any) -> subprocess.CompletedProcess[str]:
    # Its own warnings are its own, and another version may come with older libraries.
    with patch.dict(os.environ, env), warnings.catch_warnings(action="ignore"):
        from openapi_python_client.cli import app  # noqa: PLC0415  (import time)
        from typer.testing import CliRunner  # noqa: PLC0415  (import time)

        done = CliRunner().invoke(app, command[3:])
    return subprocess.CompletedProcess(command, done.exit_code, done.stdout, done.stderr)
