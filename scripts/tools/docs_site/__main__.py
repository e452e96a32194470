"""The command line of scripts/docs."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from generator.document import ROOT
from generator.failures import GenerateError
from generator.generation import DOCUMENT

from . import api_page, building

TARGET = ROOT / "build" / "site"
EPILOG = """\
exit codes:
  0  the site is written, or was up to date
  1  a page is at fault: a broken link, an unknown name, a page that no other one lists
  2  bad arguments
  3  Swagger UI's files are missing
  4  the document is no YAML, or no valid OpenAPI
  7  the site cannot be written
Whatever the code but 0, an earlier site is as it was.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="scripts/docs",
        description="Builds the documentation site, which needs no server and nothing outside.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--document", type=Path, default=DOCUMENT, metavar="PATH", help="the OpenAPI document"
    )
    parser.add_argument(
        "--output", type=Path, default=TARGET, metavar="FOLDER", help="where the site goes"
    )
    parser.add_argument(
        "--api-page",
        type=Path,
        metavar="FILE",
        help="instead of the site: write only the API's reference page, one HTML file",
    )
    options = parser.parse_args(arguments)
    target: Path = (options.api_page or options.output).absolute()
    document: Path = options.document.absolute()
    try:
        if options.api_page is None and building.is_up_to_date(target, document):
            print(f"{target} is up to date: open {target / 'index.html'}")
            return 0
        page = api_page.content(document)
        if options.api_page is None:
            return building.build(target, document, page)
        api_page.write(page, target)
    except GenerateError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    except OSError as error:
        print(f"{target} cannot be written: {error}", file=sys.stderr)
        return 7
    print(f"{target} is written: {len(page.encode()):,} bytes, nothing outside needed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
