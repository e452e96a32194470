"""The command line of scripts/release.

The order is such that a failure leaves nothing behind. All that can fail here comes first, on a
commit that no branch knows yet. The tag comes before the upload: it can be taken back, an upload
cannot. The branch moves last, and only forward.
"""

import argparse
import shutil
import sys
import tempfile
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from api_changes.failures import ChangesError, TreeError
from api_changes.interfaces import FACE, RELEASED, current
from api_changes.python_face import to_json
from generator.document import ROOT
from generator.failures import GenerateError
from generator.generation import DOCUMENT
from releasing.building import build
from releasing.git import Checkout
from releasing.inventory import bill_of_materials, extras_of, licences, names_in
from releasing.preflight import Plan, plan
from releasing.trial import environment_with, smoke_test, smoke_test_extras
from releasing.upload import upload

EPILOG = """\
The environment names the index: TWINE_REPOSITORY_URL, TWINE_USERNAME, TWINE_PASSWORD.

exit codes:
   0  released; with --dry-run: could be released
   2  bad arguments
   3  a tool is missing: git, or Go (to build oasdiff, once)
   4  the document is no YAML, or no valid OpenAPI
   6  there are changes that are not committed, or git refuses
   7  the version goes backwards, is released already, or is not three numbers
   8  the CHANGELOG has no dated section for it, or says too little
   9  two builds differ, or the built package does not work
  10  no index is named, or it did not take the package
Whatever the code but 0, nothing is tagged, uploaded or written; after 10, what the index took of
the package is the same bytes next time.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="scripts/release",
        description="Builds, tries, tags and uploads the version that the document names.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="do all but tag, upload and record; keep nothing"
    )
    parser.add_argument(
        "--root", type=Path, default=ROOT, metavar="DIR", help="the checkout to release"
    )
    options = parser.parse_args(arguments)
    try:
        _release(options.root.absolute(), is_rehearsal=options.dry_run)
    except (ChangesError, GenerateError) as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return 0


def _release(root: Path, *, is_rehearsal: bool) -> None:
    checkout = Checkout(root)
    wanted = plan(checkout, is_rehearsal=is_rehearsal)
    commit = checkout.commit_with(_baseline(root), f"Release {wanted.version}")
    with tempfile.TemporaryDirectory(prefix="release-") as name:
        products = _make(checkout, wanted, commit, Path(name))
        if is_rehearsal:
            print(f"would tag {commit[:12]} as {wanted.tag}, with these notes:\n\n{wanted.notes}\n")
            print(f"would upload to {wanted.index or 'the index that TWINE_REPOSITORY_URL names'}")
            return
        kept = root / "dist" / wanted.version
        with _kept(products, kept):
            archives = [path for path in products if path.suffix in _ARCHIVES]
            _publish(checkout, wanted, commit, archives)
    _move_on(checkout, wanted, commit)
    print(f"released {wanted.version}: {kept.relative_to(root)} holds what was uploaded")
    print(f"push it: git push --atomic origin HEAD {wanted.tag}")


_ARCHIVES = frozenset({".whl", ".gz"})


def _baseline(root: Path) -> dict[str, bytes]:
    """What later changes will be compared with, by path."""
    folder = RELEASED.relative_to(ROOT).as_posix()
    interface = current(root)
    return {
        f"{folder}/{DOCUMENT.name}": interface.document.content,
        f"{folder}/{FACE}": to_json(interface.face or {}).encode(),
    }


def _make(checkout: Checkout, wanted: Plan, commit: str, folder: Path) -> list[Path]:
    digests = build(checkout, commit, folder / "builds")
    for path, digest in digests.items():
        print(f"built twice, same bytes: {path.name} ({path.stat().st_size:,} bytes)\n  {digest}")
    (wheel,) = [path for path in digests if path.suffix == ".whl"]
    alone = environment_with(folder / "alone", str(wheel))
    print(f"in an empty environment: {smoke_test(alone, wanted.version)}")
    source = folder / "builds" / "first" / "source"
    named = ",".join(extras_of(source / "pyproject.toml"))
    extras = environment_with(folder / "extras", f"{wheel}[{named}]")
    print(f"in one with all extras, {named}: {smoke_test_extras(extras)}")
    bill = bill_of_materials(
        extras,
        source / "pyproject.toml",
        version=wanted.version,
        required=names_in(alone),
        seconds=checkout.seconds(),
    )
    stem = wheel.name.partition("-py3")[0]
    materials, listing = folder / f"{stem}.cdx.json", folder / f"{stem}.licences.txt"
    materials.write_text(bill, encoding="utf-8")
    listing.write_text(licences(bill), encoding="utf-8")
    print(f"bill of materials: {materials.name} (CycloneDX)\n\n{licences(bill)}")
    return [*digests, materials, listing]


def _publish(checkout: Checkout, wanted: Plan, commit: str, archives: list[Path]) -> None:
    checkout.tag(wanted.tag, commit, f"Release {wanted.version}\n\n{wanted.notes}")
    try:
        upload(archives)
    except BaseException:  # an interrupted upload too: the next one brings the same bytes
        checkout.remove_tag(wanted.tag)
        raise


@contextmanager
def _kept(products: list[Path], folder: Path) -> Generator[None]:
    """Keeps the products in the folder if the block succeeds: a full disk is noticed before it."""
    staged = folder.with_name(f".{folder.name}.next")
    shutil.rmtree(staged, ignore_errors=True)
    try:
        staged.mkdir(parents=True)
        for path in products:
            shutil.copy(path, staged)
        yield
        shutil.rmtree(folder, ignore_errors=True)
        staged.rename(folder)
    finally:
        shutil.rmtree(staged, ignore_errors=True)
        with suppress(OSError):
            folder.parent.rmdir()  # where it holds nothing


def _move_on(checkout: Checkout, wanted: Plan, commit: str) -> None:
    try:
        checkout.fast_forward(commit)
    except TreeError as error:
        raise TreeError(
            f"{wanted.version} is uploaded and tagged, but the branch did not move on ({error}): "
            f"run git merge {wanted.tag}"
        ) from error


if __name__ == "__main__":
    sys.exit(main())
