"""Puts a finished folder in the place of an older one, or leaves the older one there."""

import shutil
from pathlib import Path

from generator.failures import TargetError
from generator.package import MANIFEST


def require_replaceable(target: Path) -> None:
    """Makes sure that nothing but an earlier run's output would be lost.

    Raises:
        TargetError: The target is a file, or a folder that no run has written.
    """
    if target.exists() and not _is_replaceable(target):
        raise TargetError(
            f"{target} was not written by scripts/generate (no {MANIFEST}); nothing is replaced"
        )


def recover(target: Path) -> None:
    """Puts back what a run that was killed in the middle of a swap had moved aside."""
    shutil.rmtree(_staged(target), ignore_errors=True)
    previous = _previous(target)
    if not previous.exists():
        return
    if target.exists():
        shutil.rmtree(previous)
    else:
        previous.rename(target)


def swap(new: Path, target: Path) -> None:
    """Replaces the target with a copy of the new folder; whatever fails, the old one stays.

    Raises:
        TargetError: The file system refused.
    """
    staged, previous = _staged(target), _previous(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(staged, ignore_errors=True)
        # Beside the target, so that both renames stay within one file system.
        shutil.copytree(new, staged)
        try:
            if target.exists():
                target.rename(previous)
            staged.rename(target)
        except BaseException:
            recover(target)
            raise
    except OSError as error:
        raise TargetError(f"{target} could not be replaced: {error}") from error
    finally:
        shutil.rmtree(staged, ignore_errors=True)
    shutil.rmtree(previous, ignore_errors=True)


def _is_replaceable(target: Path) -> bool:
    return target.is_dir() and ((target / MANIFEST).is_file() or not any(target.iterdir()))


def _staged(target: Path) -> Path:
    return target.with_name(f".{target.name}.next")


def _previous(target: Path) -> Path:
    return target.with_name(f".{target.name}.previous")
