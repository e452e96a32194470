"""Semantic versions: three numbers, and which one comes next."""

import re
from typing import NamedTuple, Self

from api_changes.change import Step
from api_changes.failures import VersionError

_THREE_NUMBERS = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)")


class Version(NamedTuple):
    """A released or coming version; later ones are greater."""

    major: int
    minor: int
    patch: int

    @classmethod
    def of(cls, text: str) -> Self:
        """Reads `1.2.3`.

        Raises:
            VersionError: It is anything else; a pre-release is not supported.
        """
        found = _THREE_NUMBERS.fullmatch(text)
        if found is None:
            raise VersionError(f"info.version must be three numbers such as 1.2.3, found {text!r}")
        return cls(*map(int, found.groups()))

    def next(self, step: Step) -> Self:
        """The least version that is the step away; the same one for no step."""
        match step:
            case Step.MAJOR:
                return self._replace(major=self.major + 1, minor=0, patch=0)
            case Step.MINOR:
                return self._replace(minor=self.minor + 1, patch=0)
            case Step.PATCH:
                return self._replace(patch=self.patch + 1)
            case Step.NONE:
                return self

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"
