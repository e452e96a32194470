"""`spool`: show a reporter's spool, retry its dead letters, move or delete its events."""

from __future__ import annotations

import copy
import json
import sys
import time
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from moengage_personalize import Event, EventReporter
from moengage_personalize.errors import InvalidArgumentError
from moengage_personalize.models.events import checked_events
from moengage_personalize.reporter.spool import Contents, SpoolCounts
from moengage_personalize.reporter.spool.event_codec import from_json

from .client_options import Connection
from .errors import Failure, reported
from .exit_codes import ExitCode
from .options import (
    DEFAULT_TIMEOUT,
    ApiKeyFile,
    AsJson,
    BaseUrl,
    DataCenterName,
    Timeout,
    WorkspaceId,
)
from .output import Output, table
from .spool_place import contents, erase_from_aside, exported, opened, private, set_aside

__all__ = ["erase", "export", "import_", "purge", "retry", "status"]

_PATIENCE = 3
"""The number of failures in a row, with growing waits between them, before a retry gives up."""
_STALLED_SECONDS = 60.0
"""How long to wait without error and progress: longer than the lease of a process that died."""

Place = Annotated[
    str,
    typer.Argument(
        metavar="FILE|URL", help="The reporter's spool file, or the URL of its Redis server."
    ),
]
Name = Annotated[str, typer.Option("--name", help="The prefix of the keys in Redis.")]
_NAME = "moengage:events"


def status(place: Place, *, name: Name = _NAME, as_json: AsJson = False) -> None:
    """Show how many events were delivered, wait or were lost, and list the dead letters.

    It changes no file. If the file is damaged, it says so.
    """
    output = Output(as_json)
    with reported(output):
        found = contents(place, name)
        counts = found.counts or SpoolCounts(pending=len(found.pending), dead=len(found.dead))
        figures = {
            "accepted": counts.accepted,
            "delivered": counts.delivered,
            "pending": counts.pending,
            "dead": counts.dead,
            **{f"dropped: {reason}": count for reason, count in counts.dropped.items()},
        }
        output.show(table(("Events", "Count"), list(figures.items())))
        if found.dead:
            rows = [
                (event.uuid.hex, event.action.name.lower(), reason) for event, reason in found.dead
            ]
            output.show(table(("Dead letter", "Action", "The API's reason"), rows))
        _say_damage(output, found)
        output.document(
            {
                "accepted": counts.accepted,
                "delivered": counts.delivered,
                "pending": counts.pending,
                "dead": counts.dead,
                "dropped": dict(counts.dropped),
                "is_damaged": found.is_damaged,
                "dead_letters": [
                    {"uuid": str(event.uuid), "reason": reason} for event, reason in found.dead
                ],
            }
        )


def retry(  # noqa: PLR0913  (each is an option)
    place: Place,
    *,
    name: Name = _NAME,
    later: Annotated[
        bool,
        typer.Option(
            "--later", help="Only make the dead letters pending. A running reporter delivers them."
        ),
    ] = False,
    as_json: AsJson = False,
    workspace_id: WorkspaceId = None,
    data_center: DataCenterName = None,
    base_url: BaseUrl = None,
    api_key_file: ApiKeyFile = None,
    timeout: Timeout = DEFAULT_TIMEOUT,
) -> None:
    """Make the dead letters pending again, and deliver all that is pending.

    Events keep their UUIDs, so none can count twice.
    """
    output = Output(as_json)
    with reported(output), opened(place, name) as spool:
        if later:
            _conclude(output, retried=spool.retry_dead(), counts=spool.counts())
            return
        connection = Connection.from_options(
            workspace_id=workspace_id,
            data_center=data_center,
            base_url=base_url,
            api_key_file=api_key_file,
            timeout=timeout,
        )
        with connection.client() as client:
            retried = spool.retry_dead()
            reporter = EventReporter(
                client, spool=spool, request_timeout=timeout, lease=timeout + 20
            )
            try:
                _deliver(reporter, seconds=timeout + _STALLED_SECONDS)
                stats = reporter.stats
            finally:
                reporter.close(timeout=1)
        _conclude(output, retried=retried, counts=stats, is_done=stats.last_error is None)
        if stats.last_error is not None:
            error = copy.copy(stats.last_error)
            error.undelivered = ()  # they are in the file, so nobody has to repeat them by hand
            raise error


def export(
    place: Place,
    *,
    name: Name = _NAME,
    to: Annotated[
        Path | None, typer.Option("--to", help="The file to write. Default: stdout.")
    ] = None,
) -> None:
    """Write pending events and dead letters as JSON lines, customer IDs included.

    It does not change the spool file. From a damaged one, it writes all events that can be read.
    """
    output = Output()
    with reported(output):
        found = contents(place, name)
        lines = (json.dumps(line) + "\n" for line in exported(found))
        try:
            if to is None:
                sys.stdout.writelines(lines)
            else:
                with open(to, "x", encoding="utf-8", opener=private) as target:
                    target.writelines(lines)
        except OSError as error:
            raise Failure(ExitCode.REFUSED, f"{to or 'stdout'}: {error.strerror}") from None
        _say_damage(output, found)


