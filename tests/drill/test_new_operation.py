"""A new operation needs no hand: it is in the document, so it is in `client.api`."""

from __future__ import annotations

import filecmp
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from drill.mutations import FOLDER, Mutation, regenerate, run_tests
from generator.document import ROOT

pytestmark = pytest.mark.workshop

OBJECT: dict[str, Any] = {"type": "object", "additionalProperties": True}
OPERATION = Mutation(
    "a new operation with a body",
    "minor",
    ["callers", "other languages"],
    set={
        "/components/schemas/Summary": {
            **OBJECT,
            "required": ["count"],
            "properties": {"count": {"type": "integer", "format": "int32"}},
        },
        "/components/schemas/SummaryRequest": {
            **OBJECT,
            "required": ["month"],
            "properties": {"month": {"type": "string"}},
        },
        "/paths/~1experiences~1summary": {
            "post": {
                "operationId": "fetchExperienceSummary",
                "tags": ["Experiences"],
                "security": [{"BasicAuth": [], "AppKey": []}],
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {
                            "schema": {"$ref": "#/components/schemas/SummaryRequest"}
                        }
                    },
                },
                "responses": {
                    "200": {
                        "description": "Counted.",
                        "content": {
                            "application/json": {
                                "schema": {"$ref": "#/components/schemas/Summary"},
                                "examples": {"two": {"summary": "Two", "value": {"count": 2}}},
                            }
                        },
                    },
                    "400": {"$ref": "#/components/responses/InternalServerError"},
                    "401": {"$ref": "#/components/responses/Unauthorized"},
                },
            }
        },
    },
)


def test_a_new_operation_has_all_that_the_others_have(tmp_path: Path) -> None:
    """Credentials, budget, retries and errors, blocking and awaited; `overrides/` is untouched."""
    project = regenerate(OPERATION.applied(tmp_path / "project"))
    shutil.rmtree(project / "tests" / "client")
    shutil.copyfile(FOLDER / "new_operation.py", project / "tests" / "test_new_operation.py")
    done = run_tests(project, ["hasattr(models, 'SummaryRequest')"])
    assert done.returncode == 0, done.stdout[-4000:]
    passed = re.search(r"(\d+) passed", done.stdout)
    assert passed is not None
    of_the_witness, of_the_operation = 3, 3 * 14 + 2
    assert int(passed[1]) == of_the_witness + of_the_operation
    assert unlike(ROOT / "overrides", project / "overrides") == []


def unlike(one: Path, other: Path) -> list[str]:
    """The modules that two folders do not share."""
    names = sorted(
        {path.relative_to(top).as_posix() for top in (one, other) for path in top.rglob("*.py")}
    )
    _, mismatched, missing = filecmp.cmpfiles(one, other, names, shallow=False)
    return mismatched + missing
