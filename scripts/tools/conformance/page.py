"""docs/languages.md: its commands, sources and limits are copied from what is tested.

In the page, `<!-- NAME -->` and `<!-- end -->` hold what `NAME` says between them:

| name | between |
| --- | --- |
| `languages` | the languages with their generators |
| `generate go` | the commands that generate a language's client |
| `go/connect.go` | a source from the drivers |
| `limits` | the recorded limits |
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from conformance import languages, limits
from conformance.languages import Command, Language
from conformance.limits import Limit
from generator.document import ROOT

PAGE: Final = ROOT / "docs" / "languages.md"

_PLACE: Final = re.compile(r"^(<!-- ([^\n]+) -->\n).*?^(<!-- end -->)$", re.MULTILINE | re.DOTALL)
_FENCES: Final = {".rb": "ruby", ".rs": "rust", ".py": "python", ".sh": "bash"}
_WIDTH: Final = 96


class PageError(Exception):
    """The page names something that there is not."""


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
    if name == "limits":
        return "\n".join(_limits(known, recorded))
    if name.startswith("generate ") and name.removeprefix("generate ") in known:
        return "\n".join(_commands(known[name.removeprefix("generate ")]))
    file = languages.DRIVERS / name
    if not file.is_file():
        raise PageError(f"docs/languages.md: there is no {name!r}")
    fence = _FENCES.get(file.suffix, file.suffix[1:])
    return f"```{fence}\n{file.read_text(encoding='utf-8').rstrip()}\n```"


def _rows(known: Mapping[str, Language]) -> Iterator[str]:
    yield "| language | generator | sources |"
    yield "| --- | --- | --- |"
    for language in known.values():
        folder = f"tests/conformance/drivers/{language.name}"
        generator = language.generator.partition(" --")[0]
        yield f"| {language.title} | `{generator}` | [{language.name}](../{folder}) |"


def _commands(language: Language) -> Iterator[str]:
    yield "```console"
    for command in (*language.prepare, language.generate):
        if command[0] != "npm":
            yield from _wrapped(command)
    yield "```"


def _wrapped(command: Command) -> Iterator[str]:
    places = {"document": "moengage-personalize.yaml", "client": "client"}
    line = "$"
    for word in (word.format_map(places) for word in command):
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


def write(file: Path = PAGE) -> bool:
    """Fill the page in; tell whether it changed.

    Raises:
        PageError: A place names something that there is not.
    """
    before = file.read_text(encoding="utf-8")
    after = filled(before)
    if after != before:
        file.write_text(after, encoding="utf-8")
    return after != before
