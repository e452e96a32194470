"""`types`: writes the workspace's experiences as Python classes."""

from __future__ import annotations

import shutil
from codecs import BOM_UTF8
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import attrs
import typer

from moengage_personalize import ExperienceMetadata, Visitor

from .client_options import Connection
from .errors import Failure, extra_needed, reported
from .exit_codes import ExitCode
from .options import (
    DEFAULT_TIMEOUT,
    ApiKeyFile,
    AsJson,
    Attributes,
    BaseUrl,
    DataCenterName,
    Timeout,
    WorkspaceId,
    visitor_from,
)
from .output import Output, table
from .type_formats import Format, write_format

if TYPE_CHECKING:
    from rich.console import RenderableType

    from moengage_personalize.content_types import Difference, Module, Workspace

__all__ = ["types"]

_SOURCES: Final = "Where values come from (default: what an anonymous visitor gets)"


class Default(StrEnum):
    """The source of the defaults of new values."""

    SAMPLE = "sample"
    NONE = "none"


def types(  # noqa: PLR0913  (each is an option)
    keys: Annotated[
        list[str] | None,
        typer.Argument(metavar="KEY...", help="Experience keys. Default: every experience."),
    ] = None,
    *,
    customer_ids: Annotated[
        list[str] | None,
        typer.Option(
            "--customer-id",
            help="A customer to fetch for. Others may get other variations. Repeatable.",
            rich_help_panel=_SOURCES,
        ),
    ] = None,
    attributes: Attributes = None,
    experiences: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="An experience file of the emulator, instead of fetches. Needs no network.",
            rich_help_panel=_SOURCES,
        ),
    ] = None,
    answers: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="A folder of recorded responses (*.json), instead of fetches.",
            rich_help_panel=_SOURCES,
        ),
    ] = None,
    output_file: Annotated[
        Path | None,
        typer.Option(
            "--output",
            metavar="FILE",
            help="The module to write or update. Default: a new one on stdout.",
            show_default=False,
        ),
    ] = None,
    defaults: Annotated[
        Default,
        typer.Option(help="The defaults of new values: from the first sample, or None."),
    ] = Default.SAMPLE,
    check: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Write nothing; compare this module with the workspace, and exit with 1 if they "
            "differ. The module is not imported.",
        ),
    ] = None,
    ignore_new: Annotated[
        bool,
        typer.Option(
            "--ignore-new",
            help="With --check: ignore new values, if classes have only the values that pages use.",
        ),
    ] = False,
    form: Annotated[
        Format,
        typer.Option(
            "--format",
            help="What to write: Python classes, JSON Schema, the OpenAPI document with the "
            "content's types (and an overlay in a second file), or TypeScript (by "
            "openapi-typescript, if installed).",
        ),
    ] = Format.PYTHON,
    as_json: AsJson = False,
    workspace_id: WorkspaceId = None,
    data_center: DataCenterName = None,
    base_url: BaseUrl = None,
    api_key_file: ApiKeyFile = None,
    timeout: Timeout = DEFAULT_TIMEOUT,
) -> None:
    """Write the workspace's experiences as Python classes, or check that such classes still fit.

    It needs the extra types. It keeps what you changed in the module: names, docstrings,
    comments, methods and defaults. It changes types that no longer fit, adds new values, and
    removes values that are gone.

    Values come from fetches. So give customers that match the experiences, and the same ones every
    time.
    """
    output = Output(as_json)
    with reported(output):
        if check is not None and output_file is not None:
            raise Failure(ExitCode.REFUSED, "give either --check or --output")
        if check is not None and form is not Format.PYTHON:
            raise Failure(ExitCode.REFUSED, "--check compares a Python module: leave --format out")
        if ignore_new and check is None:
            raise Failure(ExitCode.REFUSED, "--ignore-new needs --check")
        if as_json and check is None and output_file is None:
            raise Failure(ExitCode.REFUSED, "--json needs --check or --output")
        with extra_needed():
            # Importing its packages takes time, and the other commands need none.
            from moengage_personalize.content_types import (  # noqa: PLC0415
                AnswerError,
                ModuleError,
            )
        is_live = experiences is None and answers is None
        if not is_live and (customer_ids or attributes):
            raise Failure(
                ExitCode.REFUSED,
                "give either --experiences and --answers, or --customer-id and --attribute",
            )
        connection = Connection.from_options(
            workspace_id=workspace_id,
            data_center=data_center,
            base_url=base_url,
            api_key_file=api_key_file,
            timeout=timeout,
        )
        try:
            workspace = (
                _fetched(output, connection, keys or (), _visitors(customer_ids, attributes))
                if is_live
                else _recorded(experiences, answers)
            ).only(keys or ())
            if check is not None:
                _check(output, check, workspace, ignore_new=ignore_new)
            elif form is not Format.PYTHON:
                _refuse_unknown(workspace)
                write_format(form, output_file, workspace)
            else:
                _update(output, output_file, workspace, defaults)
        except (AnswerError, ModuleError) as error:
            raise Failure(ExitCode.REFUSED, str(error)) from None


