"""Converts arguments to generated request models, and answers to results. No I/O."""

from .fetch import MAX_KEYS, Found, Moment, checked_keys, fetch_call
from .metadata import Status, metadata_call
from .operation import LENIENT, Call, Outcome
from .report import MAX_USERS, report_call

__all__ = [
    "LENIENT",
    "MAX_KEYS",
    "MAX_USERS",
    "Call",
    "Found",
    "Moment",
    "Outcome",
    "Status",
    "checked_keys",
    "fetch_call",
    "metadata_call",
    "report_call",
]
