"""The spool with old SQLites, built from source: those of RHEL 8 and of Debian 11 and RHEL 9."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from generator.document import ROOT
from provisioning.once import CACHE, made_once

pytestmark = pytest.mark.workshop

# SQLite's own site has no archive of what Linux distributions ship; these packages have its source.
SOURCES = {
    "3.26.0": ("better-sqlite3@5.2.1", "package/deps/sqlite3.tar.gz"),
    "3.34.0": ("sqlite3@5.0.2", "package/deps/sqlite-autoconf-3340000.tar.gz"),
}
# What Python's module asks for, and Debian and Red Hat build in.
OPTIONS = ["ENABLE_JSON1", "ENABLE_DESERIALIZE", "ENABLE_COLUMN_METADATA", "THREADSAFE=1"]


@pytest.fixture(params=SOURCES)
def library(request: pytest.FixtureRequest) -> Path:
    """The folder of a `libsqlite3.so.0`."""
    version = request.param
    digest = hashlib.sha256(repr((SOURCES[version], OPTIONS)).encode()).hexdigest()
    return made_once(
        CACHE / f"sqlite-{version}-{digest[:8]}", lambda folder: build(version, folder)
    )


def build(version: str, folder: Path) -> None:
    package, archive = SOURCES[version]
    packed = ["npm", "pack", "--silent", "--pack-destination", str(folder), package]
    (name,) = subprocess.run(packed, check=True, capture_output=True, text=True).stdout.split()
    with tarfile.open(folder / name) as package_file:
        package_file.extract(archive, folder, filter="data")
    with tarfile.open(folder / archive) as sources:
        sources.extractall(folder, filter="data")
    (source,) = folder.rglob("sqlite3.c")
    command = ["gcc", "-O1", "-shared", "-fPIC", *(f"-DSQLITE_{option}" for option in OPTIONS)]
    linked = ["-o", str(folder / "libsqlite3.so.0"), str(source), "-lpthread", "-ldl", "-lm"]
    subprocess.run([*command, *linked], check=True)


def test_every_test_of_the_file_passes(library: Path) -> None:
    """In a run of their own, with that library."""
    environment = {**os.environ, "LD_LIBRARY_PATH": str(library)}
    version = library.name.split("-")[1]
    check = f"import sqlite3; assert sqlite3.sqlite_version == {version!r}"
    subprocess.run([sys.executable, "-c", check], env=environment, check=True)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", "not workshop"]
    files = ["test_sqlite_spool.py", "test_spool_contract.py", "test_damaged_files.py"]
    done = subprocess.run(
        [
            *command,
            "-k",
            "not redis and not memory",
            *(f"tests/reporter/spool/{one}" for one in files),
        ],
        cwd=ROOT,
        env=environment,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-4000:]
