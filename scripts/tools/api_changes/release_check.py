"""The command line of scripts/release-check."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from api_changes.changelog import sections
from api_changes.comparison import compare
from api_changes.failures import ChangesError
from api_changes.interfaces import RELEASED, current, released
from api_changes.release_rules import complaints
from generator.document import ROOT
from generator.failures import GenerateError
from generator.validity import require_valid

EPILOG = """\
exit codes:
  0  version and CHANGELOG say what changed since the last release
  1  they say nothing, or too little
  2  bad arguments
  3  a tool is missing: Go (to build oasdiff, once)
  4  the document is no YAML, or no valid OpenAPI
  5  the checkout lacks the packages
  7  the version goes backwards, or is not three numbers
"""


def unsaid(root: Path = ROOT) -> list[str]:
    """What version and CHANGELOG of a checkout say too little about, a row each.

    Raises:
        ChangesError: As its subclass says.
        GenerateError: The document is at fault.
    """
    revision = current(root)
    require_valid(revision.document)
    told = sections((root / "CHANGELOG.md").read_text(encoding="utf-8"))
    base = released(root / RELEASED.relative_to(ROOT))
    version = revision.document.version
    if base is None:
        return complaints(None, version, [], told)
    changes = compare(base, revision).changes
    return complaints(base.document.version, version, changes, told)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="scripts/release-check",
        description="Fails when version or CHANGELOG hide what changed since the last release.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--root", type=Path, default=ROOT, metavar="DIR", help="the checkout to look at"
    )
    options = parser.parse_args(arguments)
    try:
        rows = unsaid(options.root.absolute())
    except (ChangesError, GenerateError) as error:
        print(error, file=sys.stderr)
        return error.exit_code
    if rows:
        print("\n".join(rows), file=sys.stderr)
        print("scripts/release-check: see scripts/api-diff for all changes", file=sys.stderr)
        return 1
    print("scripts/release-check: version and CHANGELOG say what changed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
