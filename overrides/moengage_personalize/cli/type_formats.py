"""`types --format`: writes the types of experiences for other languages."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import typer

from .errors import Failure
from .exit_codes import ExitCode

if TYPE_CHECKING:
    from moengage_personalize.content_types import Workspace

__all__ = ["Format", "write_format"]

_TYPESCRIPT: Final = "openapi-typescript"
_SECONDS: Final = 120


class Format(StrEnum):
    """The formats that `types` can write."""

    PYTHON = "python"
    JSON_SCHEMA = "jsonschema"
    OPENAPI = "openapi"
    TYPESCRIPT = "typescript"


def write_format(wanted: Format, file: Path | None, workspace: Workspace) -> None:
    """Write the content's types in another format than Python.

    Args:
        wanted: The format.
        file: The file to write; None for stdout. OpenAPI writes the overlay to a second file.
        workspace: The listing and samples of the workspace.

    Raises:
        Failure: There is no sample, the file cannot be written, or a program is missing.
    """
    from moengage_personalize.content_types import (  # noqa: PLC0415  (an extra)
        merged_document,
        overlay,
        project_document,
        schemas,
        workspace_schema,
    )

    found = schemas(workspace.samples)
    if not found:
        raise Failure(ExitCode.NOT_FOUND, "no experience to write a schema for")
    if wanted is Format.JSON_SCHEMA:
        _write(file, _json(workspace_schema(found)))
        return
    document = project_document()
    added = overlay(found, document)
    merged = _json(merged_document(document, added))
    if wanted is Format.TYPESCRIPT:
        _write(file, _typescript(merged))
        return
    _write(file, merged)
    if file is not None:
        _write(file.with_suffix(".overlay.json"), _json(added))


def _typescript(document: str) -> str:
    """Convert a document with openapi-typescript."""
    local = Path("node_modules", ".bin", _TYPESCRIPT)
    program = str(local) if local.exists() else shutil.which(_TYPESCRIPT)
    if program is None:
        raise Failure(
            ExitCode.EXTRA_MISSING,
            f"--format typescript needs {_TYPESCRIPT}: npm install --save-dev {_TYPESCRIPT}",
        )
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "api.json")
        source.write_text(document, encoding="utf-8")
        try:
            done = subprocess.run(  # noqa: S603  (a program that the user installed)
                [program, str(source)],
                check=False,
                capture_output=True,
                encoding="utf-8",
                timeout=_SECONDS,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise Failure(ExitCode.REFUSED, f"{_TYPESCRIPT} failed: {error}") from None
    if done.returncode:
        raise Failure(ExitCode.REFUSED, f"{_TYPESCRIPT} failed: {done.stderr.strip()}")
    return done.stdout


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def _write(file: Path | None, text: str) -> None:
    if file is None:
        typer.echo(text, nl=False)
        return
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Failure(ExitCode.REFUSED, f"--output: {file}: {error.strerror}") from None
