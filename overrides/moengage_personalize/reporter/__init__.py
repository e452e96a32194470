"""Background delivery of events: accepted in microseconds, kept on disk, delivered once."""

from .options import Lost, Stats
from .reporter import EventReporter

__all__ = ["EventReporter", "Lost", "Stats"]
