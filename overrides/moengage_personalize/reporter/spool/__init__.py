"""Keeps events until they are delivered: the protocol `Spool`, and its implementations."""

from .base import (
    DEAD_LETTERS_FULL,
    ERASED,
    TOO_LARGE,
    TOO_OLD,
    UNREADABLE,
    Contents,
    DeadLetter,
    LeasedEvent,
    Limits,
    Spool,
    SpoolCounts,
)
from .fallback import ResilientSpool
from .memory import MemorySpool
from .sqlite.spool import SQLiteSpool

__all__ = [
    "DEAD_LETTERS_FULL",
    "ERASED",
    "TOO_LARGE",
    "TOO_OLD",
    "UNREADABLE",
    "Contents",
    "DeadLetter",
    "LeasedEvent",
    "Limits",
    "MemorySpool",
    "ResilientSpool",
    "SQLiteSpool",
    "Spool",
    "SpoolCounts",
]
