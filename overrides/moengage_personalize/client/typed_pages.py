"""The types in the overloads of `experience` and `experiences`."""

from __future__ import annotations

from typing import TypedDict, TypeVar

from moengage_personalize.models.visitor import Visitor
from moengage_personalize.typed.experience import TypedExperience

from .operations import Moment

__all__ = ["A", "B", "C", "D", "E", "F", "FetchOptions", "G", "H", "PageOptions"]

A = TypeVar("A", bound=TypedExperience)
B = TypeVar("B", bound=TypedExperience)
C = TypeVar("C", bound=TypedExperience)
D = TypeVar("D", bound=TypedExperience)
E = TypeVar("E", bound=TypedExperience)
F = TypeVar("F", bound=TypedExperience)
G = TypeVar("G", bound=TypedExperience)
H = TypeVar("H", bound=TypedExperience)


class FetchOptions(TypedDict, total=False):
    """The options of one call, as in `fetch`."""

    at: Moment
    timeout: float | None


class PageOptions(FetchOptions, total=False):
    """The same options, and the visitor."""

    visitor: Visitor | str | None
