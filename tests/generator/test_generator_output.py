"""What scripts/generate writes, and that it writes the same every time."""

import hashlib
import inspect
import json
import tempfile
from importlib import metadata
from pathlib import Path

import pytest

from generator.generation import DOCUMENT, TARGET, check, generate
from generator.package import differences
from generator.templates import patches
from moengage_personalize_api import AuthenticatedClient
from moengage_personalize_api.api.events import report_experience_events
from moengage_personalize_api.api.experiences import fetch_experiences, list_experience_metadata
from the_document import the_document

OPERATIONS = [fetch_experiences, list_experience_metadata, report_experience_events]


@pytest.mark.workshop
def test_the_checked_in_package_is_that_of_the_document() -> None:
    """Nobody edited it, and nobody forgot to generate."""
    assert check() == []


@pytest.mark.workshop
def test_two_runs_give_the_same_bytes(tmp_path: Path) -> None:
    """Neither the folder nor the moment shows in the files."""
    first, second = tmp_path / "one" / "package", tmp_path / "two" / "package"
    assert generate(DOCUMENT, first)
    assert generate(DOCUMENT, second)
    assert len(list(first.rglob("*.py"))) > 20
    assert differences(first, second) == []


@pytest.mark.workshop
def test_a_run_without_changes_leaves_the_folder_alone(target: Path) -> None:
    """Not even the time of a file changes."""
    before = (target / "client.py").stat()
    assert generate(DOCUMENT, target) == []
    after = (target / "client.py").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


@pytest.mark.workshop
def test_a_nearby_ruff_configuration_has_no_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bytes are the same on a machine that formats differently."""
    (tmp_path / "ruff.toml").write_text("line-length = 40\n[format]\nquote-style = 'single'\n")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert check() == []


def test_every_module_says_that_it_is_generated() -> None:
    """The first line names the document, its version and the script."""
    version = the_document().version
    banner = f"# Generated from {DOCUMENT.name} {version} by scripts/generate; do not edit."
    for module in TARGET.rglob("*.py"):
        assert module.read_text(encoding="utf-8").splitlines()[0] == banner, module


def test_the_package_is_marked_as_typed() -> None:
    """A type checker reads its annotations."""
    assert (TARGET / "py.typed").is_file()


def test_the_manifest_says_what_made_the_package() -> None:
    """Document, template patches and tools, exactly."""
    manifest = json.loads((TARGET / "manifest.json").read_text(encoding="utf-8"))
    tools = ("openapi-python-client", "ruff")
    assert manifest == {
        "document": {
            "name": DOCUMENT.name,
            "version": the_document().version,
            "sha256": hashlib.sha256(DOCUMENT.read_bytes()).hexdigest(),
        },
        "template_patches": {
            patch.name: hashlib.sha256(patch.read_bytes()).hexdigest() for patch in patches()
        },
        "tools": {name: metadata.version(name) for name in tools},
    }


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda module: module.__name__)
def test_an_operation_takes_no_client_without_credentials(operation: object) -> None:
    """A type checker refuses the unauthenticated client."""
    for name in ("sync", "sync_detailed", "asyncio", "asyncio_detailed"):
        parameters = inspect.signature(getattr(operation, name)).parameters
        assert parameters["client"].annotation is AuthenticatedClient
