"""What the package holds and needs: a software bill of materials, and the licences in it."""

import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from api_changes.failures import BuildError

IN_FILE_ONLY: Final = {"pyreqwest": "Apache-2.0"}
"""The licences of packages whose metadata name none: what their LICENSE file says."""


def bill_of_materials(
    python: Path, pyproject: Path, *, version: str, required: set[str], seconds: int
) -> str:
    """The CycloneDX bill of an environment with the wheel and all its extras, as JSON.

    Args:
        python: The environment's Python.
        pyproject: The project's own metadata.
        version: The project's version, which its metadata take from the document.
        required: The names that come without any extra; the others are marked as optional.
        seconds: The bill's date, in seconds since 1970-01-01 UTC.

    Raises:
        BuildError: There is none, or a component does not state its licence.
    """
    command = [sys.executable, "-m", "cyclonedx_py", "environment", str(python)]
    options = ["--pyproject", str(pyproject), "--mc-type", "library", "--output-reproducible"]
    result = subprocess.run(
        [*command, *options],
        env={**os.environ, "SOURCE_DATE_EPOCH": str(seconds)},
        check=False,
        capture_output=True,
        text=True,
    )
    if result.returncode:
        raise BuildError(f"there is no bill of materials:\n{result.stderr}".strip())
    bill = json.loads(result.stdout)
    own = bill["metadata"]["component"]
    own |= {"version": version, "purl": f"pkg:pypi/{own['name']}@{version}"}
    for component in bill["components"]:
        name = normalized(component["name"])
        component["scope"] = "required" if name in required else "optional"
        if name in IN_FILE_ONLY and not licence(component):
            component["licenses"] = [{"license": {"id": IN_FILE_ONLY[name]}}]
    silent = [row["name"] for row in bill["components"] if not licence(row)]
    if silent:
        raise BuildError(f"these do not state their licence: {', '.join(sorted(silent))}")
    return json.dumps(bill, indent=2) + "\n"


def extras_of(pyproject: Path) -> list[str]:
    """The names of the extras that a pyproject.toml declares."""
    return sorted(tomllib.loads(pyproject.read_text("utf-8"))["project"]["optional-dependencies"])


def licences(bill: str) -> str:
    """The licences of what is bundled and required, a line each: name, version, licence."""
    content = json.loads(bill)
    own = content["metadata"]["component"]
    rows = [f"bundled   {own['name']} (all of it; nothing of others is inside): {licence(own)}"]
    for scope in ("required", "optional"):
        rows += [
            f"{scope:9} {component['name']} {component['version']}: {licence(component)}"
            for component in content["components"]
            if component["scope"] == scope and normalized(component["name"]) != own["name"]
        ]
    return "\n".join(rows) + "\n"


def names_in(python: Path) -> set[str]:
    """The names of everything that an environment has installed."""
    program = (
        "from importlib.metadata import distributions\n"
        "for found in distributions(): print(found.metadata['Name'])"
    )
    result = subprocess.run(
        [str(python), "-I", "-c", program], check=True, capture_output=True, text=True
    )
    return {normalized(name) for name in result.stdout.split()}


def licence(component: Mapping[str, Any]) -> str:
    """What a component says about its licence, as SPDX where it does; empty: nothing."""
    spdx, words = set[str](), set[str]()
    for choice in component.get("licenses", ()):
        stated = choice.get("license", {})
        spdx.add(choice.get("expression") or stated.get("id") or "")
        words.add(stated.get("name") or "")
    return " AND ".join(sorted(spdx - {""}) or sorted(words - {""}))


def normalized(name: str) -> str:
    """A project's name as indexes compare it."""
    return name.lower().replace("_", "-").replace(".", "-")