def _visitors(
    customer_ids: Sequence[str] | None, attributes: Sequence[str] | None
) -> list[Visitor]:
    return [
        visitor_from(
            customer_id=customer_id,
            session_id=None,
            identifiers=None,
            attributes=attributes,
            user_agent=None,
            ip_address=None,
        )
        for customer_id in customer_ids or (None,)
    ]


def _fetched(
    output: Output, connection: Connection, keys: Sequence[str], visitors: Sequence[Visitor]
) -> Workspace:
    """Return the workspace from its listing and fetches."""
    from moengage_personalize.content_types import Sample, Workspace  # noqa: PLC0415  (an extra)

    samples: list[Sample] = []
    with connection.client() as client:
        listing = {entry.experience_key: entry for entry in client.metadata()}
        active = [
            key
            for key, entry in listing.items()
            if entry.status == "Active" and (not keys or key in keys)
        ]
        for visitor in visitors if active else ():
            found = client.fetch(*active, visitor=visitor)
            # An unreadable answer lacks values that are not gone.
            samples += [
                Sample.from_experience(experience)
                for experience in found.values()
                if experience.error is None
            ]
            for key, error in found.errors.items():
                output.say(f"{key}: {error}")
    return Workspace(listing, tuple(samples))


def _recorded(experiences: Path | None, answers: Path | None) -> Workspace:
    """Return the workspace from files."""
    from moengage_personalize.content_types import (  # noqa: PLC0415  (an extra)
        Sample,
        Workspace,
        read_answers,
    )

    workspace = Workspace(None, ())
    if experiences is not None:
        with extra_needed():
            from moengage_personalize.emulator import ExperienceFileError  # noqa: PLC0415
            from moengage_personalize.emulator.experiences.file import read  # noqa: PLC0415
        try:
            catalogue = list(read(experiences))
        except ExperienceFileError as error:
            raise Failure(ExitCode.REFUSED, str(error)) from None
        workspace = Workspace(
            {one.key: ExperienceMetadata(one.key, one.name, one.status) for one in catalogue},
            tuple(
                Sample.from_content(one.key, variation.content)
                for one in catalogue
                for variation in one.variations
            ),
        )
    if answers is not None:
        recorded = read_answers(answers)
        listings = [one.listing for one in (workspace, recorded) if one.listing is not None]
        joined = {key: entry for listing in listings for key, entry in listing.items()}
        workspace = Workspace(joined if listings else None, workspace.samples + recorded.samples)
    return workspace


