"""What experiences hold, as JSON Schema and in the OpenAPI document, for other languages."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from jsonschema_rs import Draft202012Validator
from typer.testing import CliRunner

from moengage_personalize.cli.app import app
from moengage_personalize.content_types import (
    Sample,
    merged_document,
    overlay,
    project_document,
    schemas,
    workspace_schema,
)
from validators import validators

runner = CliRunner()

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def document() -> Mapping[str, Any]:
    """What the schemas are added to."""
    return project_document()


def assert_is_openapi(document: Mapping[str, Any]) -> None:
    validators("openapi_spec_validator").validate(document)


def samples(key: str, *payloads: dict[str, Any]) -> list[Sample]:
    return [Sample(key, payload, "1") for payload in payloads]


def payload_of(merged: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = merged["components"]["schemas"][name]
    return found


def test_the_json_schema_takes_every_sample() -> None:
    """And refuses what no sample was like."""
    taken = samples("banner", {"Title": "Hi", "Rows": [1, 2.5]}, {"Title": "Ho", "Sub": None})
    validator = Draft202012Validator(workspace_schema(schemas(taken)))
    for sample in taken:
        assert validator.is_valid({"banner": sample.values})
    assert not validator.is_valid({"banner": {"Title": 5}})
    assert not validator.is_valid({"banner": {"Sub": None}})


def test_the_merged_document_is_openapi_with_typed_content(document: Mapping[str, Any]) -> None:
    """A value that one variation lacks is not required; null in one makes it nullable."""
    found = schemas(
        samples(
            "homepage-banner",
            {"Title": "Hi", "Discount": 1, "Layout": {"columns": 2, "order": ["a"]}},
            {"Title": "Ho", "Discount": 1.5, "Sub": None, "Layout": {"columns": None}},
        )
    )
    merged = merged_document(document, overlay(found, document))
    assert_is_openapi(merged)
    payload = payload_of(merged, "HomepageBannerPayload")
    values = {name: one["properties"]["value"] for name, one in payload["properties"].items()}
    assert payload["required"] == ["Discount", "Layout", "Title"]
    assert values["Title"] == {"type": "string"}
    assert values["Discount"] == {"type": "number"}
    assert values["Sub"] == {}
    assert values["Layout"] == {
        "type": "object",
        "properties": {
            "columns": {"type": "integer", "format": "int64", "nullable": True},
            "order": {"type": "array", "items": {"type": "string"}},
        },
        "additionalProperties": {},
        "required": ["columns"],
    }
    assert merged["components"]["schemas"]["ExperiencesByKey"] == {
        **document["components"]["schemas"]["ExperiencesByKey"],
        "properties": {"homepage-banner": {"$ref": "#/components/schemas/HomepageBanner"}},
    }


@pytest.mark.parametrize(
    "keys",
    [
        ("a-b", "a_b", "A B"),
        ("experience", "Experience", "payload"),
        ("x", "x-payload"),
        ('quote" */ --> \n', "…", "1"),
    ],
)
def test_no_key_takes_another_schemas_name(
    document: Mapping[str, Any], keys: tuple[str, ...]
) -> None:
    """Each experience has schemas of its own, and the document's own stay as they are."""
    found = schemas([one for key in keys for one in samples(key, {"Title": "Hi"})])
    added = overlay(found, document)
    merged = merged_document(document, added)
    assert_is_openapi(merged)
    named = merged["components"]["schemas"]
    assert len(named) == len(document["components"]["schemas"]) + 2 * len(keys)
    assert all(
        named[name] == schema
        for name, schema in document["components"]["schemas"].items()
        if name != "ExperiencesByKey"
    )
    assert set(named["ExperiencesByKey"]["properties"]) == set(keys)
    assert json.loads(json.dumps(merged)) == merged


def types(*options: str) -> Any:
    shipped = ROOT.joinpath(
        "overrides", "moengage_personalize", "emulator", "experiences", "experiences.yaml"
    )
    return runner.invoke(app, ["types", "--experiences", str(shipped), *options])


def test_the_command_writes_the_document_and_its_overlay(
    tmp_path: Path, document: Mapping[str, Any]
) -> None:
    """The merged document is the project's own with the overlay applied, and nothing else."""
    file = tmp_path / "api.json"
    done = types("--format", "openapi", "--output", str(file))
    assert done.exit_code == 0, done.output
    written = json.loads(file.read_text())
    added = json.loads((tmp_path / "api.overlay.json").read_text())
    assert_is_openapi(written)
    assert added["overlay"] == "1.0.0"
    assert written == merged_document(document, added)


def test_the_command_writes_json_schema_of_some_keys() -> None:
    """On stdout, for a pipe."""
    done = types("homepage-banner", "--format", "jsonschema")
    assert done.exit_code == 0, done.output
    written = json.loads(done.stdout)
    assert list(written["properties"]) == ["homepage-banner"]
    assert written["properties"]["homepage-banner"]["properties"]["Title"] == {"type": "string"}


def test_typescript_needs_its_generator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one that is installed makes it of the merged document; without, the error says which."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    done = types("--format", "typescript")
    assert done.exit_code == 9
    assert "npm install --save-dev openapi-typescript" in done.stderr
    program = tmp_path / "openapi-typescript"
    program.write_text('#!/bin/sh\necho "// of $1"; /bin/cat "$1"\n')
    program.chmod(0o755)
    done = types("--format", "typescript")
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("// of ")
    assert "HomepageBannerPayload" in done.stdout


def test_a_check_is_of_python(tmp_path: Path) -> None:
    """Nothing else can be compared."""
    done = types("--format", "openapi", "--check", str(tmp_path / "api.json"))
    assert done.exit_code == 2
    assert "leave --format out" in done.stderr
