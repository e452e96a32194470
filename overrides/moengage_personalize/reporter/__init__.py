"""Background delivery of events: accepted in microseconds, kept on disk, delivered once."""

from .dedupe import Dedupe
from .options import Lost, Stats
from .reporter import EventReporter

__all__ = ["Dedupe", "EventReporter", "Lost", "Stats"]