def purge(
    place: Place,
    *,
    name: Name = _NAME,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask first.")] = False,
    as_json: AsJson = False,
) -> None:
    """Drop the dead letters for good; pending events stay. Export them first."""
    output = Output(as_json)
    with reported(output), opened(place, name) as spool:
        dead = spool.counts().dead
        if dead and not yes and not typer.confirm(f"Drop {dead} dead letters for good?", err=True):
            raise Failure(ExitCode.NOT_FOUND, "nothing was dropped")
        purged = spool.purge_dead("purged")
        output.show(f"Dropped: {purged}.")
        output.document({"purged": purged})


def import_(
    place: Place,
    *,
    lines: Annotated[Path, typer.Option("--from", help="What `spool export` wrote.")],
    name: Name = _NAME,
    as_json: AsJson = False,
) -> None:
    """Add exported events: pending ones are delivered, dead letters stay dead letters.

    Events keep their UUIDs, so none can count twice. All lines are checked before any is added. The
    spool file is created if it does not exist.
    """
    output = Output(as_json)
    with reported(output):
        try:
            text = lines.read_text(encoding="utf-8").rstrip()
            added = [
                _imported(line, f"{lines}, line {number}")
                for number, line in enumerate(text.split("\n") if text else (), 1)
            ]
        except OSError as error:
            raise Failure(ExitCode.REFUSED, f"{lines}: {error.strerror}") from None
        except UnicodeDecodeError:
            raise Failure(ExitCode.REFUSED, f"{lines}: must be UTF-8") from None
        with opened(place, name, may_be_new=True) as spool:
            for event, reason in added:
                spool.restore(event, reason)
        output.show(f"Added: {len(added)}.")
        output.document({"added": len(added)})


def erase(
    place: Place,
    *,
    customer: Annotated[str, typer.Option("--customer", help="The customer whose events to drop.")],
    name: Name = _NAME,
    as_json: AsJson = False,
) -> None:
    """Drop all events of a customer: pending, leased and dead ones, and those in set-aside files.

    If a set-aside file has such events, it is replaced by a file with its other events, which
    `spool import` reads.
    """
    output = Output(as_json)
    with reported(output):
        aside = set_aside(place)
        erased = 0
        if not aside or Path(place).exists():  # the file may be gone while set-aside ones remain
            with opened(place, name) as spool:
                erased = spool.erase(customer)
        output.show(f"Erased: {erased}.")
        files: dict[str, int] = {}
        unread: list[Failure] = []
        for file in aside:
            try:
                found = erase_from_aside(file, customer)
            except Failure as failure:
                unread.append(failure)
                continue
            if found:
                files[str(file)] = found
                others = f"{str(file).removesuffix('.jsonl')}.jsonl"
                output.show(f"Erased from {file}: {found}. The others are in {others}.")
        output.document({"erased": erased, "set_aside": files, "unread": list(map(str, unread))})
        if unread:
            told = "; ".join(map(str, unread))
            raise Failure(ExitCode.NOT_FOUND, f"could not be searched; remove it yourself: {told}")


def _imported(line: str, place: str) -> tuple[Event, str | None]:
    try:
        kept: Any = json.loads(line)
        event = from_json(kept)
        list(checked_events([] if event is None else [event]))
    except InvalidArgumentError as error:  # it cannot be sent
        field = error.field.removeprefix("events[0].")
        raise Failure(ExitCode.REFUSED, f"{place}: {field}: {error.problem}") from None
    except (ValueError, RecursionError):
        kept, event = {}, None
    if event is None:
        raise Failure(ExitCode.REFUSED, f"{place}: is not from `spool export`")
    return event, str(kept.get("reason", "")) if kept.get("state") == "dead" else None


def _say_damage(output: Output, found: Contents) -> None:
    if found.unreadable:
        output.say(f"Unreadable events skipped: {found.unreadable}.")
    if not found.is_whole:
        output.say("Parts of the file are damaged; events in them were skipped.")


def _deliver(reporter: EventReporter, *, seconds: float) -> None:
    """Deliver until nothing is left or it keeps failing, and show the progress.

    Args:
        reporter: The reporter that delivers.
        seconds: How long to wait for progress if no delivery fails.
    """
    total = reporter.stats.pending
    columns = (TextColumn("Delivering"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    failures, left, moved_at = 0, total, time.monotonic()
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("", total=total)
        while failures < _PATIENCE and not reporter.flush(timeout=1.0):
            stats = reporter.stats
            if stats.paused:
                return
            if stats.pending != left:
                failures, left, moved_at = 0, stats.pending, time.monotonic()
            elif stats.last_error:
                failures += 1
            elif time.monotonic() - moved_at > seconds:
                raise Failure(
                    ExitCode.REFUSED,
                    f"{left} events stay pending, and no delivery fails: the file is damaged, "
                    "or another process holds it or has leased these events",
                )
            progress.update(task, completed=total - left)
        progress.update(task, completed=total - reporter.stats.pending)


def _conclude(output: Output, *, retried: int, counts: SpoolCounts, is_done: bool = True) -> None:
    output.show(
        f"Dead letters made pending: {retried}.",
        f"Delivered so far: {counts.delivered}. Pending: {counts.pending}. Dead: {counts.dead}.",
    )
    if is_done:
        output.document(
            {
                "retried": retried,
                "delivered": counts.delivered,
                "pending": counts.pending,
                "dead": counts.dead,
            }
        )
