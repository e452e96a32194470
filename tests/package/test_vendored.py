"""The two packages, copied or zipped: no metadata says what they are."""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

import moengage_personalize
import moengage_personalize_api
from moengage_personalize.version import package_version

SCRIPT = """
import sys
sys.path += sys.argv[1:]
import moengage_personalize
assert moengage_personalize.__file__.startswith(sys.argv[1])
from moengage_personalize import PersonalizeClient
with PersonalizeClient("W", "K", data_center=3) as client:
    print(client._transport.settings.headers["User-Agent"])
"""


@pytest.fixture(scope="module")
def dependencies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is installed, but for this package and its metadata."""
    folder = tmp_path_factory.mktemp("dependencies")
    for entry in Path(sysconfig.get_path("purelib")).iterdir():
        if "moengage" not in entry.name:
            (folder / entry.name).symlink_to(entry)
    return folder


@pytest.mark.parametrize("is_zipped", [False, True], ids=["folder", "zip"])
def test_a_copy_without_metadata_makes_a_client(
    dependencies: Path, tmp_path: Path, *, is_zipped: bool
) -> None:
    """Its User-Agent has the version of the document."""
    copy = tmp_path / "copy"
    for package in (moengage_personalize, moengage_personalize_api):
        source = Path(str(package.__file__)).parent
        shutil.copytree(source, copy / source.name, ignore=shutil.ignore_patterns("__pycache__"))
    path = Path(shutil.make_archive(str(copy), "zip", copy)) if is_zipped else copy
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", SCRIPT, str(path), str(dependencies)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    assert done.stdout == f"moengage-personalize/{package_version()} (Python)\n"
