"""The reference page of the document: one HTML file that asks for nothing outside itself."""

from pathlib import Path

from generator.document import Document
from generator.failures import ToolsError
from generator.validity import require_valid
from moengage_personalize.emulator.server.docs_page import AssetsMissingError, page

__all__ = ["NAME", "content", "write"]

NAME = "moengage-personalize-api.html"
"""The page's file, within the site."""


def content(path: Path) -> str:
    """Draw the page of a document.

    Raises:
        GenerateError: The document is at fault, or Swagger UI's files are missing.
    """
    document = Document(path)
    require_valid(document)
    try:
        return page(document.data)
    except AssetsMissingError as error:
        raise ToolsError(str(error)) from error


def write(text: str, target: Path) -> None:
    """Write the page; until it is whole, an earlier one stays."""
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_suffix(".next")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(target)
