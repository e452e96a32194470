"""The command line of scripts/docs."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from generator.document import ROOT, Document
from generator.failures import GenerateError, ToolsError
from generator.generation import DOCUMENT
from generator.validity import require_valid
from moengage_personalize.emulator.server.docs_page import AssetsMissingError, page

TARGET = ROOT / "build" / "docs" / "moengage-personalize.html"
EPILOG = """\
exit codes:
  0  the page is written
  2  bad arguments
  3  Swagger UI's files are missing
  4  the document is no YAML, or no valid OpenAPI
  7  the page cannot be written
Whatever the code but 0, an earlier page is as it was.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="scripts/docs",
        description="Writes the reference page of the document, one HTML file.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--document", type=Path, default=DOCUMENT, metavar="PATH")
    parser.add_argument("--output", type=Path, default=TARGET, metavar="PATH")
    options = parser.parse_args(arguments)
    try:
        content = _content(options.document)
    except GenerateError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    try:
        _write(content, options.output.absolute())
    except OSError as error:
        print(f"{options.output} cannot be written: {error}", file=sys.stderr)
        return 7
    print(f"{options.output} is written: {len(content.encode()):,} bytes, nothing outside needed")
    return 0


def _content(path: Path) -> str:
    document = Document(path)
    require_valid(document)
    try:
        return page(document.data)
    except AssetsMissingError as error:
        raise ToolsError(str(error)) from error


def _write(content: str, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_suffix(".next")
    unfinished.write_text(content, encoding="utf-8")
    unfinished.replace(target)


if __name__ == "__main__":
    sys.exit(main())
