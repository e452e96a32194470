"""What stands behind a resilient spool."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from moengage_personalize.models.events import Event

from .base import Spool

__all__ = ["Backing", "DurableSpool"]


class DurableSpool(Spool, Protocol):
    """A spool that outlives the process, and may fail."""

    def probe(self) -> None:
        """Raise where an event could not be kept, leased or settled now; changes nothing."""
        ...


class Backing(Protocol):
    """Opens a durable spool, and knows what its failures mean."""

    @property
    def name(self) -> str:
        """What the log calls it; holds no credential."""
        ...

    @property
    def failures(self) -> tuple[type[Exception], ...]:
        """What its spool raises when it fails."""
        ...

    def open(self, workspace: str | None) -> DurableSpool:
        """Open the spool, and bind it to a workspace; raises one of the failures."""
        ...

    def reason(self, error: Exception) -> str:
        """What the log may tell of a failure: no credential, nothing of an event."""
        ...

    def is_busy(self, error: Exception) -> bool:
        """Whether it works, and only somebody else was at it for too long."""
        ...

    def is_over(self, error: Exception) -> bool:
        """Whether what was opened last is beyond use after this, so that another may be opened."""
        ...

    def orphaned_events(self) -> Sequence[Event] | None:
        """The events of what was opened last, closed now, where it is no longer at its place.

        `None`: it is where it was.
        """
        ...
