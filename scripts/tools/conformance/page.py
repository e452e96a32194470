"""docs/languages.md and a page for each language: what they say is copied from what is tested.

In a page, `<!-- NAME -->` and `<!-- end -->` hold what `NAME` says between them:

| name | between |
| --- | --- |
| `languages` | the languages with their generators |
| `others` | the generators without a driver, and what was found |
| `generate go` | the commands that install a generator and generate a language's client |
| `go/connect.go` | a source from the drivers |
| `run go` | the commands that build and run the sample |
| `limits` | the recorded limits |
"""

import json
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from conformance import languages, limits
from conformance.languages import Command, Language
from conformance.limits import Limit
from generator.document import ROOT

PAGE: Final = ROOT / "docs" / "languages.md"
FOLDER: Final = PAGE.with_suffix("")

_PLACE: Final = re.compile(r"^(<!-- ([^\n]+) -->\n).*?^(<!-- end -->)$", re.MULTILINE | re.DOTALL)
_FENCES: Final = {
    ".rb": "ruby",
    ".rs": "rust",
    ".py": "python",
    ".sh": "bash",
    ".mod": "text",
}
_WIDTH: Final = 96


class PageError(Exception):
    """A page names something that there is not."""


def filled(page: str) -> str:
    """The page with every place filled in.

    Raises:
        PageError: A place names something that there is not.
    """
    known, recorded = languages.load(), limits.load()
    return _PLACE.sub(
        lambda found: f"{found[1]}{_content(found[2], known, recorded)}\n{found[3]}", page
    )


def _content(name: str, known: Mapping[str, Language], recorded: Sequence[Limit]) -> str:
    if name == "languages":
        return "\n".join(_rows(known))
    if name == "others":
        return "\n".join(_others(known))
    if name == "limits":
        return "\n".join(_limits(known, recorded))
    verb, _, of = name.partition(" ")
    if verb == "generate" and of in known:
        prepare = [command for command in known[of].prepare if command[0] != "npm"]
        return _console([*_install(known[of]), *prepare, known[of].generate])
    if verb == "run" and of in known:
        return _console([*known[of].build, known[of].sample])
    file = languages.DRIVERS / name
    if not file.is_file():
        raise PageError(f"there is no {name!r} to copy into a page")
    fence = _FENCES.get(file.suffix, file.suffix[1:])
    return f"```{fence}\n{file.read_text(encoding='utf-8').rstrip()}\n```"


def _rows(known: Mapping[str, Language]) -> Iterator[str]:
    yield "| language | generator |"
    yield "| --- | --- |"
    for language in known.values():
        if language.driver:
            generator = language.generator.partition(" --")[0]
            tools = _packages(language, "devDependencies")
            package = next((name for name in tools if name.endswith(f"/{generator}")), generator)
            yield f"| [{language.title}](languages/{language.name}.md) | `{package}` |"


def _others(known: Mapping[str, Language]) -> Iterator[str]:
    yield "| tool | result |"
    yield "| --- | --- |"
    for language in known.values():
        if not language.driver:
            folder = f"../tests/conformance/drivers/{language.name}"
            yield f"| [{language.title}]({folder}) | {language.verdict} |"


def _install(language: Language) -> Iterator[Command]:
    """What installs the tested versions; `npx` alone may find another package of that name."""
    if (language.folder / "package.json").is_file():
        for kind, option in (("dependencies", ()), ("devDependencies", ("--save-dev",))):
            pins = [f"{name}@{version}" for name, version in _packages(language, kind).items()]
            if pins:
                yield ("npm", "install", *option, *pins)
        yield ("npm", "pkg", "set", "type=module")
    if language.generate[:2] == ("go", "tool"):
        module = (language.folder / "go.mod").read_text(encoding="utf-8")
        (tool,) = re.findall(r"^tool (\S+)$", module, re.MULTILINE)
        (version,) = (
            version
            for path, version in re.findall(r"^\s*(\S+) (v\S+)", module, re.MULTILINE)
            if tool.startswith(f"{path}/")
        )
        yield ("go", "get", "-tool", f"{tool}@{version}")


def _packages(language: Language, kind: str) -> dict[str, str]:
    """The npm packages that a language's project depends on, with their versions."""
    file = language.folder / "package.json"
    project: dict[str, dict[str, str]] = (
        json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    )
    return project.get(kind, {})


def _console(commands: Sequence[Command]) -> str:
    lines = [line for command in commands for line in _wrapped(command)]
    return "\n".join(("```console", *lines, "```"))


def _wrapped(command: Command) -> Iterator[str]:
    places = {"document": "moengage-personalize.yaml", "client": "../client"}
    line = "$"
    for word in (shlex.quote(word.format_map(places)) for word in command):
        if len(line) + len(word) > _WIDTH:
            yield f"{line} \\"
            line = "   "
        line += f" {word}"
    yield line


def _limits(known: Mapping[str, Language], recorded: Sequence[Limit]) -> Iterator[str]:
    if not recorded:
        yield "None: every language passes every case."
        return
    yield "| language | cases | what it does instead |"
    yield "| --- | --- | --- |"
    cases: dict[tuple[str, str], list[str]] = {}
    for limit in recorded:
        cases.setdefault((limit.language, limit.reason), []).append(f"`{limit.case}`")
    for (language, reason), names in cases.items():
        yield f"| {known[language].title} | {', '.join(names)} | {reason} |"


def pages(folder: Path = FOLDER) -> list[Path]:
    """The page of all languages, and that of each."""
    return [folder.with_suffix(".md"), *sorted(folder.glob("*.md"))]


def write(folder: Path = FOLDER) -> bool:
    """Fill the pages in; tell whether one changed.

    Raises:
        PageError: A place names something that there is not.
    """
    changed = False
    for file in pages(folder):
        before = file.read_text(encoding="utf-8")
        after = filled(before)
        if after != before:
            file.write_text(after, encoding="utf-8")
            changed = True
    return changed
