"""From the caller's words to generated request models, and from answers back: no I/O here."""

from .fetch import MAX_KEYS, Moment, fetch_call
from .metadata import metadata_call
from .operation import Call, Operation, Outcome
from .report import MAX_USERS, clicked_call, report_call, shown_call

__all__ = [
    "MAX_KEYS",
    "MAX_USERS",
    "Call",
    "Moment",
    "Operation",
    "Outcome",
    "clicked_call",
    "fetch_call",
    "metadata_call",
    "report_call",
    "shown_call",
]
