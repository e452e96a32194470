"""The languages: one folder each in `tests/conformance/drivers/`, described by its `language.toml`.

A folder holds the sources that a reader of that language may copy: how to connect, a sample (fetch,
shown, clicked), and the driver that runs the cases. Its build file pins what it depends on.

Some generators have no driver: one program calls each operation once, and a `verdict` says on the
page what was found.
"""

import tomllib
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

from conformance.cases import CONFORMANCE

DRIVERS: Final = CONFORMANCE / "drivers"
DESCRIPTION: Final = "language.toml"

Command = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Program:
    """A program that a language needs.

    Attributes:
        name: What is run.
        probe: Arguments that succeed where the program has all that the language needs of it.
        packages: Debian's packages that bring it; empty where it has none of the wanted version.
        advice: What brings it otherwise, in words.
    """

    name: str
    probe: Command
    packages: Command = ()
    advice: str = ""

    @property
    def brought_by(self) -> str:
        """What brings it, in words."""
        return self.advice or f"apt-get install {' '.join(self.packages)}"


@dataclass(frozen=True, slots=True)
class Language:
    """One language, its generator, and how its driver is built and run.

    In commands, `{document}` is the OpenAPI document and `{client}` the folder to generate into.
    All of them run in a copy of the language's folder, beside the generated client.

    Attributes:
        name: The folder's name, and what `scripts/languages` calls it.
        title: The language's own name.
        programs: What must be installed.
        prepare: Commands before the generator's.
        generate: The command that generates the client.
        build: Commands after it.
        driver: The command that runs the cases; empty for a generator without a driver.
        sample: The command that runs the sample or, without a driver, calls each operation once.
        verdict: What docs/languages.md says of a generator without a driver.
        folder: Where the sources are.
    """

    name: str
    title: str
    programs: tuple[Program, ...]
    prepare: tuple[Command, ...]
    generate: Command
    build: tuple[Command, ...]
    driver: Command
    sample: Command
    verdict: str
    folder: Path

    @property
    def generator(self) -> str:
        """The generator and its options, as a person would write them."""
        dull = {"npx", "generate", "-i", "-o", "-g"}
        return " ".join(
            word
            for before, word in pairwise(("", *self.generate))
            if before != "-o" and "{" not in word and word not in dull
        )


def load(folder: Path = DRIVERS) -> dict[str, Language]:
    """All languages by name."""
    return {file.parent.name: _language(file) for file in sorted(folder.glob(f"*/{DESCRIPTION}"))}


def _language(file: Path) -> Language:
    described = tomllib.loads(file.read_text(encoding="utf-8"))
    return Language(
        name=file.parent.name,
        title=described["title"],
        programs=tuple(
            Program(
                name,
                tuple(program["probe"]),
                tuple(program.get("packages", ())),
                program.get("advice", ""),
            )
            for name, program in described["programs"].items()
        ),
        prepare=tuple(map(tuple, described.get("prepare", ()))),
        generate=tuple(described["generate"]),
        build=tuple(map(tuple, described.get("build", ()))),
        driver=tuple(described.get("driver", ())),
        sample=tuple(described["sample"]),
        verdict=described.get("verdict", ""),
        folder=file.parent,
    )
