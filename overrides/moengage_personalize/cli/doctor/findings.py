"""The results of the checks of `doctor`."""

from __future__ import annotations

from enum import StrEnum

import attrs

__all__ = ["Check", "Status"]


class Status(StrEnum):
    """How a check ended."""

    OK = "ok"
    FAILED = "failed"
    SKIPPED = "skipped"


@attrs.frozen
class Check:
    """One row of the diagnosis.

    Attributes:
        name: What was checked.
        status: How it ended.
        detail: What was found, without credentials.
        advice: What to do about it; empty if nothing is needed.
    """

    name: str
    status: Status
    detail: str
    advice: str = ""

    @classmethod
    def ok(cls, name: str, detail: str) -> Check:
        """Make a check that succeeded."""
        return cls(name, Status.OK, detail)

    @classmethod
    def failed(cls, name: str, detail: str, advice: str) -> Check:
        """Make a check that failed."""
        return cls(name, Status.FAILED, detail, advice)

    @classmethod
    def skipped(cls, name: str, reason: str) -> Check:
        """Make a check that does not apply, or that needs one that failed."""
        return cls(name, Status.SKIPPED, reason)
