"""Draws what `moengage-personalize demo` prints, for the README: docs/demo.svg."""

import os
import re
import subprocess
import sys
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.text import Text

TARGET = Path("docs", "demo.svg")
_WIDTH = 108
_FONTS = re.compile(r"\s*@font-face \{.*?\}", re.DOTALL)
"""rich's picture would load its font from another site; without, the reader's own is taken."""


def main() -> None:
    """Run the demo and draw it, up to the click."""
    done = subprocess.run(
        [sys.executable, "-m", "moengage_personalize", "demo"],
        env={**os.environ, "COLUMNS": str(_WIDTH), "FORCE_COLOR": "1"},
        check=True,
        capture_output=True,
        encoding="utf-8",
    )
    shown = done.stdout.partition("4. Which experiences")[0]
    console = Console(file=StringIO(), width=_WIDTH, record=True)
    console.print(Text.from_ansi(shown.rstrip()))
    picture = console.export_svg(title="scripts/demo", unique_id="demo")
    TARGET.write_text(_FONTS.sub("", picture), encoding="utf-8")
    print(f"{TARGET} is written")


if __name__ == "__main__":
    main()
