"""Copied beside the client tests of a regenerated project: they run on what was regenerated."""

# A proof is an expression about these.
import inspect
import json
import os
import pkgutil
from hashlib import sha256
from pathlib import Path

import attrs
import pytest

import moengage_personalize
import moengage_personalize_api
from moengage_personalize_api import models
from moengage_personalize_api.api import experiences
from moengage_personalize_api.api.experiences import fetch_experiences, list_experience_metadata

PROJECT = Path(__file__).parents[1]
NAMES = {
    "attrs": attrs,
    "experiences": experiences,
    "fetch_experiences": fetch_experiences,
    "inspect": inspect,
    "list_experience_metadata": list_experience_metadata,
    "models": models,
    "pkgutil": pkgutil,
}


def test_both_packages_are_the_regenerated_projects() -> None:
    """Not those of the checkout that the test environment has installed."""
    for package in (moengage_personalize, moengage_personalize_api):
        assert Path(str(package.__file__)).is_relative_to(PROJECT)


def test_the_generated_package_is_of_the_changed_document() -> None:
    """The manifest's hash is the document's."""
    manifest = json.loads(
        (PROJECT / "generated" / "moengage_personalize_api" / "manifest.json").read_text()
    )
    document = PROJECT / "openapi" / "moengage-personalize.yaml"
    assert manifest["document"]["sha256"] == sha256(document.read_bytes()).hexdigest()


@pytest.mark.parametrize("proof", json.loads(os.environ.get("DRILL_PROOFS", "[]")))
def test_the_change_is_there(proof: str) -> None:
    """What the mutation says of the regenerated code is true."""
    assert eval(proof, NAMES)
