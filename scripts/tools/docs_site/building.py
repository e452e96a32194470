"""Builds the site with Sphinx, in a process of its own, and puts it in place when it is whole."""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from generator.document import ROOT

from . import api_page

__all__ = ["DOCUMENT_VARIABLE", "PAGES", "build", "is_up_to_date"]

DOCUMENT_VARIABLE = "MOENGAGE_DOCS_DOCUMENT"
"""Names the document to docs/conf.py."""

PAGES = ROOT / "docs"
_SOURCES = ("docs", "generated", "overrides", "scripts/tools/docs_site", "requirements/dev.txt")
_TEXTS = ("CHANGELOG.md", "pyproject.toml")
_STAMP = ".built-from"


def is_up_to_date(target: Path, document: Path) -> bool:
    """Whether the site was built from what the checkout holds now."""
    stamp = target / _STAMP
    return (
        document.exists()
        and stamp.exists()
        and stamp.read_text(encoding="utf-8") == _fingerprint(document)
    )


def build(target: Path, document: Path, page: str) -> int:
    """Build the site; returns the exit code.

    Args:
        target: The folder of the site, which is replaced.
        document: The OpenAPI document.
        page: The reference page of the document.

    Raises:
        OSError: The folder cannot be written.
    """
    made_from = _fingerprint(document)
    unfinished = target.with_name(f"{target.name}.next")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    doctrees = unfinished / ".doctrees"
    # Every page again (-E): a warning of a page that Sphinx has kept is not repeated.
    command = [sys.executable, "-m", "sphinx", "-b", "html", "-W", "-E", "-q"]
    done = subprocess.run(
        [*command, "-d", doctrees, PAGES, unfinished],
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT / "scripts" / "tools"),
            DOCUMENT_VARIABLE: str(document),
        },
        check=False,
    )
    if done.returncode:
        print(f"the pages are at fault, so {target} stays as it was", file=sys.stderr)
        return 1
    shutil.rmtree(doctrees)
    (unfinished / ".buildinfo").unlink(missing_ok=True)
    api_page.write(page, unfinished / api_page.NAME)
    (unfinished / _STAMP).write_text(made_from, encoding="utf-8")
    shutil.rmtree(target, ignore_errors=True)
    unfinished.rename(target)
    pages = len(list(target.rglob("*.html")))
    print(f"{target} is written: {pages} pages; open {target / 'index.html'}")
    return 0


def _fingerprint(document: Path) -> str:
    """What the site is made from, as one text."""
    digest = hashlib.sha256()
    for path in [document, *_files()]:
        digest.update(f"{path}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _files() -> Iterator[Path]:
    for name in _TEXTS:
        yield ROOT / name
    for name in _SOURCES:
        place = ROOT / name
        found = sorted(place.rglob("*")) if place.is_dir() else [place]
        yield from (file for file in found if file.is_file() and "__pycache__" not in file.parts)
