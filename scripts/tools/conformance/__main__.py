"""The command line of scripts/languages."""

import argparse
import sys
from collections.abc import Sequence

from conformance import cases, languages, limits, page
from conformance.building import Workshop
from conformance.running import Result, run
from conformance.table import table

EPILOG = """\
exit codes:
  0  every language passed every case, or failed only as docs/languages.md says
  1  a case failed, a recorded limit is none any more, or a language was not run
  2  bad arguments
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; returns the exit code."""
    known = languages.load()
    parser = argparse.ArgumentParser(
        prog="scripts/languages",
        description="Generates a client of each language from the OpenAPI document, and runs it "
        "through the conformance cases against the emulator.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "languages",
        nargs="*",
        metavar="LANGUAGE",
        help=f"{', '.join(known)}; without any, all of them",
    )
    parser.add_argument(
        "--write-page",
        action="store_true",
        help="run nothing; copy commands, sources and limits into docs/languages.md and its pages",
    )
    options = parser.parse_args(arguments)
    if options.write_page:
        print("The pages are", "written" if page.write() else "up to date")
        return 0
    wanted = options.languages or list(known)
    for name in wanted:
        if name not in known:
            parser.error(f"unknown language {name!r}; known: {', '.join(known)}")
    all_cases, all_limits = cases.load(), limits.load()
    workshop = Workshop()
    results: list[Result] = []
    for name in dict.fromkeys(wanted):
        print(f"{known[name].title} …", file=sys.stderr, flush=True)
        results.append(run(known[name], all_cases, all_limits, workshop))
    print(table(results))
    return 0 if all(result.is_good for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
