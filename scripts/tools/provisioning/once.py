"""Folders that are made once, however many processes ask for them at the same time."""

import fcntl
import tempfile
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

from generator.document import ROOT

CACHE = ROOT / ".cache"


def made_once(place: Path, make: Callable[[Path], None]) -> Path:
    """Returns a folder that the first caller makes, while later ones wait for it.

    Args:
        place: The folder. Its name should tell what it is made from, because it is never remade.
        make: Fills an empty folder. When it raises, there is no folder, and the next caller tries
            again.
    """
    if place.is_dir():
        return place
    with turn(place.name, place.parent):
        if not place.is_dir():
            with tempfile.TemporaryDirectory(prefix="unfinished-", dir=place.parent) as folder:
                unfinished = Path(folder, place.name)
                unfinished.mkdir()
                make(unfinished)
                unfinished.rename(place)
    return place


@contextmanager
def turn(name: str, folder: Path = CACHE) -> Generator[None]:
    """Lets one process at a time into the block; the kernel lets go of a killed one's lock."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
