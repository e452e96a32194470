"""Opens the file of an SQLite spool, and creates its tables."""

from __future__ import annotations

import logging
import os
import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from moengage_personalize.errors import InvalidArgumentError
from moengage_personalize.reporter.spool.base import SpoolCounts

from .busy_retry import PatientConnection

__all__ = [
    "Identity",
    "connect",
    "identity",
    "is_damaged_or_empty",
    "is_ours",
    "locked",
    "open_file",
    "read_counts",
    "real_path",
    "require_posix",
]

Identity = tuple[int, int]
"""Distinguishes a file from another one with the same name."""

_log: Final = logging.getLogger("moengage_personalize.reporter.spool")
_IS_POSIX: Final = find_spec("fcntl") is not None
_OLDEST_SQLITE: Final = (3, 26, 0)
"""The version of RHEL 8, the oldest in the tests."""
_VERSION: Final = 1
_OF_OURS: Final = 2  # of our tables, found by name
_SCHEMA: Final = """
CREATE TABLE pending (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    customer_id TEXT NOT NULL,
    body TEXT NOT NULL,
    owner TEXT,
    leased_until REAL NOT NULL DEFAULT 0
);

CREATE TABLE dead (id INTEGER PRIMARY KEY, body TEXT NOT NULL, reason TEXT NOT NULL);

CREATE TABLE dropped (reason TEXT PRIMARY KEY, events INTEGER NOT NULL);

CREATE TABLE counts (
    accepted INTEGER NOT NULL, delivered INTEGER NOT NULL,
    rows INTEGER NOT NULL, bytes INTEGER NOT NULL
);

INSERT INTO counts VALUES (0, 0, 0, 0);

CREATE TRIGGER accepted AFTER INSERT ON pending BEGIN
    UPDATE counts SET
        accepted = accepted + 1, rows = rows + 1, bytes = bytes + length(NEW.body);
END;

CREATE TRIGGER removed AFTER DELETE ON pending BEGIN
    UPDATE counts SET rows = rows - 1, bytes = bytes - length(OLD.body);
END;
"""

_HEADER: Final = b"SQLite format 3\0"
_FIRST_PAGES: Final = 65_536
_MARKS: Final = [
    line.rstrip(";").encode()
    for line in _SCHEMA.splitlines()
    if line.startswith("CREATE") and not line.endswith("(")
]
"""The lines of the schema that a file of another program is unlikely to have."""


def real_path(path: str | os.PathLike[str]) -> Path:
    """Follow links, because SQLite keeps its log next to the real file."""
    return Path(os.path.realpath(path))  # unlike `Path.resolve`, it never raises for a link loop


