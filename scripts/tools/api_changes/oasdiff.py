"""oasdiff, a Go program: built once from pinned sources, then run on two documents."""

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from api_changes.failures import DocumentError, ToolsError
from provisioning.once import CACHE, made_once

# go.mod pins the version, go.sum the hashes of it and of all that it needs.
MODULE = Path(__file__).parent / "oasdiff"
_PACKAGE = "github.com/oasdiff/oasdiff"
_PROGRAM = "oasdiff"


@dataclass(frozen=True, slots=True)
class Finding:
    """A difference that oasdiff names.

    Attributes:
        id: Its check, such as `request-property-removed`.
        text: What it is, in words.
        level: 1 informs, 2 warns, 3 breaks, as oasdiff sees it.
        operation: The `operationId`, or what else it is about.
    """

    id: str
    text: str
    level: int
    operation: str = ""


def findings(base: bytes, revision: bytes) -> list[Finding]:
    """What oasdiff's change log says about two documents.

    Raises:
        ToolsError: There is no Go toolchain, or it cannot build the program.
        DocumentError: oasdiff does not understand a document.
    """
    program = built()
    with tempfile.TemporaryDirectory(prefix="api-diff-") as folder:
        # In a folder of its own, where no configuration of oasdiff has a say.
        Path(folder, "base.yaml").write_bytes(base)
        Path(folder, "revision.yaml").write_bytes(revision)
        command = [str(program), "changelog", "--format", "json", "base.yaml", "revision.yaml"]
        result = subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)
    if result.returncode:
        raise DocumentError(f"oasdiff does not read the documents: {result.stderr.strip()}")
    return [_finding(row) for row in json.loads(result.stdout or "[]")]


def built() -> Path:
    """The program, built by the first caller; later ones find it in `.cache`.

    Raises:
        ToolsError: There is no Go toolchain, or it cannot build the program.
    """
    pins = b"".join((MODULE / name).read_bytes() for name in ("go.mod", "go.sum"))
    place = CACHE / f"oasdiff-{hashlib.sha256(pins).hexdigest()[:16]}"
    return made_once(place, _build) / _PROGRAM


def _build(folder: Path) -> None:
    go = shutil.which("go")
    if go is None:
        raise ToolsError(
            "Go is wanted, to build oasdiff (once); none found in PATH. Install Go "
            f"{_wanted_go()} or later: apt-get install golang-go, or your system's package of it"
        )
    output = str(folder / _PROGRAM)
    result = subprocess.run(
        [go, "build", "-mod=readonly", "-trimpath", "-o", output, _PACKAGE],
        cwd=MODULE,
        env={**os.environ, "GOWORK": "off", "CGO_ENABLED": "0"},
        check=False,
        capture_output=True,
        text=True,
    )
    if result.returncode:
        raise ToolsError(f"go build of oasdiff failed: {result.stderr.strip()}")


def _wanted_go() -> str:
    rows = (MODULE / "go.mod").read_text(encoding="utf-8").splitlines()
    return next(row.split()[1] for row in rows if row.startswith("go "))


def _finding(row: dict[str, Any]) -> Finding:
    operation = row.get("operationId") or row.get("path") or row.get("section", "")
    return Finding(row["id"], row["text"], row["level"], operation)
