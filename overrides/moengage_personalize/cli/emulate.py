"""`emulate`: runs an emulator of the API on this machine until Ctrl-C."""

from __future__ import annotations

import errno
import shlex
import time
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .client_options import API_KEY, BASE_URL, DATA_CENTER, WORKSPACE_ID
from .errors import Failure, extra_needed, reported
from .exit_codes import ExitCode
from .output import Output

if TYPE_CHECKING:
    from moengage_personalize.emulator import RecordedRequest

__all__ = ["emulate", "misplaced"]

_LARGEST_PORT = 65_535


def emulate(
    *,
    port: Annotated[
        int, typer.Option(min=0, max=_LARGEST_PORT, help="The port to listen on; 0: any free one.")
    ] = 8080,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    experiences: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="A YAML file of experiences, or a Python file of typed ones. Default: the ones "
            "that ship with the emulator.",
            show_default=False,
        ),
    ] = None,
    print_experiences: Annotated[
        bool,
        typer.Option(
            "--print-experiences",
            help="Print the experiences that ship with the emulator, and do not serve: a YAML "
            "file with comments, to start your own from.",
        ),
    ] = False,
) -> None:
    """Run an emulator of the Personalize API on this machine until Ctrl-C.

    It needs the extra emulator. It prints the variables that your program needs on stdout, and then
    each request on stderr.

    Experiences, their audiences and variations come from a YAML file. To start one: emulate
    --print-experiences > experiences.yaml; then emulate --experiences experiences.yaml.
    """
    output = Output()
    with reported(output):
        with extra_needed():
            # Importing a server takes time, and the other commands need none.
            from moengage_personalize.emulator import (  # noqa: PLC0415
                ExperienceFileError,
                serve,
            )
            from moengage_personalize.emulator.workspace import (  # noqa: PLC0415
                API_KEY as ACCEPTED_KEY,
            )
            from moengage_personalize.emulator.workspace import (  # noqa: PLC0415
                WORKSPACE_ID as ACCEPTED_WORKSPACE,
            )

        if print_experiences:
            shipped = (
                resources.files("moengage_personalize.emulator.experiences") / "experiences.yaml"
            )
            typer.echo(shipped.read_text(encoding="utf-8"), nl=False)
            return

        def ready(base_url: str) -> None:
            output.show(*_instructions(base_url, ACCEPTED_WORKSPACE, ACCEPTED_KEY))

        def received(request: RecordedRequest) -> None:
            answer = "no answer" if request.status is None else request.status
            output.say(f"{time.strftime('%H:%M:%S')}  {request.method} {request.path}  {answer}")
            if request.operation == "fetchExperiences" and (hint := misplaced(request.json)):
                output.say(hint)

        try:
            serve(
                host=host,
                port=port,
                experiences=experiences,
                workspace_id=ACCEPTED_WORKSPACE,
                api_key=ACCEPTED_KEY,
                on_ready=ready,
                on_request=received,
            )
        except ExperienceFileError as error:
            raise Failure(ExitCode.REFUSED, str(error)) from None
        except OSError as error:
            raise Failure(ExitCode.CONNECTION, _not_listening(host, port, error)) from None
        output.say("Stopped.")


def _instructions(base_url: str, workspace_id: str, api_key: str) -> list[str]:
    # A client on this machine cannot call every address that the emulator may listen on.
    address = base_url.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:")
    return [
        f"The emulated Personalize API is at {address}",
        f"Workspace ID {workspace_id}, API key {api_key}. Set these variables for your program:",
        "",
        f"export {WORKSPACE_ID}={shlex.quote(workspace_id)}",
        f"export {API_KEY}={shlex.quote(api_key)}",
        f"export {BASE_URL}={shlex.quote(address)}",
        f"unset {DATA_CENTER}",
        "",
        "Ctrl-C stops it.",
    ]


def misplaced(body: object) -> str:
    """Warn of an identifier in a place where the API reads it as an in-session attribute."""
    names = ("customer_id", "user_identifiers")
    found = [name for name in names if isinstance(body, dict) and name in body]
    if not found:
        return ""
    return (
        f"          warning: {' and '.join(found)} at the top of the body is read as an in-session "
        "attribute; put it into identifiers"
    )


def _not_listening(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} of {host} is in use; choose another with --port (0: any free one)"
    return f"cannot listen on port {port} of {host}: {error.strerror}"
