"""Delivers events in the background: accepts in microseconds, keeps on disk, counts once."""

from .dedupe import Dedupe
from .options import Lost, Stats
from .reporter import EventReporter

__all__ = ["Dedupe", "EventReporter", "Lost", "Stats"]
