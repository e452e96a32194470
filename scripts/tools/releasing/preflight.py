"""What must hold before anything is built."""

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from api_changes.changelog import sections
from api_changes.failures import BuildError, ChangelogError, UploadError, VersionError
from api_changes.interfaces import RELEASED, released
from api_changes.release_check import unsaid
from api_changes.versions import Version
from generator import async_client
from generator.document import ROOT, Document
from generator.generation import DOCUMENT, TARGET, check
from releasing.git import Checkout

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be released.

    Attributes:
        version: The document's `info.version`.
        tag: What the release's commit will be called.
        notes: What the CHANGELOG says about it.
        index: Where it will be uploaded to, as the environment names it; empty: nowhere.
    """

    version: str
    tag: str
    notes: str
    index: str


def plan(checkout: Checkout, *, is_rehearsal: bool) -> Plan:
    """Checks tree, version, CHANGELOG, generated code and index, in this order.

    Args:
        checkout: What is to be released.
        is_rehearsal: Whether nothing will be uploaded, so that no index is needed.

    Raises:
        ChangesError: As its subclass says.
        GenerateError: The document is at fault.
    """
    checkout.require_clean()
    version = Document(checkout.root / DOCUMENT.relative_to(ROOT)).version
    tag = f"v{version}"
    last = released(checkout.root / RELEASED.relative_to(ROOT))
    if last is not None and Version.of(version) <= Version.of(last.document.version):
        raise VersionError(
            f"info.version is {version}, but {last.document.version} is released already"
        )
    if checkout.has_tag(tag):
        raise VersionError(f"{version} is released already: there is a tag {tag}")
    notes = _notes(checkout.root, version)
    if rows := unsaid(checkout.root):
        raise ChangelogError("\n".join(rows))
    target = checkout.root / TARGET.relative_to(ROOT)
    if check(checkout.root / DOCUMENT.relative_to(ROOT), target):
        raise BuildError("generated/ is not what the document gives: run scripts/generate")
    if async_client.write(checkout.root, only_check=True):
        raise BuildError("async_client.py is not what sync_client.py gives: run scripts/generate")
    return Plan(version, tag, notes, _index(is_rehearsal=is_rehearsal))


def _index(*, is_rehearsal: bool) -> str:
    address = os.environ.get("TWINE_REPOSITORY_URL", "")
    index = address or os.environ.get("TWINE_REPOSITORY", "")
    if not index and not is_rehearsal:
        raise UploadError("no index is named: set TWINE_REPOSITORY_URL, or TWINE_REPOSITORY")
    parts = urlsplit(address)
    if parts.username or parts.password:
        raise UploadError(
            "TWINE_REPOSITORY_URL must hold no credentials, which logs would show: "
            "set TWINE_USERNAME and TWINE_PASSWORD"
        )
    if address and parts.scheme != "https" and parts.hostname not in _LOOPBACK:
        raise UploadError(
            "TWINE_REPOSITORY_URL must begin with https://: a password travels with each file"
        )
    return index


def _notes(root: Path, version: str) -> str:
    told = sections((root / "CHANGELOG.md").read_text(encoding="utf-8"))
    if not told or told[0].version != version:
        raise ChangelogError(f"CHANGELOG must begin with a section for {version}")
    section = told[0]
    if not section.is_dated:
        raise ChangelogError(
            f"CHANGELOG {version} is marked ({section.state}): write the day of the release, "
            f"## {version} (YYYY-MM-DD)"
        )
    if not section.headings:
        raise ChangelogError(f"CHANGELOG {version} has no entries")
    return section.text
