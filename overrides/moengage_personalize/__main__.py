"""The console script `moengage-personalize`, and `python -m moengage_personalize`."""

from __future__ import annotations

import io
import sys
from typing import Final

from .cli.exit_codes import ExitCode

__all__ = ["main"]

_EXTRA: Final = frozenset({"click", "rich", "typer"})
"""The packages of the extra `cli`; older versions of typer need click."""


def main() -> None:
    """Run the command line. Without the extra `cli`, name the extra on stderr and exit with 9."""
    try:
        from .cli.app import app  # noqa: PLC0415  (it may be missing, and this is to say so)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _EXTRA:
            raise
        print(  # noqa: T201  (for the person)
            "The command line is not installed: install the package again with the extra cli",
            file=sys.stderr,
        )
        sys.exit(ExitCode.EXTRA_MISSING)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal without ✓ must not make a command fail.
            stream.reconfigure(errors="backslashreplace")
    app(prog_name="moengage-personalize")


if __name__ == "__main__":
    main()
