"""Typed content in other languages: the merged document, through their generators and cases."""

from __future__ import annotations

import shutil
from importlib import resources
from pathlib import Path
from typing import Final

import pytest
from typer.testing import CliRunner

from conformance import cases, languages, limits
from conformance.building import Workshop
from conformance.running import run
from moengage_personalize.cli.app import app

pytestmark = pytest.mark.workshop

ROOT: Final = Path(__file__).parents[2]
KEY: Final = "loyalty-offer"
"""What every sample fetches and no case."""

EDITS: Final = {
    "typescript": {
        "sample.ts": [('offer.payload["Title"]?.value', "offer.payload.Title.value.normalize()")]
    },
    "go-oapi-codegen": {
        "sample.go": [
            (
                'offer, found := answer.JSON200.Experiences["loyalty-offer"]\n\tif !found {',
                "offer := answer.JSON200.Experiences.LoyaltyOffer\n\tif offer == nil {",
            ),
            ('offer.Payload["Title"].Value', 'offer.Payload.Title.Value + ""'),
        ],
        "driver.go": [
            ("answer.JSON200.Experiences {", "answer.JSON200.Experiences.AdditionalProperties {")
        ],
    },
}
"""What changes where content has types. None of it compiles where a value is of any type."""


@pytest.mark.parametrize("name", EDITS)
def test_a_generated_client_has_typed_content(name: str, tmp_path: Path) -> None:
    """A title is text for the compiler, and every case passes as without types."""
    document = tmp_path / "api.json"
    shipped = resources.files("moengage_personalize.emulator.experiences") / "experiences.yaml"
    command = ["types", KEY, "--experiences", str(shipped), "--format", "openapi"]
    done = CliRunner().invoke(app, [*command, "--output", str(document)])
    assert done.exit_code == 0, done.output
    language = languages.load()[name]
    folder = tmp_path / name
    shutil.copytree(language.folder, folder)
    for file, edits in EDITS[name].items():
        text = (folder / file).read_text()
        for old, new in edits:
            assert text.count(old) == 1
            text = text.replace(old, new)
        (folder / file).write_text(text)
    edited = languages.load(tmp_path)[name]
    workshop = Workshop(cache=ROOT / ".cache" / "typed-languages", document=document)
    result = run(edited, cases.load(), limits.load(), workshop)
    assert result.is_good, (result.not_run, result.defects)
