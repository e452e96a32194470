"""The values that everything here speaks of: a change, whom it affects, and its version step."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Step(IntEnum):
    """The least step of a semantic version that says enough; a larger one says it too."""

    NONE = 0
    PATCH = 1
    MINOR = 2
    MAJOR = 3

    @property
    def word(self) -> str:
        """The step as people write it."""
        return self.name.lower()


class Audience(StrEnum):
    """Who notices a change."""

    CALLERS = "callers"
    OTHER_LANGUAGES = "other languages"


EVERYBODY = frozenset(Audience)
CALLERS = frozenset({Audience.CALLERS})
OTHER_LANGUAGES = frozenset({Audience.OTHER_LANGUAGES})
NOBODY: frozenset[Audience] = frozenset()


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between a released interface and the next one.

    Attributes:
        what: The difference, as a sentence without a full stop.
        where: The operations, the place in the document or the Python name that it is about.
        step: The version step that it needs.
        affects: Who notices it; empty: nobody.
        rule: The name of the check that found it.
        why: Why it needs this step, where that is not obvious.
        names: What a CHANGELOG would call it; any one of them will do.
    """

    what: str
    where: str
    step: Step
    affects: frozenset[Audience]
    rule: str
    why: str = ""
    names: tuple[str, ...] = ()

    @property
    def is_breaking(self) -> bool:
        """Whether something that works with the base may not work any more."""
        return self.step is Step.MAJOR

    @property
    def affected(self) -> str:
        """Who notices it, in words."""
        return ", ".join(sorted(self.affects)) or "nobody"


def needed_step(changes: Iterable[Change]) -> Step:
    """The step that says all of the changes."""
    return max((change.step for change in changes), default=Step.NONE)
