"""The drill: many changes of the document, judged and regenerated.

Each verdict is known beforehand. The client tests run once, on a document with every compatible
change at once: these change different places, and the witness sees each of them in the package.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from api_changes import python_rules
from api_changes.change import Step, needed_step
from api_changes.comparison import compare
from api_changes.interfaces import Interface
from api_changes.python_face import Face, read_face
from drill.mutations import Mutation, load, regenerate, run_tests, together
from drill.witness import NAMES
from generator.document import ROOT
from generator.generation import TARGET
from generator.package import differences
from generator.validity import require_valid
from the_document import the_document

MUTATIONS = load()
COMPATIBLE = [mutation for mutation in MUTATIONS if mutation.is_compatible]
BREAKING = [mutation for mutation in MUTATIONS if not mutation.is_compatible]
PROVEN = [mutation for mutation in COMPATIBLE if mutation.proof]
UNPROVEN = [mutation for mutation in COMPATIBLE if not mutation.proof]

pytestmark = pytest.mark.workshop


def label(mutation: Mutation) -> str:
    return mutation.name.replace(" ", "-")


@cache
def face_of_today() -> Face:
    return read_face(ROOT)


def test_the_client_tests_pass_on_every_compatible_mutation_at_once(tmp_path: Path) -> None:
    """All of them, on the regenerated package, with `overrides/` as it is."""
    project = regenerate(together(COMPATIBLE).applied(tmp_path / "project"))
    proofs = [str(mutation.proof) for mutation in PROVEN]
    done = run_tests(project, proofs)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert not re.search(r"\d+ skipped", done.stdout)
    passed = re.search(r"(\d+) passed", done.stdout)
    assert passed is not None
    assert int(passed[1]) > 500 + len(proofs)


@pytest.mark.parametrize("mutation", MUTATIONS, ids=label)
def test_a_mutation_is_judged_as_is_known(mutation: Mutation, tmp_path: Path) -> None:
    """The version step, and who notices."""
    document = mutation.applied(tmp_path)
    require_valid(document)
    comparison = compare(
        Interface("released", the_document(), None), Interface(mutation.name, document, None)
    )
    gravest = [change for change in comparison.changes if change.step is comparison.step]
    affected = {str(audience) for change in gravest for audience in change.affects}
    assert comparison.step.word == mutation.version, comparison.changes
    assert affected == set(mutation.affects) - {"nobody"}


@pytest.mark.parametrize("mutation", BREAKING, ids=label)
def test_a_breaking_mutation_regenerates(mutation: Mutation, tmp_path: Path) -> None:
    """In a folder of its own."""
    project = regenerate(mutation.applied(tmp_path / "project"))
    assert differences(TARGET, project / "generated" / TARGET.name)


@pytest.mark.parametrize("mutation", PROVEN, ids=label)
def test_a_compatible_mutation_breaks_no_caller(mutation: Mutation, tmp_path: Path) -> None:
    """Of the Python face that it regenerates."""
    project = regenerate(mutation.applied(tmp_path / "project"))
    changes = python_rules.changes(face_of_today(), read_face(project))
    assert needed_step(changes) <= Step.MINOR, changes


@pytest.mark.parametrize("mutation", UNPROVEN, ids=label)
def test_a_mutation_without_a_proof_changes_no_code(mutation: Mutation, tmp_path: Path) -> None:
    """But the manifest, which knows the document."""
    project = regenerate(mutation.applied(tmp_path / "project"))
    assert differences(TARGET, project / "generated" / TARGET.name) == ["changed manifest.json"]


@pytest.mark.parametrize("mutation", PROVEN, ids=label)
def test_what_proves_a_mutation_is_not_true_of_todays_package(mutation: Mutation) -> None:
    """Else it would prove nothing."""
    assert not eval(str(mutation.proof), NAMES)


def test_the_drill_is_large() -> None:
    """At least 20, of every kind."""
    assert len(MUTATIONS) >= 20
    assert {mutation.version for mutation in MUTATIONS} == {"major", "minor", "patch", "none"}
    assert len(PROVEN) >= 10
