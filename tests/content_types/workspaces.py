"""What the tests of content types share: workspaces, and modules that are run."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from moengage_personalize import TypedExperience
from moengage_personalize.content_types import Module, Sample, Workspace, updated
from moengage_personalize.models.experiences import ExperienceMetadata

KEY = "homepage-banner"


def workspace(
    samples: Mapping[str, list[Any]], statuses: Mapping[str, str] | None = None
) -> Workspace:
    """Values of each experience, one mapping a variation; statuses where they are not Active."""
    listing = dict.fromkeys(samples, "Active") | dict(statuses or {})
    return Workspace(
        {key: ExperienceMetadata(key, f"Name of {key}", status) for key, status in listing.items()},
        tuple(
            Sample.from_content(
                key,
                {
                    "payload": {
                        name: {"value": value, "data_type": "any"} for name, value in values.items()
                    },
                    "experience_context": {"moe_variation_id": str(number)},
                },
            )
            for key, variations in samples.items()
            for number, values in enumerate(variations)
        ),
    )


def banner(*variations: Mapping[str, Any]) -> Workspace:
    """A workspace with one experience."""
    return workspace({KEY: list(variations)})


def written(known: Workspace, **options: Any) -> str:
    """A new module."""
    return updated(None, known, **options).text


def rewritten(text: str, known: Workspace, **options: Any) -> str:
    """A module after an update, which a second one leaves as it is."""
    new = updated(Module.from_text(text), known, **options).text
    assert updated(Module.from_text(new), known, **options).text == new
    return new


def run(text: str, folder: Path) -> ModuleType:
    """Import a module, and let the package read its classes."""
    file = folder / "experiences_of_a_test.py"
    file.write_text(text, encoding="utf-8")
    spec = importlib.util.spec_from_file_location(file.stem, file)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[file.stem] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for made in classes(module).values():
        made.content_()
    return module


def classes(module: ModuleType) -> dict[str, type[TypedExperience]]:
    """The experiences of a module by key."""
    found = [one for one in vars(module).values() if isinstance(one, type)]
    return {
        one.key_: one
        for one in found
        if issubclass(one, TypedExperience) and one is not TypedExperience
    }
