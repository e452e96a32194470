"""The few templates that differ from the generator's own: small diffs, applied to a copy."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from generator.document import Document, is_mapping
from generator.failures import PatchError, ToolsError

PATCHES = Path(__file__).parent / "templates"


def patches() -> list[Path]:
    """The diffs, each against the template that it is named after, in a fixed order."""
    return sorted(PATCHES.glob("*.diff"))


def write_templates(document: Document, folder: Path) -> None:
    """Fills the folder with the patched templates and the one derived from the document.

    Raises:
        PatchError: A diff does not apply to the installed generator's template.
        ToolsError: git is missing.
    """
    for patch in patches():
        template = f"{patch.stem}.py.jinja"
        with as_file(files("openapi_python_client") / "templates" / template) as stock:
            shutil.copyfile(stock, folder / template)
        _apply(patch, folder)
    names = sorted(set(comma_separated(document)))
    rows = ", ".join(repr(name) for name in names)
    (folder / "comma_separated.jinja").write_text(
        f"{{% set comma_separated = [{rows}] %}}\n", encoding="utf-8"
    )


def comma_separated(document: Document) -> Iterator[tuple[str, str, str]]:
    """Method, path and name of each query parameter whose list travels as one value."""
    for path, item in document.data["paths"].items():
        for method, operation in item.items():
            if not is_mapping(operation):
                continue
            for stated in [*item.get("parameters", ()), *operation.get("parameters", ())]:
                parameter = document.resolved(stated)
                if _is_comma_separated(document, parameter):
                    yield method, path, parameter["name"]


def _is_comma_separated(document: Document, parameter: Mapping[str, Any]) -> bool:
    return (
        parameter["in"] == "query"
        and parameter.get("style", "form") == "form"
        and parameter.get("explode") is False
        and document.resolved(parameter.get("schema", {})).get("type") == "array"
    )


def _apply(patch: Path, folder: Path) -> None:
    # Inside a checkout, git would look for the template in that checkout and skip the patch in
    # silence; GIT_DIR and the like point at one when a hook runs this.
    environment = {name: value for name, value in os.environ.items() if name[:4] != "GIT_"}
    environment["GIT_CEILING_DIRECTORIES"] = str(folder.resolve().parent)
    command = ["git", "apply", "--whitespace=nowarn", str(patch)]
    try:
        result = subprocess.run(
            command, cwd=folder, env=environment, check=False, capture_output=True, text=True
        )
    except FileNotFoundError as error:
        raise ToolsError("git is wanted, to apply the template patches; none found") from error
    if result.returncode:
        raise PatchError(
            f"{patch.name} no longer applies to {patch.stem}.py.jinja: {result.stderr.strip()}"
        )
