"""The command line of scripts/upgrade-generator."""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from generator.failures import GenerateError
from generator.generation import TARGET
from generator.package import differences
from generator.swap import require_replaceable, swap
from generator.templates import patches
from generator.tools import REQUIREMENTS, pinned_versions
from generator_upgrade.difference import unified
from generator_upgrade.patches import Fit, fitted
from generator_upgrade.trial import GENERATOR, Outcome, Trial, repinned

EPILOG = """\
exit codes:
  0  the tests pass with that version
  1  tests fail with it; those named …_is_still_needed say which patch is not needed any more
  2  bad arguments
  3  there is no such version, or a tool is missing
  5  that version warned or failed
  6  a template patch no longer applies, or is no longer needed (the rest was tried without it)
  7  --apply: the generated package cannot be replaced
Nothing of the checkout is changed without --apply, nor with it after any code but 0.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="scripts/upgrade-generator",
        description=f"Tries another version of {GENERATOR}: its code, our patches, the tests.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("version", metavar="VERSION", help="the version to try, such as 0.29.1")
    parser.add_argument(
        "--apply",
        action="store_true",
        help="when the tests pass, pin it and write the generated package",
    )
    options = parser.parse_args(arguments)
    try:
        with tempfile.TemporaryDirectory(prefix="upgrade-") as folder:
            return _try(options.version, Path(folder), is_wanted=options.apply)
    except GenerateError as error:
        print(error, file=sys.stderr)
        return error.exit_code


def _try(version: str, folder: Path, *, is_wanted: bool) -> int:
    print(f"{GENERATOR} {version}, tried against the pinned {pinned_versions()[GENERATOR]}\n")
    trial = Trial(folder, version)
    unfit = _report_patches(trial)
    trial.generate()
    _report_difference(trial)
    outcome = trial.test()
    _report_tests(outcome)
    if unfit:
        return 6
    if outcome.failed:
        return 1
    if is_wanted:
        _take(trial, version)
    return 0


def _report_patches(trial: Trial) -> bool:
    """Says how the patches fit, and takes those that do not out of the trial."""
    unfit = False
    for patch in patches():
        found = fitted(patch, trial.templates)
        print(f"{found.name} {found.fit}")
        if found.fit in {Fit.BROKEN, Fit.MERGED}:
            unfit = True
            trial.drop_patch(found.name)
            print("\n".join(f"  {row}" for row in found.words.splitlines()))
    return unfit


def _report_difference(trial: Trial) -> None:
    rows = differences(TARGET, trial.package)
    print(f"\n{len(rows)} files of generated code differ:")
    print("\n".join(f"  {row}" for row in rows))
    print("\n".join(unified(TARGET, trial.package)))


def _report_tests(outcome: Outcome) -> None:
    print(f"\ntests: {outcome.summary}")
    for name in outcome.failed:
        hint = " (so its patch is not needed any more)" if "is_still_needed" in name else ""
        print(f"  failed: {name}{hint}")


def _take(trial: Trial, version: str) -> None:
    require_replaceable(TARGET)
    swap(trial.package, TARGET)
    pins = REQUIREMENTS.read_text(encoding="utf-8")
    unfinished = REQUIREMENTS.with_suffix(".next")
    unfinished.write_text(repinned(pins, version), encoding="utf-8")
    unfinished.replace(REQUIREMENTS)
    print(f"\n{version} is pinned in {REQUIREMENTS.name}; now: scripts/lock, scripts/test")


if __name__ == "__main__":
    sys.exit(main())
