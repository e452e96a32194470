import pytest

from generator.document import Document
from the_document import the_document


@pytest.fixture(scope="session")
def document() -> Document:
    """The OpenAPI document of this project."""
    return the_document()
