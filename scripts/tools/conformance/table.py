"""The table that `scripts/languages` prints."""

from collections.abc import Iterator, Mapping, Sequence

from conformance.running import Result

_HEAD = ("language", "passed", "defects", "build", "run", "generator and options")


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
        return (language.title, "NOT RUN", "", "", "", language.generator)
    defects = [f"{len(result.defects)} FAILED"] if result.defects else []
    limits = [f"{len(result.known)} known"] if result.known else []
    return (
        language.title,
        f"{result.passed}/{len(result.problems)}",
        ", ".join(defects + limits) or "none",
        f"{result.build_seconds:.1f} s",
        f"{result.run_seconds:.1f} s",
        language.generator,
    )


def _notes(result: Result) -> Iterator[str]:
    title = result.language.title
    if result.not_run is not None:
        yield f"{title}: not run: {result.not_run}"
    for problem, names in _by_problem(result.defects).items():
        yield f"{title}: FAILED {', '.join(names)}: {problem}"
    for reason, names in _by_problem(
        {one: result.limits[one].reason for one in result.known}
    ).items():
        yield f"{title}: known {', '.join(names)}: {reason}"


def _by_problem(problems: Mapping[str, str]) -> dict[str, list[str]]:
    """A broken build fails every case in the same way: said once."""
    names: dict[str, list[str]] = {}
    for name, problem in problems.items():
        names.setdefault(problem, []).append(name)
    return names
