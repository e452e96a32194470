import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from moengage_personalize import emulator
from moengage_personalize.emulator.contract import document
from moengage_personalize.emulator.handlers import OPERATIONS

FOLDER = Path(emulator.__file__).parent


def imported(module: Path) -> set[str]:
    """Return the names of all modules that a module imports, anywhere in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0
            names.add(node.module or "")
    return names


@pytest.mark.parametrize(
    "module", sorted(FOLDER.rglob("*.py")), ids=lambda path: str(path.relative_to(FOLDER))
)
def test_emulator_imports_nothing_else_of_ours(module: Path) -> None:
    """The witness shares no code with the client that it watches."""
    ours = {name for name in imported(module) if name.startswith("moengage")}
    assert all(f"{name}.".startswith("moengage_personalize.emulator.") for name in ours)


def test_every_operation_of_the_document_is_carried_out() -> None:
    """No operation of the document is without its implementation, nor the other way round."""
    assert set(document.load().operation_ids) == set(OPERATIONS)


@pytest.mark.parametrize("package", ["jsonschema_rs", "ruamel.yaml", "starlette", "uvicorn"])
def test_missing_package_names_the_extra(package: str) -> None:
    """Without a package of the extra, the import says what to install."""
    program = f"import sys\nsys.modules[{package!r}] = None\nimport moengage_personalize.emulator\n"
    finished = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert "install the package again with the extra emulator" in finished.stderr


def test_public_names_are_there() -> None:
    """Every name that the package promises exists."""
    module = importlib.import_module("moengage_personalize.emulator")
    assert all(hasattr(module, name) for name in module.__all__)
