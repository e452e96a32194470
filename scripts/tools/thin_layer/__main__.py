"""Compares the lines of the thin layer with the number in pyproject.toml."""

import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[3]
# More room than this would let it grow unnoticed.
_SLACK = 0.02
_GENERATED = "# Generated from "


def main(root: Path = ROOT) -> int:
    """Runs the command; returns the exit code."""
    settings = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    limit = settings["tool"]["moengage-personalize"]
    lines = {
        str(name): sum(_lines(root / "overrides" / "moengage_personalize" / name))
        for name in limit["thin-layer-modules"]
    }
    total, most = sum(lines.values()), limit["thin-layer-lines"]
    print(", ".join(f"{name} {count}" for name, count in lines.items()))
    if empty := [name for name, count in lines.items() if not count]:
        print(
            f"nothing is counted at {', '.join(empty)}: correct thin-layer-modules", file=sys.stderr
        )
    elif total > most:
        print(
            f"the thin layer has {total} lines, {total - most} more than pyproject.toml allows: "
            "make it shorter, or raise thin-layer-lines and give the reason in the commit",
            file=sys.stderr,
        )
    elif total < most * (1 - _SLACK):
        print(
            f"the thin layer has {total} lines, fewer than thin-layer-lines in pyproject.toml: "
            f"lower that from {most} to {total}, so that it stays thin",
            file=sys.stderr,
        )
    else:
        print(f"the thin layer has {total} lines; {most} are allowed")
        return 0
    return 1


def _lines(path: Path) -> Iterator[int]:
    """The lines of each module that a person wrote, at a file or below a folder."""
    for module in path.rglob("*.py") if path.is_dir() else [path]:
        text = module.read_text(encoding="utf-8") if module.exists() else ""
        if not text.startswith(_GENERATED):
            yield len(text.splitlines())


if __name__ == "__main__":
    sys.exit(main())
