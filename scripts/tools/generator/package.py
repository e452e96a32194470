"""What this project adds to the generator's output: banner, type marker and manifest."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from generator.document import Document

MANIFEST = "manifest.json"


def finish(
    package: Path, document: Document, *, patches: Iterable[Path], tools: Mapping[str, str]
) -> None:
    """Marks every module as generated and the package as typed, and records what made it."""
    source = f"{document.path.name} {document.version}"
    banner = f"# Generated from {source} by scripts/generate; do not edit.\n"
    for module in sorted(package.rglob("*.py")):
        module.write_text(banner + module.read_text(encoding="utf-8"), encoding="utf-8")
    (package / "py.typed").touch()
    manifest = {
        "document": {
            "name": document.path.name,
            "version": document.version,
            "sha256": _sha256(document.content),
        },
        "template_patches": {patch.name: _sha256(patch.read_bytes()) for patch in patches},
        "tools": dict(tools),
    }
    text = json.dumps(manifest, indent=2) + "\n"
    (package / MANIFEST).write_text(text, encoding="utf-8")


def differences(old: Path, new: Path) -> list[str]:
    """What would change: `missing`, `extra` or `changed` and the file, in the files' order."""
    before, after = _files(old), _files(new)
    rows: list[str] = []
    for name in sorted(before.keys() | after.keys()):
        if name not in before:
            rows.append(f"missing {name}")
        elif name not in after:
            rows.append(f"extra {name}")
        elif before[name] != after[name]:
            rows.append(f"changed {name}")
    return rows


def _files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