def _module(file: Path) -> Module:
    from moengage_personalize.content_types import Module  # noqa: PLC0415  (an extra)

    try:
        text = file.read_bytes().removeprefix(BOM_UTF8).decode()
    except OSError as error:
        raise Failure(ExitCode.REFUSED, f"{file}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise Failure(ExitCode.REFUSED, f"{file}: must be UTF-8") from None
    return Module.from_text(text, str(file))


def _write(file: Path, text: str) -> None:
    """Replace the file in one step, because it may hold what a person wrote."""
    place = file.resolve()
    part = place.with_name(f".{place.name}.part")
    try:
        is_there = place.exists()
        mark = BOM_UTF8 if is_there and place.read_bytes().startswith(BOM_UTF8) else b""
        part.write_bytes(mark + text.encode())
        if is_there:
            shutil.copymode(place, part)
        part.replace(place)
    except OSError as error:
        raise Failure(ExitCode.REFUSED, f"--output: {file}: {error.strerror}") from None


def _update(output: Output, file: Path | None, workspace: Workspace, defaults: Default) -> None:
    from moengage_personalize.content_types import updated  # noqa: PLC0415  (an extra)

    module = _module(file) if file is not None and file.exists() else None
    _refuse_unknown(workspace, {one.key for one in module.experiences} if module else ())
    for entry in workspace.unmatched:
        output.say(f"{entry.experience_key}: {entry.status}, but in no sample")
    if module is None and not workspace.samples:
        raise Failure(ExitCode.NOT_FOUND, "no experience to write a class for")
    update = updated(module, workspace, defaults=defaults.value, file=file)
    if file is None:
        typer.echo(update.text, nl=False)
        return
    _write(file, update.text)
    output.show(_table([*update.changes, *update.left], update.added))
    for base in sorted({one.inherited_from for one in update.left}):
        output.say(f"{base}: not changed, because other classes inherit from it")
    output.document(
        {
            "added": list(update.added),
            "changed": [attrs.asdict(change) for change in update.changes],
            "left": [attrs.asdict(one) for one in update.left],
            "unmatched": [entry.experience_key for entry in workspace.unmatched],
        }
    )


def _refuse_unknown(workspace: Workspace, written: Iterable[str] = ()) -> None:
    """Refuse a key that is in neither the workspace nor a module, and probably mistyped."""
    known = {*(workspace.listing or {}), *(one.key for one in workspace.samples), *written}
    for key in sorted(workspace.keys - known):
        near = " or ".join(get_close_matches(key, sorted(known)))
        raise Failure(
            ExitCode.NOT_FOUND,
            f"{key}: there is no such experience" + (f"; did you mean {near}?" if near else ""),
        )


def _check(output: Output, file: Path, workspace: Workspace, *, ignore_new: bool) -> None:
    from moengage_personalize.content_types import differences  # noqa: PLC0415  (an extra)

    module = _module(file)
    known = {one.key for one in module.experiences}
    if not known:
        raise Failure(ExitCode.REFUSED, f"{file}: has no class for an experience")
    if unknown := sorted(workspace.keys - known):
        raise Failure(ExitCode.REFUSED, f"{file}: has no class for {', '.join(unknown)}")
    found = [
        one
        for one in differences(module, workspace)
        if not (ignore_new and one.problem == "new value")
    ]
    compared = {sample.key for sample in workspace.samples} | {one.key for one in found}
    keys = [one.key for one in module.experiences if workspace.is_about(one.key)]
    unseen = [key for key in keys if key not in compared]
    output.show(
        _table(found)
        if found
        else f"No difference in {len(keys) - len(unseen)} of {len(keys)} experiences."
    )
    output.document({"differences": [attrs.asdict(one) for one in found], "not_compared": unseen})
    for key in unseen:
        output.say(f"{key}: in no sample, so its values are not compared")
    if found:
        raise typer.Exit(ExitCode.NOT_FOUND)


def _table(found: Sequence[Difference], added: Sequence[str] = ()) -> RenderableType | str:
    rows: list[tuple[str, ...]] = [
        (
            one.key,
            one.value,
            one.problem,
            one.in_module
            + (f", inherited from {one.inherited_from}" if one.inherited_from else ""),
            one.in_workspace,
        )
        for one in found
    ]
    rows += [(key, "", "new experience", "", "") for key in added]
    if not rows:
        return "Nothing to change."
    return table(("Experience", "Value", "Difference", "In the module", "In the workspace"), rows)
