"""Whether the project's template patches fit the templates of another generator."""

import os
import subprocess
import tempfile
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from shutil import copyfile

from generator.failures import ToolsError


class Fit(StrEnum):
    """How a patch fits a template."""

    CLEAN = "applies cleanly"
    MOVED = "applies, but the lines have moved"
    MERGED = "is no longer needed: the generator's own template has it"
    BROKEN = "no longer applies"


@dataclass(frozen=True, slots=True)
class Fitted:
    """One patch and how it fits.

    Attributes:
        name: The patch's file.
        fit: How.
        words: git's, where it does not.
    """

    name: str
    fit: Fit
    words: str = ""


def fitted(patch: Path, templates: Path) -> Fitted:
    """Tries a patch on the template that it is named after.

    Raises:
        ToolsError: git is missing.
    """
    stock = templates / f"{patch.stem}.py.jinja"
    if not stock.is_file():
        return Fitted(patch.name, Fit.BROKEN, f"there is no template {stock.name} any more")
    code, words = _apply(patch, stock)
    if not code:
        return Fitted(patch.name, Fit.MOVED if "offset" in words else Fit.CLEAN)
    if not _apply(patch, stock, "--reverse")[0]:
        return Fitted(patch.name, Fit.MERGED)
    return Fitted(patch.name, Fit.BROKEN, words)


def _apply(patch: Path, stock: Path, *options: str) -> tuple[int, str]:
    with tempfile.TemporaryDirectory(prefix="upgrade-") as folder:
        copyfile(stock, Path(folder, stock.name))
        environment = {name: value for name, value in os.environ.items() if name[:4] != "GIT_"}
        environment["GIT_CEILING_DIRECTORIES"] = str(Path(folder).resolve().parent)
        command = ["git", "apply", "--check", "--verbose", *options, str(patch)]
        try:
            result = subprocess.run(
                command, cwd=folder, env=environment, check=False, capture_output=True, text=True
            )
        except FileNotFoundError as error:
            raise ToolsError("git is wanted, to try the template patches; none found") from error
    return result.returncode, result.stderr.strip()
