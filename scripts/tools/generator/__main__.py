"""The command line of scripts/generate."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from generator import async_client
from generator.document import ROOT
from generator.failures import GenerateError
from generator.generation import DOCUMENT, TARGET, check, generate

EPILOG = """\
exit codes:
  0  the package is up to date (now, or already)
  1  --check: files differ
  2  bad arguments
  3  a tool is missing or has another version than the pinned one
  4  the document is no YAML, or no valid OpenAPI
  5  the generator warned or failed
  6  a template patch no longer applies to the generator's template
  7  the folder to write cannot be replaced
Whatever the code but 0, the folder is as it was.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="scripts/generate",
        description="Writes the generated package from the OpenAPI document, and the async client "
        "from the sync one.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--check", action="store_true", help="write nothing; list the files that would change"
    )
    parser.add_argument("--document", type=Path, default=DOCUMENT, metavar="PATH")
    parser.add_argument("--output", type=Path, default=TARGET, metavar="DIR")
    options = parser.parse_args(arguments)
    target = options.output.absolute()
    try:
        changes = (check if options.check else generate)(options.document, target)
        if target == TARGET:
            changes += async_client.write(ROOT, only_check=options.check)
    except GenerateError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    if not changes:
        print(f"{target.name} is up to date")
    elif options.check:
        print("\n".join(changes))
        print("scripts/generate would change these files", file=sys.stderr)
        return 1
    else:
        print(f"{target.name} is written: {len(changes)} files are different now")
    return 0


if __name__ == "__main__":
    sys.exit(main())
