"""The mutations of mutations.yaml, and a copy of the project regenerated from one of them."""

from __future__ import annotations

import copy
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from generator.document import ROOT, Document
from generator.generation import DOCUMENT, TARGET, generate
from generator_here import generator_here
from the_document import the_document

FOLDER = Path(__file__).parent
IGNORED = shutil.ignore_patterns("__pycache__")


@dataclass(frozen=True)
class Mutation:
    """A change of the document and what is known of it beforehand.

    Attributes:
        name: What happens.
        version: The version step that it needs.
        affects: Who notices it.
        proof: True of the regenerated package only; None where its code stays as it is.
        set: Values to put, by JSON pointer.
        remove: JSON pointers to take away.
        reverse: JSON pointers of objects whose keys are turned round.
    """

    name: str
    version: str
    affects: list[str]
    proof: str | None = None
    set: Mapping[str, Any] = field(default_factory=dict)
    remove: list[str] = field(default_factory=list)
    reverse: list[str] = field(default_factory=list)

    @property
    def is_compatible(self) -> bool:
        return self.version != "major"

    def applied(self, folder: Path) -> Document:
        """The document with this change, written to the folder."""
        data = copy.deepcopy(the_document().data)
        for pointer, value in self.set.items():
            parent, key = _place(data, pointer)
            if isinstance(parent, list):
                position = len(parent) if key == "-" else int(key)
                parent[position : position + 1] = [value]
            else:
                parent[key] = value
        for pointer in self.remove:
            parent, key = _place(data, pointer)
            del parent[int(key) if isinstance(parent, list) else key]
        for pointer in self.reverse:
            parent, key = _place(data, pointer)
            parent[key] = dict(reversed(parent[key].items()))
        path = folder / "openapi" / DOCUMENT.name
        path.parent.mkdir(parents=True)
        yaml = YAML(typ="safe", pure=True)
        yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
        with path.open("w", encoding="utf-8") as file:
            yaml.dump(data, file)
        return Document(path)


def load() -> list[Mutation]:
    """All mutations, as the file lists them."""
    rows = YAML(typ="safe", pure=True).load((FOLDER / "mutations.yaml").read_text())
    return [Mutation(**row) for row in rows]


def together(mutations: list[Mutation]) -> Mutation:
    """Minor ones, all at once."""
    places = [pointer for one in mutations for pointer in (*one.set, *one.remove, *one.reverse)]
    assert len(places) == len(set(places)), "two change the same place"
    return Mutation(
        "all at once",
        "minor",
        ["callers", "other languages"],
        set={pointer: value for one in mutations for pointer, value in one.set.items()},
        remove=[pointer for one in mutations for pointer in one.remove],
        reverse=[pointer for one in mutations for pointer in one.reverse],
    )


def regenerate(document: Document) -> Path:
    """Makes the document's folder a project: its generated code, and copies of all else.

    Returns:
        The project's top.
    """
    project = document.path.parents[1]
    with generator_here():
        generate(document.path, project / "generated" / TARGET.name)
    # Links stay links, so that the copy's package ships the copy's document.
    shutil.copytree(ROOT / "overrides", project / "overrides", symlinks=True, ignore=IGNORED)
    shutil.copytree(ROOT / "tests" / "client", project / "tests" / "client", ignore=IGNORED)
    for name in ("tests/conftest.py", "tests/support.py", "pyproject.toml"):
        shutil.copyfile(ROOT / name, project / name)
    shutil.copyfile(FOLDER / "witness.py", project / "tests" / "test_witness.py")
    (project / "scripts").mkdir()
    return project


def run_tests(project: Path, proofs: list[str]) -> subprocess.CompletedProcess[str]:
    """Runs the tests of a project, and the witness with these proofs, on that project's packages.

    What fails runs a second time, alone: some of these tests measure time, and a noisy machine is
    no fault of the mutation. What the mutation breaks fails again.
    """
    own = ("COV", "PYTEST_")  # this run's
    environment = {name: text for name, text in os.environ.items() if not name.startswith(own)}
    packages = [str(project / "generated"), str(project / "overrides")]
    environment |= {"PYTHONPATH": os.pathsep.join(packages), "DRILL_PROOFS": json.dumps(proofs)}
    unused = ("-p", "no:hypothesispytest")  # slow to import
    side_by_side = ("-n", "4")  # they mostly wait for slow servers

    def run(*options: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-ra", *unused, *side_by_side, *options],
            cwd=project,
            env=environment,
            check=False,
            capture_output=True,
            text=True,
            timeout=480,
        )

    first = run()
    some_failed = 1
    if first.returncode == some_failed:
        second = run("-n", "0", "--last-failed")
        second.stdout = f"{first.stdout}\nonce more:\n{second.stdout}"
        return second
    return first


def _place(data: Any, pointer: str) -> tuple[Any, str]:
    """The parent of a JSON pointer's place, and the place's key in it."""
    *steps, key = [
        step.replace("~1", "/").replace("~0", "~") for step in pointer.removeprefix("/").split("/")
    ]
    for step in steps:
        data = data[int(step) if isinstance(data, list) else step]
    return data, key
