"""Puts the commands together."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Annotated

import typer

from moengage_personalize.version import package_version

from .demo import demo
from .doctor import doctor
from .emulate import emulate
from .fetch import fetch
from .metadata import metadata
from .options import EXIT_CODES
from .report import clicked, shown
from .spool import erase, export, import_, purge, retry, status
from .types import types

__all__ = ["app"]

app = typer.Typer(
    name="moengage-personalize",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # they show local variables, and so credentials
    rich_markup_mode="rich",
    epilog=EXIT_CODES,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _prose(command: Callable[..., None]) -> str:
    """Join a docstring's lines for the help, because typer would keep its line breaks."""
    paragraphs = (inspect.getdoc(command) or "").split("\n\n")
    return "\n\n".join(paragraph.replace("\n", " ") for paragraph in paragraphs)


def _version(wanted: bool) -> None:  # noqa: FBT001  (typer calls it so)
    if wanted:
        typer.echo(package_version())
        raise typer.Exit


def moengage_personalize(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """MoEngage's Personalize API from the command line.

    Begin with demo, which needs no account. Commands that call the API take their credentials from
    MOENGAGE_WORKSPACE_ID, MOENGAGE_PERSONALIZE_API_KEY, and MOENGAGE_DATA_CENTER or
    MOENGAGE_BASE_URL. Run doctor to check them.
    """


app.callback(help=_prose(moengage_personalize))(moengage_personalize)
for _command in (demo, emulate, doctor, fetch, metadata, shown, clicked, types):
    app.command(help=_prose(_command), epilog=EXIT_CODES)(_command)

_spool = typer.Typer(
    no_args_is_help=True,
    help="Show the events of a reporter's spool (a file, or in Redis); retry, move or delete them.",
    epilog=EXIT_CODES,
)
for _verb in (status, retry, export, import_, purge, erase):
    _spool.command(_verb.__name__.rstrip("_"), help=_prose(_verb), epilog=EXIT_CODES)(_verb)
app.add_typer(_spool, name="spool")
