"""The command line of scripts/api-diff."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from api_changes.comparison import compare
from api_changes.failures import ChangesError
from api_changes.interfaces import RELEASED, Interface, current, of_base, released
from api_changes.report import print_table, to_json
from generator.document import ROOT, Document
from generator.failures import GenerateError
from generator.validity import require_valid

EPILOG = """\
exit codes:
  0  compared, whatever was found
  2  bad arguments
  3  a tool is missing: Go (to build oasdiff, once) or git
  4  a document is no YAML, or no valid OpenAPI
  5  there is no such base
  7  a version is not three numbers
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="scripts/api-diff",
        description="Says what changed since a base, whom it affects, and which version is due.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "base",
        nargs="?",
        metavar="BASE",
        help="a commit, branch or tag, a checkout's folder, or a document's file; "
        f"without it, the last release (in {RELEASED.relative_to(ROOT)})",
    )
    parser.add_argument("--json", action="store_true", help="for machines")
    parser.add_argument(
        "--document", type=Path, metavar="PATH", help="compare this document, and no Python face"
    )
    options = parser.parse_args(arguments)
    try:
        revision = _revision(options.document)
        base = released() if options.base is None else of_base(options.base)
        if base is None:
            return _nothing_released(revision, as_json=options.json)
        require_valid(base.document)
        comparison = compare(base, revision)
        if options.json:
            print(to_json(comparison))
        else:
            print_table(comparison)
    except (ChangesError, GenerateError) as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return 0


def _revision(path: Path | None) -> Interface:
    found = current() if path is None else Interface(str(path), Document(path), None)
    require_valid(found.document)
    return found


def _nothing_released(revision: Interface, *, as_json: bool) -> int:
    version = revision.document.version
    if as_json:
        print(json.dumps({"base": None, "version": version, "changes": []}, indent=2))
    else:
        print(f"Nothing is released yet: {version} will be the first. Name a BASE to compare with.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
