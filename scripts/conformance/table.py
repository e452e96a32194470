"""The table that `scripts/languages` prints."""

from collections.abc import Iterator, Sequence

from conformance.running import Result

_HEAD = ("language", "generator and options", "passed", "defects", "build", "run")


def table(results: Sequence[Result]) -> str:
    """One row a language, and below it what there is to say about single cases."""
    rows = [_HEAD, *map(_row, results)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join([*lines, *(note for result in results for note in _notes(result))])


def _row(result: Result) -> tuple[str, ...]:
    language = result.language
    if result.not_run is not None:
        return (language.title, language.generator, "NOT RUN", "", "", "")
    defects = [f"{len(result.defects)} FAILED"] if result.defects else []
    limits = [f"{len(result.known)} known"] if result.known else []
    return (
        language.title,
        language.generator,
        f"{result.passed}/{len(result.problems)}",
        ", ".join(defects + limits) or "none",
        f"{result.build_seconds:.1f} s",
        f"{result.run_seconds:.1f} s",
    )


def _notes(result: Result) -> Iterator[str]:
    title = result.language.title
    if result.not_run is not None:
        yield f"{title}: not run: {result.not_run}"
    for name, problem in result.defects.items():
        yield f"{title}: FAILED {name}: {problem}"
    for name in result.known:
        yield f"{title}: known {name}: {result.limits[name].reason}"
