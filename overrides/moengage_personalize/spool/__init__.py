"""Where events wait until they are delivered: a small protocol and what keeps to it."""

from .memory import MemorySpool
from .protocol import (
    DEAD_LETTERS_FULL,
    UNREADABLE,
    Account,
    DeadLetter,
    Limits,
    Spool,
    Spooled,
)
from .resilient import ResilientSpool
from .sqlite import SQLiteSpool

__all__ = [
    "DEAD_LETTERS_FULL",
    "UNREADABLE",
    "Account",
    "DeadLetter",
    "Limits",
    "MemorySpool",
    "ResilientSpool",
    "SQLiteSpool",
    "Spool",
    "Spooled",
]
