"""The drill: many changes of the document, judged, regenerated, and run through the client tests.

Each verdict is known beforehand. The client tests mostly wait for slow servers, so that those of
several mutations run side by side without disturbing each other.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from api_changes import python_rules
from api_changes.change import Step, needed_step
from api_changes.comparison import Comparison, compare
from api_changes.interfaces import Interface
from api_changes.python_face import read_face
from drill.mutations import Mutation, load, regenerate, run_client_tests
from drill.witness import NAMES
from generator.document import ROOT, Document
from generator.generation import DOCUMENT
from generator.validity import require_valid

MUTATIONS = load()
COMPATIBLE = [mutation for mutation in MUTATIONS if mutation.is_compatible]
PROVEN = [mutation for mutation in COMPATIBLE if mutation.proof]
TODAY = read_face(ROOT)
SIDE_BY_SIDE = 9


def label(mutation: Mutation) -> str:
    return mutation.name.replace(" ", "-")


class Drill:
    """Everything that is done with the mutations, begun at once and waited for by each test."""

    def __init__(self, folder: Path, threads: ThreadPoolExecutor) -> None:
        released = Interface("released", Document(DOCUMENT), None)
        self.comparisons: dict[str, Comparison] = {}
        self.projects: dict[str, Future[Path]] = {}
        self.suites: dict[str, Future[subprocess.CompletedProcess[str]]] = {}
        for mutation in MUTATIONS:
            document = mutation.applied(folder / label(mutation))
            require_valid(document)
            revision = Interface(mutation.name, document, None)
            self.comparisons[mutation.name] = compare(released, revision)
            self.projects[mutation.name] = threads.submit(regenerate, document)
        for mutation in COMPATIBLE:
            self.suites[mutation.name] = threads.submit(self._run, mutation)

    def _run(self, mutation: Mutation) -> subprocess.CompletedProcess[str]:
        return run_client_tests(self.projects[mutation.name].result(), mutation.proof)


@pytest.fixture(scope="module")
def drill(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Drill]:
    """The drill, under way."""
    with ThreadPoolExecutor(SIDE_BY_SIDE) as threads:
        yield Drill(tmp_path_factory.mktemp("drill"), threads)
        threads.shutdown(cancel_futures=True)


@pytest.mark.parametrize("mutation", MUTATIONS, ids=label)
def test_a_mutation_is_judged_as_is_known(drill: Drill, mutation: Mutation) -> None:
    """The version step, and who notices."""
    comparison = drill.comparisons[mutation.name]
    gravest = [change for change in comparison.changes if change.step is comparison.step]
    affected = {str(audience) for change in gravest for audience in change.affects}
    assert comparison.step.word == mutation.version, comparison.changes
    assert affected == set(mutation.affects) - {"nobody"}


@pytest.mark.parametrize("mutation", MUTATIONS, ids=label)
def test_a_mutation_regenerates(drill: Drill, mutation: Mutation) -> None:
    """In a folder of its own; and the Python face breaks only where the document does."""
    face = read_face(drill.projects[mutation.name].result())
    changes = python_rules.changes(TODAY, face)
    if mutation.is_compatible:
        assert needed_step(changes) <= Step.MINOR, changes


@pytest.mark.parametrize("mutation", COMPATIBLE, ids=label)
def test_the_client_tests_pass_on_a_compatible_mutation(drill: Drill, mutation: Mutation) -> None:
    """All of them, on the regenerated package, with `overrides/` as it is."""
    done = drill.suites[mutation.name].result()
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert "skipped" not in done.stdout
    passed = re.search(r"(\d+) passed", done.stdout)
    assert passed is not None
    assert int(passed[1]) > 500


@pytest.mark.parametrize("mutation", PROVEN, ids=label)
def test_what_proves_a_mutation_is_not_true_of_todays_package(mutation: Mutation) -> None:
    """Else it would prove nothing."""
    assert not eval(str(mutation.proof), NAMES)


def test_the_drill_is_large() -> None:
    """At least 20, of every kind."""
    assert len(MUTATIONS) >= 20
    assert {mutation.version for mutation in MUTATIONS} == {"major", "minor", "patch", "none"}
    assert len(PROVEN) >= 10
