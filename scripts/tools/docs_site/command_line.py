"""The reference of the command line, as Markdown, from the program itself."""

from collections.abc import Iterator
from typing import Any

from typer.core import TyperGroup
from typer.main import get_command

from moengage_personalize.cli.app import app
from moengage_personalize.cli.exit_codes import MEANINGS

__all__ = ["commands", "markdown"]

_PROGRAM = "moengage-personalize"


def commands() -> Iterator[tuple[str, Any]]:
    """Every command that does something, with its name as it is typed."""
    yield from _below(_PROGRAM, get_command(app))


def markdown() -> str:
    """A section for each command, and one for the exit codes."""
    return "\n".join([*_sections(), *_exit_codes()])


def _below(name: str, command: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401  (typer's own class)
    if not isinstance(command, TyperGroup):
        yield name, command
        return
    for word, one in command.commands.items():
        yield from _below(f"{name} {word}", one)


def _sections() -> Iterator[str]:
    for name, command in commands():
        arguments = [one for one in command.params if one.param_type_name == "argument"]
        options = [one for one in command.params if one.param_type_name == "option"]
        words = [name, *(one.metavar for one in arguments), *(["[OPTIONS]"] if options else [])]
        yield f"## {name.removeprefix(_PROGRAM).strip()}\n"
        yield f"```text\n{' '.join(words)}\n```\n"
        yield f"{command.help}\n"
        if command.params:
            yield "| argument or option | what it is |"
            yield "| --- | --- |"
        for one in arguments:
            yield f"| `{_cell(one.metavar)}` | {_cell(one.help)} |"
        for one in options:
            yield f"| {_spelled(one)} | {_cell(one.help)}{_default(one)} |"
        yield ""


def _spelled(option: Any) -> str:  # noqa: ANN401  (typer's own class)
    names = ", ".join(f"`{name}`" for name in option.opts + option.secondary_opts)
    if option.is_flag:
        return names
    return f"{names} `{_cell(option.metavar or option.type.name.upper().split()[0])}`"


def _default(option: Any) -> str:  # noqa: ANN401  (the same)
    if option.required:
        return " Required."
    if option.is_flag or option.default is None or not option.show_default:
        return ""
    return f" Default: `{_cell(option.default)}`."


def _cell(text: object) -> str:
    return str(text).replace("|", "\\|")


def _exit_codes() -> Iterator[str]:
    yield "## Exit codes\n"
    yield "They mean the same for every command.\n"
    yield "| code | meaning |"
    yield "| --- | --- |"
    for code, meaning in MEANINGS.items():
        yield f"| {code.value} | {meaning} |"
    yield ""
