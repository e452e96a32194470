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
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from conformance.failures import BuildError
from conformance.languages import Command, Language
from generator.document import ROOT
from generator.generation import DOCUMENT

_SECONDS: Final = 900
_LAST_WORDS: Final = 15


@dataclass(frozen=True, slots=True)
class Workshop:
    """Where clients are generated and drivers built.

    Attributes:
        cache: The folder for all of it.
        document: What clients are generated from.
        requirements: The generator, and what the client of Python depends on, pinned with hashes.
    """

    cache: Path = ROOT / ".cache" / "languages"
    document: Path = DOCUMENT
    requirements: Path = ROOT / "requirements" / "languages.txt"

    def build(self, language: Language) -> Path:
        """Generate and build what is not up to date; return the folder to run the driver in.

        Raises:
            BuildError: A command failed.
        """
        self._install_tools()
        home = self.cache / language.name
        driver, generated, built = home / "driver", home / "generated", home / "built"
        sources = [path for path in sorted(language.folder.rglob("*")) if path.is_file()]
        # A lock decides on the generator, a patch on its templates, a config on its options.
        inputs = [
            path
            for path in sources
            if path.suffix in {".diff", ".sum"} or "lock" in path.name or ".config." in path.name
        ]
        generated_from = _digest(
            [self.document, self.requirements, *inputs],
            repr((language.prepare, language.generate)),
        )
        built_from = _digest(sources, generated_from)
        if _text(built) == built_from:
            return driver
        built.unlink(missing_ok=True)
        _mirror(language.folder, sources, driver)
        if _text(generated) != generated_from:
            generated.unlink(missing_ok=True)
            shutil.rmtree(home / "client", ignore_errors=True)
            self._run(language, [*language.prepare, language.generate], driver)
            generated.write_text(generated_from)
        self._run(language, language.build, driver)
        built.write_text(built_from)
        return driver

    def command(self, language: Language, words: Command) -> list[str]:
        """A language's command with its places filled in."""
        client = self.cache / language.name / "client"
        return [word.format(document=self.document, client=client) for word in words]

    def environment(self) -> dict[str, str]:
        """What commands run with: the tools first, UTF-8, and no proxy for this machine."""
        tools = str(self._tools / "bin")
        kept = {name: text for name, text in os.environ.items() if not name.startswith("MOENGAGE_")}
        return {
            **kept,
            "PATH": os.pathsep.join([tools, os.environ.get("PATH", "")]),
            "LC_ALL": "C.UTF-8",
            "NO_PROXY": "127.0.0.1,localhost",
        }

    @property
    def _tools(self) -> Path:
        return self.cache / "tools"

    def _install_tools(self) -> None:
        """Make an environment of their own for them: what they depend on is nobody else's."""
        stamp = self._tools / "installed"
        # It has its own path written into it.
        wanted = _digest([self.requirements], f"{sys.version} {self._tools}")
        if _text(stamp) == wanted:
            return
        shutil.rmtree(self._tools, ignore_errors=True)
        python = str(self._tools / "bin" / "python")
        # With the pip of the project's environment: one of its own takes seconds to make.
        pip = [sys.executable, "-m", "pip", "--python", python]
        install = [*pip, "install", "--quiet", "--require-hashes"]
        self._execute([sys.executable, "-m", "venv", "--without-pip", str(self._tools)], ROOT)
        self._execute([*install, "-r", str(self.requirements)], ROOT)
        stamp.write_text(wanted)

    def _run(self, language: Language, commands: Iterable[Command], folder: Path) -> None:
        for words in commands:
            self._execute(self.command(language, words), folder)

    def _execute(self, words: Sequence[str], folder: Path) -> None:
        try:
            done = subprocess.run(
                words,
                cwd=folder,
                env=self.environment(),
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


def _mirror(folder: Path, sources: Iterable[Path], copy: Path) -> None:
    """Copy the sources that differ, so that a build takes up where it stopped; drop old ones."""
    copied = copy.parent / "copied"
    names = {str(source.relative_to(folder)) for source in sources}
    for name in set(_text(copied).splitlines()) - names:
        (copy / name).unlink(missing_ok=True)
    for name in names:
        target = copy / name
        if not target.is_file() or target.read_bytes() != (folder / name).read_bytes():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(folder / name, target)
    copied.write_text("\n".join(sorted(names)))


def _digest(files: Iterable[Path], text: str) -> str:
    digest = hashlib.sha256(text.encode())
    for file in sorted(files):
        digest.update(b"\0" + file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


def _text(file: Path) -> str:
    return file.read_text() if file.is_file() else ""
