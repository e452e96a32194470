"""The OpenAPI document of this project, read once in a process: that takes a third of a second."""

from __future__ import annotations

from functools import cache

from generator.document import Document
from generator.generation import DOCUMENT


@cache
def the_document() -> Document:
    """The document as it is checked in; no test may change it."""
    return Document(DOCUMENT)