def identity(path: Path) -> Identity | None:
    """Return the identity of the file at this path now, if any."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def require_posix() -> None:
    """Raise `InvalidArgumentError` on other systems.

    SQLite itself would work. But a file names customers, and Windows has no mode 0600. Processes
    that find the file corrupt need a lock on its folder, and must rename it while it is open.
    """
    if not _IS_POSIX:
        raise InvalidArgumentError(
            "a file needs a POSIX system, such as Linux or macOS; "
            "here, keep events in memory (spool=None) or in Redis (RedisSpool)",
            field="spool",
        )


def open_file(path: Path) -> tuple[sqlite3.Connection, Identity | None]:
    """Open a file; create it if it does not exist.

    Raises:
        InvalidArgumentError: The system is not POSIX.
        sqlite3.Error: The file cannot be opened or read, or was written by a newer version; or
            SQLite is too old.
        OSError: The file or its folder cannot be created.
    """
    require_posix()
    if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
        oldest = ".".join(map(str, _OLDEST_SQLITE))
        raise sqlite3.NotSupportedError(
            f"a file needs SQLite {oldest} or newer; this Python has {sqlite3.sqlite_version}"
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    # SQLite would make the file readable for everybody, and it names customers. An existing file is
    # not opened here: closing any descriptor of it would end the locks of this process.
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    # If the file were set aside before its first page is read, SQLite would find the log of the new
    # file under its name, and write that log into the old file.
    with locked(path.parent, shared=True):
        opened = identity(path)
        connection = connect(path)
        try:
            _check_version(connection)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("BEGIN IMMEDIATE")
            if _check_version(connection) == 0:
                _make_tables(connection)
            _mend_account(connection)
            connection.execute("COMMIT")
            _check_place(path, opened)
        except BaseException:
            connection.close()
            raise
    return connection, opened


@contextmanager
def locked(folder: Path, *, shared: bool = False) -> Generator[None]:
    """Lock a folder: `shared` to open files in it, alone to set a file aside."""
    import fcntl  # noqa: PLC0415  (not on every system; `open_file` refuses those without it)

    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def is_ours(path: Path) -> bool:
    """Return whether a file that may be damaged is a spool, and not a file of another program.

    Call it with the folder `locked` alone, so that no file is being opened. A file that this
    process has open has a log next to it, and is not read here: reading it would end its locks.
    """
    aside = f"{path.name}.corrupt-"
    return (
        any(path.with_name(f"{path.name}{suffix}").exists() for suffix in ("-wal", "-shm"))
        or any(mark in _first_pages(path) for mark in _MARKS)
        or any(other.name.startswith(aside) for other in path.parent.iterdir())
    )


def is_damaged_or_empty(path: Path) -> bool:
    """Return whether an SQLite file has no readable tables; call it like `is_ours`, after it."""
    if not _first_pages(path).startswith(_HEADER):
        return False
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?immutable=1", uri=True)) as connection:
            return not connection.execute("SELECT name FROM sqlite_master").fetchall()
    except sqlite3.DatabaseError:
        return True


def _first_pages(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_FIRST_PAGES)


def connect(path: Path) -> sqlite3.Connection:
    """Connect to an existing file. SQLite may not create it, because all could read it then."""
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rw",
        uri=True,
        timeout=0,
        isolation_level=None,
        factory=PatientConnection,
        check_same_thread=False,
    )
    # Damaged bytes must not fail the whole query: `from_text` finds them.
    connection.text_factory = _decoded
    try:
        connection.execute("PRAGMA synchronous = NORMAL")
        # The spool's folder may be the only writable one.
        connection.execute("PRAGMA temp_store = MEMORY")
        # Without this, every thousandth `put` would write the whole log to disk.
        connection.execute("PRAGMA wal_autocheckpoint = 0")
    except BaseException:
        connection.close()
        raise
    return connection


def read_counts(connection: sqlite3.Connection) -> SpoolCounts:
    """Return what became of every event of a file."""
    accepted, delivered, rows = connection.execute(
        "SELECT accepted, delivered, rows FROM counts"
    ).fetchone()
    (dead,) = connection.execute("SELECT count(*) FROM dead").fetchone()
    dropped = dict(connection.execute("SELECT reason, events FROM dropped WHERE events > 0"))
    return SpoolCounts(accepted, delivered, rows, dead, dropped)


def _decoded(text: bytes) -> str:
    return text.decode(errors="surrogateescape")


def _check_version(connection: sqlite3.Connection) -> int:
    """Return the file's version, 0 for a new file; refuse a newer one."""
    # In one statement, because another process may be creating the tables right now.
    version, tables, ours = connection.execute(
        "SELECT (SELECT user_version FROM pragma_user_version), count(*), "
        "sum(name IN ('counts', 'pending')) FROM sqlite_master"
    ).fetchone()
    if version > _VERSION:
        raise sqlite3.NotSupportedError("the file was written by a newer version of this package")
    if tables and not (version and ours == _OF_OURS):
        raise sqlite3.NotSupportedError("the file is a database of another program")
    return int(version)


def _check_place(path: Path, opened: Identity | None) -> None:
    if identity(path) != opened:
        raise sqlite3.OperationalError("the file was replaced while it was opened")


def _make_tables(connection: sqlite3.Connection) -> None:
    for statement in _SCHEMA.split("\n\n"):  # `executescript` would commit between them
        connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {_VERSION}")


def _mend_account(connection: sqlite3.Connection) -> None:
    """Count the events in the file again; the number of delivered ones is lost."""
    ((settled,),) = connection.execute(
        "SELECT (SELECT count(*) FROM dead) + (SELECT coalesce(sum(events), 0) FROM dropped)"
    ).fetchall()
    all_counts = connection.execute(
        "SELECT accepted, delivered, rows, bytes FROM counts"
    ).fetchall()
    if len(all_counts) == 1 and all(isinstance(one, int) and one >= 0 for one in all_counts[0]):
        accepted, delivered, rows, _ = all_counts[0]
        if accepted == delivered + rows + settled:
            return
    _log.error(
        "the counts of a spool were damaged; they are counted again, without delivered events"
    )
    connection.execute("DELETE FROM counts")
    connection.execute(
        "INSERT INTO counts SELECT count(*) + ?, 0, count(*), "
        "coalesce(sum(length(CAST(body AS TEXT))), 0) FROM pending",
        (settled,),
    )
