"""One run of the generator's own command, in a process of its own."""

import json
import os
import subprocess
import sys
import sysconfig
from pathlib import Path

from generator.diagnostics import explain
from generator.document import Document
from generator.failures import RefusedError

# Isolated, so that no ruff configuration near the temporary folder has a say in the bytes. The
# rules are those of the pyproject.toml that the generator writes when asked for a whole project.
_RUFF = "--isolated --no-cache --quiet --target-version py311 --line-length 100 ."
POST_HOOKS = [f"ruff check --fix-only --select F,I,UP {_RUFF}", f"ruff format {_RUFF}"]


def run_generator(document: Document, package: Path, *, templates: Path | None = None) -> None:
    """Writes the package of the document into a folder that does not exist yet.

    Args:
        document: A valid OpenAPI document.
        package: The folder, named as the package is imported.
        templates: A folder of templates that replace the generator's own ones; None: stock output.

    Raises:
        RefusedError: The generator warned or failed.
    """
    config = package.with_suffix(".json")
    config.write_text(json.dumps({"post_hooks": POST_HOOKS}), encoding="utf-8")
    command = [
        *(sys.executable, "-m", "openapi_python_client", "generate"),
        *("--path", str(document.path.absolute()), "--output-path", str(package)),
        *("--meta", "none", "--config", str(config), "--fail-on-warning"),
    ]
    if templates is not None:
        command += ["--custom-template-path", str(templates)]
    # The pinned ruff, and no colour codes in the messages that are taken apart below.
    path = os.pathsep.join([sysconfig.get_path("scripts"), os.environ.get("PATH", "")])
    result = subprocess.run(
        command,
        env={**os.environ, "PATH": path, "PYTHONUTF8": "1", "NO_COLOR": "1"},
        check=False,
        capture_output=True,
        encoding="utf-8",
    )
    if result.returncode:
        raise RefusedError("\n".join(explain(document, result.stderr)))
