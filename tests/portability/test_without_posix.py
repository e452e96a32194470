"""The package where Python has only what it has on every system: no fork, no fcntl."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.helpers import SCRIPT
from moengage_personalize.emulator import Emulator
from moengage_personalize.reporter.spool import SQLiteSpool
from support import CONTEXT

REMOVAL = """
import os, signal, sys

for module in ("fcntl", "grp", "pwd", "resource", "syslog", "termios"):
    sys.modules[module] = None
for owner, names in {
    os: "fork forkpty geteuid getuid register_at_fork wait4",
    signal: "SIGALRM SIGCHLD SIGHUP SIGKILL SIGUSR1 SIGUSR2 pthread_sigmask setitimer",
}.items():
    for name in names.split():
        delattr(owner, name)
"""
"""Run by the interpreter before anything else, as `sitecustomize`."""

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(emulator: Emulator, tmp_path: Path) -> Run:
    """Run a command without the names of POSIX, pointed at the emulator; it must exit with 0."""
    site = tmp_path / "site"
    site.mkdir()
    site.joinpath("sitecustomize.py").write_text(REMOVAL)
    environment = {
        **os.environ,
        "PYTHONPATH": str(site),
        "MOENGAGE_WORKSPACE_ID": emulator.workspace_id,
        "MOENGAGE_PERSONALIZE_API_KEY": emulator.api_key,
        "MOENGAGE_BASE_URL": emulator.base_url,
    }
    environment.pop("MOENGAGE_DATA_CENTER", None)

    def start(
        *command: str | Path, stdin: str = "", code: int = 0
    ) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            command,
            input=stdin,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=60,
            env=environment,
            check=False,
        )
        assert done.returncode == code, done.stderr
        return done

    return start


def python(program: str) -> tuple[str, str, str]:
    """The command that runs a program which prints what it saw."""
    return (sys.executable, "-c", f"CONTEXT = {CONTEXT!r}\n{textwrap.dedent(program)}")


def test_the_names_are_gone(run: Run) -> None:
    """Otherwise the tests below would prove nothing."""
    program = """
    import importlib.util, os
    print(importlib.util.find_spec("fcntl"), hasattr(os, "fork"), hasattr(os, "register_at_fork"))
    """
    assert run(*python(program)).stdout.split() == ["None", "False", "False"]


@pytest.mark.parametrize("library", ["httpx", "pyreqwest"])
def test_the_client_fetches_and_reports(emulator: Emulator, run: Run, library: str) -> None:
    """Sync and async."""
    program = f"""
    import asyncio
    from moengage_personalize import AsyncPersonalizeClient, PersonalizeClient

    with PersonalizeClient.from_env(transport={library!r}) as client:
        banner = client.fetch("homepage-banner", visitor="sync")["homepage-banner"]
        client.shown(banner, visitor="sync")

    async def main():
        async with AsyncPersonalizeClient.from_env(transport={library!r}) as client:
            banner = (await client.fetch("homepage-banner", visitor="async"))["homepage-banner"]
            await client.shown(banner, visitor="async")

    asyncio.run(main())
    """
    run(*python(program))
    assert [event.customer_id for event in emulator.events] == ["sync", "async"]


def test_the_reporter_delivers_from_memory(emulator: Emulator, run: Run) -> None:
    """And leaves nothing behind."""
    program = """
    from moengage_personalize import EventReporter, PersonalizeClient

    with PersonalizeClient.from_env() as client, EventReporter(client) as reporter:
        reporter.shown(CONTEXT, visitor="ada")
        reporter.flush(timeout=10)
        print(reporter.stats.delivered, reporter.stats.pending)
    """
    assert run(*python(program)).stdout.split() == ["1", "0"]
    assert [event.customer_id for event in emulator.events] == ["ada"]


@pytest.mark.usefixtures("measured")
def test_the_reporter_refuses_a_file(run: Run, tmp_path: Path) -> None:
    """With the alternatives in the error, and nothing on the disk."""
    spool = tmp_path / "spool" / "events.db"
    program = f"""
    from moengage_personalize import EventReporter, InvalidArgumentError, PersonalizeClient

    with PersonalizeClient.from_env() as client:
        try:
            EventReporter(client, spool={str(spool)!r})
        except InvalidArgumentError as error:
            print(error.field, error)
    """
    told = run(*python(program)).stdout
    assert told.startswith("spool spool: a file needs a POSIX system")
    assert "spool=None" in told
    assert "RedisSpool" in told
    assert not spool.parent.exists()


def test_the_commands_fetch_and_report(emulator: Emulator, run: Run) -> None:
    """As a shell pipes one into the other."""
    who = ("--customer-id", "ada")
    fetched = run(SCRIPT, "fetch", "homepage-banner", *who, "--json").stdout
    run(
        SCRIPT, "shown", "--context", "-", "homepage-banner", *who,
        stdin=fetched,
    )  # fmt: skip
    assert [event.customer_id for event in emulator.events] == ["ada"]


def test_the_demo_runs_with_an_emulator_of_its_own(run: Run) -> None:
    """So the emulator, too, needs no POSIX."""
    assert run(SCRIPT, "demo").stdout


def test_the_commands_only_read_a_file(run: Run, tmp_path: Path) -> None:
    """One that came from elsewhere can be looked at; nothing is worked on."""
    file = tmp_path / "events.db"
    SQLiteSpool(file).close()
    assert run(SCRIPT, "spool", "export", file).stdout == ""
    assert "accepted" in run(SCRIPT, "spool", "status", file).stdout
    assert "needs a POSIX system" in run(SCRIPT, "spool", "retry", file, code=2).stderr
