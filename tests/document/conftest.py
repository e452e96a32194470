from pathlib import Path

import pytest

from generator.document import Document


@pytest.fixture(scope="session")
def document() -> Document:
    """The OpenAPI document of this project."""
    return Document(Path(__file__).parents[2] / "openapi" / "moengage-personalize.yaml")
