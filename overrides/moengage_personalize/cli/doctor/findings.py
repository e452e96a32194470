"""What the checks of `doctor` find."""

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
        advice: What to do about it, where something is to be done.
    """

    name: str
    status: Status
    detail: str
    advice: str = ""

    @classmethod
    def ok(cls, name: str, detail: str) -> Check:
        """All is well."""
        return cls(name, Status.OK, detail)

    @classmethod
    def failed(cls, name: str, detail: str, advice: str) -> Check:
        """Something is to be done."""
        return cls(name, Status.FAILED, detail, advice)

    @classmethod
    def skipped(cls, name: str, reason: str) -> Check:
        """It does not apply, or what it needs failed before."""
        return cls(name, Status.SKIPPED, reason)
