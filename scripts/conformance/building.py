"""Generates a language's client and builds its driver, in a cache outside git.

`.cache/languages/<language>/` holds `client`, which the generator writes, and `driver`, a copy of
the language's folder. What has not changed is not done again.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from conformance.failures import BuildError
from conformance.languages import Command, Language
from generator.document import ROOT
from generator.generation import DOCUMENT

CACHE: Final = ROOT / ".cache" / "languages"
REQUIREMENTS: Final = ROOT / "requirements" / "languages.txt"

_SECONDS: Final = 900
_LAST_WORDS: Final = 15


def build(language: Language) -> Path:
    """Generate and build what is not up to date; return the folder to run the driver in.

    Raises:
        BuildError: A command failed.
    """
    home = CACHE / language.name
    client, driver, stamp = home / "client", home / "driver", home / "built"
    generated_from = _digest(
        [DOCUMENT, REQUIREMENTS, *language.folder.glob("*.diff"), *language.folder.glob("*lock*")],
        repr((language.prepare, language.generate)),
    )
    sources = [path for path in sorted(language.folder.rglob("*")) if path.is_file()]
    built_from = _digest(sources, generated_from + sys.version)
    if _text(stamp) == built_from:
        return driver
    stamp.unlink(missing_ok=True)
    _mirror(language.folder, sources, driver)
    _install_tools()
    if _text(home / "generated") != generated_from:
        shutil.rmtree(client, ignore_errors=True)
        _run([*language.prepare, language.generate], client, driver)
        (home / "generated").write_text(generated_from)
    _run(language.build, client, driver)
    stamp.write_text(built_from)
    return driver


def command(language: Language, words: Command) -> list[str]:
    """A language's command with the places filled in."""
    return _filled(words, CACHE / language.name / "client")


def environment() -> dict[str, str]:
    """What commands run with: the generator's programs first, UTF-8, no proxy for this machine."""
    path = os.pathsep.join([str(CACHE / "tools" / "bin"), os.environ.get("PATH", "")])
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MOENGAGE_")}
    return {**kept, "PATH": path, "LC_ALL": "C.UTF-8", "NO_PROXY": "127.0.0.1,localhost"}


def _install_tools() -> None:
    """Install the generator, and what the client of Python depends on, in a place of their own."""
    home = CACHE / "tools"
    stamp = home / "installed"
    wanted = _digest([REQUIREMENTS], sys.version)
    if _text(stamp) != wanted:
        shutil.rmtree(home, ignore_errors=True)
        pip = [str(home / "bin" / "python"), "-m", "pip", "install", "--quiet"]
        _execute([sys.executable, "-m", "venv", str(home)], ROOT)
        _execute([*pip, "--require-hashes", "-r", str(REQUIREMENTS)], ROOT)
        stamp.write_text(wanted)


def _run(commands: Iterable[Command], client: Path, folder: Path) -> None:
    for words in commands:
        _execute(_filled(words, client), folder)


def _execute(words: Sequence[str], folder: Path) -> None:
    try:
        done = subprocess.run(
            words,
            cwd=folder,
            env=environment(),
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            timeout=_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BuildError(f"{words[0]} failed: {error}") from error
    if done.returncode:
        last_words = "\n".join(done.stdout.rstrip().splitlines()[-_LAST_WORDS:])
        raise BuildError(f"{' '.join(words[:2])} ended with {done.returncode}:\n{last_words}")


def _filled(words: Iterable[str], client: Path) -> list[str]:
    places = {"document": str(DOCUMENT), "client": str(client)}
    return [word.format_map(places) for word in words]


def _mirror(folder: Path, sources: Iterable[Path], copy: Path) -> None:
    """Copy the sources that differ, so that a build takes up where it stopped; drop old ones."""
    copied = copy.parent / "copied"
    before = set(_text(copied).splitlines())
    names = {str(source.relative_to(folder)) for source in sources}
    for name in before - names:
        (copy / name).unlink(missing_ok=True)
    for name in names:
        target = copy / name
        if not target.is_file() or target.read_bytes() != (folder / name).read_bytes():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(folder / name, target)
    copied.write_text("\n".join(sorted(names)))


def _digest(files: Iterable[Path], *texts: str) -> str:
    digest = hashlib.sha256(repr(texts).encode())
    for file in sorted(files):
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


def _text(file: Path) -> str:
    return file.read_text() if file.is_file() else ""
