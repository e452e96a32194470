import importlib
import importlib.util
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from generator.command import run_generator
from generator.document import Document
from generator.generation import DOCUMENT, TARGET, generate
from generator_here import generator_here


@pytest.fixture(autouse=True, scope="session")
def _generator_here() -> Iterator[None]:
    """Start no process for the generator; `scripts/generate --check` does, in CI."""
    with generator_here():
        yield


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """A copy of the generated package, for a run to replace."""
    return Path(shutil.copytree(TARGET, tmp_path / "generated" / TARGET.name))


@pytest.fixture
def edited(tmp_path: Path) -> Callable[[str, str], Path]:
    """Makes a copy of the document with one text replaced by another, at its first place."""

    def edit(old: str, new: str) -> Path:
        text = DOCUMENT.read_text(encoding="utf-8")
        assert old in text
        path = tmp_path / DOCUMENT.name
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return path

    return edit


@pytest.fixture(scope="session")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The package as the generator's own templates make it."""
    package = tmp_path_factory.mktemp("stock") / "stock_api"
    run_generator(Document(DOCUMENT), package)
    return imported(package)


@pytest.fixture(scope="session")
def exploded(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The package of a document in which the statuses are repeated parameters."""
    folder = tmp_path_factory.mktemp("exploded")
    text = DOCUMENT.read_text(encoding="utf-8").replace("explode: false", "explode: true")
    document = folder / "openapi.yaml"
    document.write_text(text, encoding="utf-8")
    generate(document, folder / "exploded_api")
    return imported(folder / "exploded_api")


def imported(package: Path) -> Any:
    """The package in the folder, with the modules that the tests use, under its own name."""
    spec = importlib.util.spec_from_file_location(package.name, package / "__init__.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[package.name] = module
    spec.loader.exec_module(module)
    importlib.import_module(f"{package.name}.api.experiences.list_experience_metadata")
    return module
