"""The way from the document to the package, as a library: `generate` and `check`."""

import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from generator.command import run_generator
from generator.document import ROOT, Document
from generator.package import differences, finish
from generator.swap import recover, require_replaceable, swap
from generator.templates import patches, write_templates
from generator.tools import require_pinned_versions
from generator.validity import require_valid

DOCUMENT = ROOT / "openapi" / "moengage-personalize.yaml"
TARGET = ROOT / "generated" / "moengage_personalize_api"


def generate(document: Path = DOCUMENT, target: Path = TARGET) -> list[str]:
    """Writes the package of the document to the target, all of it or nothing.

    Returns:
        What changed, a row a file; empty: the target was up to date and is untouched.

    Raises:
        GenerateError: As its subclass says; the target is untouched.
    """
    require_replaceable(target)
    recover(target)
    with _generated(document, target.name) as package:
        changes = differences(target, package)
        if changes:
            swap(package, target)
        return changes


def check(document: Path = DOCUMENT, target: Path = TARGET) -> list[str]:
    """What `generate` would change, a row a file, without changing it.

    Raises:
        GenerateError: As its subclass says.
    """
    with _generated(document, target.name) as package:
        return differences(target, package)


@contextmanager
def _generated(path: Path, name: str) -> Generator[Path]:
    tools = require_pinned_versions()
    document = Document(path)
    require_valid(document)
    with tempfile.TemporaryDirectory(prefix="generate-") as folder:
        templates, package = Path(folder, "templates"), Path(folder, name)
        templates.mkdir()
        write_templates(document, templates)
        run_generator(document, package, templates=templates)
        shutil.rmtree(templates)
        finish(package, document, patches=patches(), tools=tools)
        yield package
