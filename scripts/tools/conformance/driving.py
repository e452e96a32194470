"""Talks to a driver: a case in on a line, what its client read out on a line."""

import contextlib
import json
import os
import queue
import signal
import subprocess
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self

from conformance.cases import Json
from generator.document import is_mapping

_SECONDS: Final = 30.0
_END_SECONDS: Final = 5.0
_LAST_WORDS: Final = 8


class DriverError(Exception):
    """A driver gave no outcome; the message has its last words."""


class SilentDriverError(DriverError):
    """A driver gave no outcome in time, and did not end either."""


class Driver:
    """A driver's process, for as long as a `with` block lasts; one that ends is started again.

    Args:
        command: How to start it.
        folder: Where to start it.
        environment: All environment variables that it gets.
        seconds: How long it may take for an outcome.
    """

    def __init__(
        self,
        command: Sequence[str],
        folder: Path,
        environment: Mapping[str, str],
        seconds: float = _SECONDS,
    ) -> None:
        self._seconds = seconds
        self._command = command
        self._folder = folder
        self._environment = environment
        self._process: subprocess.Popen[str] | None = None
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._reader = threading.Thread()
        # What it complains of is shown only where it gives no outcome.
        self._errors = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115 -- closed by __exit__

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stop()
        self._errors.close()

    def ask(self, operation: str, arguments: Mapping[str, Json]) -> Mapping[str, Json]:
        """Hand a call to the driver; return its outcome, `read` or `error`.

        Raises:
            DriverError: There is none: the process ended, hangs, or printed something else.
        """
        process = self._process or self._start()
        line = json.dumps({"operation": operation, "arguments": arguments})
        try:
            print(line, file=_pipe(process.stdin), flush=True)
            said = self._lines.get(timeout=self._seconds)
        except BrokenPipeError:
            said = ""
        except queue.Empty:
            failure = self._failure(f"gave no outcome within {self._seconds:g} s", wait=0)
            raise SilentDriverError(str(failure)) from None
        if not said:
            raise self._failure("ended")
        try:
            outcome = json.loads(said)
        except ValueError:
            outcome = None
        if not is_mapping(outcome):
            raise self._failure(f"printed {said.strip()!r}, which is no JSON object")
        return outcome

    def _start(self) -> subprocess.Popen[str]:
        self._lines = queue.SimpleQueue()
        self._errors.seek(0)
        self._errors.truncate()
        try:
            self._process = subprocess.Popen(
                self._command,
                cwd=self._folder,
                env=self._environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                start_new_session=True,
                encoding="utf-8",
                errors="replace",
            )
        except OSError as error:
            raise DriverError(f"the driver cannot be started: {error}") from error
        self._reader = threading.Thread(
            target=_read, args=(_pipe(self._process.stdout), self._lines), daemon=True
        )
        self._reader.start()
        return self._process

    def _failure(self, problem: str, wait: float = _END_SECONDS) -> DriverError:
        self._stop(wait)
        self._errors.seek(0)
        last_words = " | ".join(self._errors.read().strip().splitlines()[-_LAST_WORDS:])
        return DriverError(f"the driver {problem}" + (f": {last_words}" if last_words else ""))

    def _stop(self, wait: float = _END_SECONDS) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(OSError):
            _pipe(process.stdin).close()  # the end of the cases is the end of the driver
        try:
            process.wait(wait)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)  # with what it started
            process.wait()
        self._reader.join()
        _pipe(process.stdout).close()


def _read(stream: IO[str], lines: queue.SimpleQueue[str]) -> None:
    for line in stream:
        lines.put(line)
    lines.put("")


def _pipe(stream: IO[str] | None) -> IO[str]:
    if stream is None:
        raise AssertionError("a driver's input and output are pipes")
    return stream
