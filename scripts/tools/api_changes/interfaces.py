"""What is compared: a document and a Python face, of a checkout, a release or a commit."""

import json
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from api_changes.failures import BaseError, ToolsError
from api_changes.python_face import Face, read_face, to_json
from generator.document import ROOT, Document
from generator.generation import DOCUMENT

# The last release, in the repository, so that a clone without history or tags has it too.
RELEASED = ROOT / "openapi" / "released"
FACE = "python-face.json"
_SOURCES = ("generated", "openapi", "overrides")


@dataclass(frozen=True, slots=True)
class Interface:
    """What users of one state of the project build on.

    Attributes:
        label: Which state, in words.
        document: The OpenAPI document.
        face: The public Python face; None where only a document was given.
    """

    label: str
    document: Document
    face: Face | None


def current(root: Path = ROOT) -> Interface:
    """The interface of a checkout.

    Raises:
        DocumentError: The document is no YAML mapping.
        BaseError: The checkout lacks the packages.
    """
    return Interface("this checkout", Document(root / DOCUMENT.relative_to(ROOT)), read_face(root))


def released(folder: Path = RELEASED) -> Interface | None:
    """The interface of the last release; None before the first one."""
    if not folder.is_dir():
        return None
    document = Document(folder / DOCUMENT.name)
    face = json.loads((folder / FACE).read_text(encoding="utf-8"))
    return Interface(f"the last release, {document.version}", document, face)


def record(interface: Interface, folder: Path = RELEASED) -> None:
    """Makes the interface the last release: what later changes are compared with."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / DOCUMENT.name).write_bytes(interface.document.content)
    (folder / FACE).write_text(to_json(interface.face or {}), encoding="utf-8")


def of_base(base: str, root: Path = ROOT) -> Interface:
    """The interface that a person names.

    Args:
        base: A document's file, the folder of a checkout, or a commit, branch or tag of git.
        root: The checkout whose history is meant.

    Raises:
        BaseError: There is none.
        DocumentError: Its document is no YAML mapping.
        ToolsError: git is missing.
    """
    path = Path(base)
    if path.is_file():
        return Interface(base, Document(path), None)
    if (path / DOCUMENT.relative_to(ROOT)).is_file():
        found = current(path)
        return Interface(base, found.document, found.face)
    return _of_commit(base, root)


def _of_commit(base: str, root: Path) -> Interface:
    command = ["git", "archive", "--format=tar", "--end-of-options", base, *_SOURCES]
    try:
        result = subprocess.run(command, cwd=root, check=False, capture_output=True)
    except FileNotFoundError as error:
        raise ToolsError("git is wanted, to read the base; none found") from error
    if result.returncode:
        reason = result.stderr.decode(errors="replace").strip()
        raise BaseError(
            f"there is no base {base}: neither a file, a folder with a document, nor a commit, "
            f"branch or tag of this clone (git says: {reason})"
        )
    with tempfile.TemporaryDirectory(prefix="api-diff-") as folder:
        with tarfile.open(fileobj=BytesIO(result.stdout)) as archive:
            archive.extractall(folder, filter="data")
        found = current(Path(folder))
    return Interface(base, found.document, found.face)
