"""Fills the API's experiences up from the default content of a page. No I/O.

Nothing here raises after the arguments are checked. A problem is logged once, and when it ends.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final, TypeAlias, cast

import attrs

from moengage_personalize import validation
from moengage_personalize.clock import monotonic
from moengage_personalize.errors import InvalidArgumentError, PersonalizeError
from moengage_personalize.models.experiences import Experience, Experiences, Untyped, copied
from moengage_personalize.models.values import MISFIT, fitting
from moengage_personalize.typed.content import Content
from moengage_personalize.typed.experience import TypedExperience

from .operations import Found, checked_keys

__all__ = ["Asked", "Defaults", "Page", "Pages"]

Defaults = Mapping[str, Mapping[str, Any]]
"""Default contents: values by name, by experience key."""

Asked: TypeAlias = str | type[TypedExperience]
"""An experience key, or a class for it."""

_REFUSALS: Final = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}
_REMEMBERED: Final = 1_000
"""The most problems to remember, so that a page with random keys cannot fill the memory."""
_MOST_TOLD: Final = 5
"""The most names inside one value that a log line shows."""
_CALM: Final = 10.0
"""An outage ends after this time without a failure, in seconds, so that it is logged once."""
_QUIET: Final = 3_600.0
"""How long a solved problem is not logged again, in seconds, because variations may differ."""

_log: Final = logging.getLogger("moengage_personalize")


class _Values(dict[str, Any]):
    """Default values by name, without a class."""

    def fit(self, name: str, value: Any, _: list[str]) -> Any:  # noqa: ANN401  (JSON values)
        return fitting(value, self[name])

    def entry(self, shown: Any, value: Any) -> Untyped:  # noqa: ANN401  (JSON values)
        return Untyped(shown, came=value)

    def as_json(self) -> Mapping[str, Any]:
        return self


_Content: TypeAlias = _Values | Content[Any]


class Pages:
    """The defaults and the logged problems of a client's pages. Threads may share it.

    Args:
        defaults: Default contents by key, for pages without their own.
        no_match: The reason for a default if the API has no experience.

    Raises:
        InvalidArgumentError: The defaults are not a mapping of keys to mappings of names to values.
    """

    def __init__(
        self, defaults: Defaults | None, no_match: str = "no experience for this visitor"
    ) -> None:
        given = validation.mapping("defaults", {} if defaults is None else defaults)
        self._defaults = {
            validation.text("defaults (a key in it)", key): _Values(
                copied(validation.mapping(f"defaults[{key!r}]", values))
            )
            for key, values in given.items()
        }
        self._no_match = no_match
        self._outage = _Outage()
        self._troubles = _Troubles()

    def page(self, asked: Sequence[Asked], default: Mapping[str, Any] | None = None) -> Page:
        """Make the request of a page, with default content for every key.

        Args:
            asked: Experience keys, or classes; without any, all that the client has defaults for.
            default: The values of the only key, instead of the client's.

        Raises:
            InvalidArgumentError: A key has no default, or an argument is of another type.
        """
        if any(isinstance(one, type) for one in asked):
            if default is not None:
                raise InvalidArgumentError("leave it out: a class has its own", field="default")
            return Page(self, _contents(asked), is_typed=True)
        keys = cast("Sequence[str]", asked)
        if default is not None:
            values = _Values(validation.mapping("default", default))
            return Page(self, {validation.text("key", keys[0]): values})
        wanted = checked_keys(keys) or tuple(self._defaults)
        if not wanted:
            raise InvalidArgumentError("pass a key, or make the client with defaults", field="keys")
        for key in wanted:
            if key not in self._defaults:
                raise InvalidArgumentError(
                    f"{key!r} has no default: pass one with the call, or make the client with "
                    f"defaults={{{key!r}: {{...}}}}",
                    field="default",
                )
        return Page(self, {key: self._defaults[key] for key in wanted})

    def experiences(self, contents: Mapping[str, _Content], found: Found) -> Experiences:
        """Return an experience for each key, and the problems in `errors`."""
        self._outage.note(found.failed)
        by_key = {key: self._experience(key, content, found) for key, content in contents.items()}
        return Experiences(by_key, (), found.errors, found.reasons)

    def _experience(self, key: str, default: _Content, found: Found) -> Experience:
        experience, error = found.experiences.get(key), found.errors.get(key)
        if experience is not None:
            self._troubles.end(key, "", f"{key} can be read again")
            return self._filled(experience, default)
        if error is not None and error not in found.failed:
            self._troubles.tell(key, "", f"{key} cannot be read; its default is shown: {error}")
        reason = f"{type(error).__name__}: {error}"
        if error is None:
            _log.debug("%s: %s", key, self._no_match)
            told = found.reasons.get(key)
            reason = f"{self._no_match}: {told}" if told else self._no_match
        return Experience.from_default(key, default.as_json(), reason=reason, error=error)

    def typed(self, content: Content[TypedExperience], experience: Experience) -> TypedExperience:
        """Make an instance of a class; with its defaults, if its own code refuses the values."""
        key = experience.key
        try:
            made = content.read(experience)
        except Exception as error:  # noqa: BLE001  (a page never breaks)
            reason = f"its class refuses its values ({type(error).__name__})"
            self._troubles.tell(key, "its class", f"{key}: {reason}; its default is shown")
            return content.read(Experience.from_default(key, content.as_json(), reason=reason))
        self._troubles.end(key, "its class", f"{key}: its class takes its values again")
        return made

    def _filled(self, experience: Experience, default: _Content) -> Experience:
        """Replace values that are missing or of another kind with those of the default."""
        key, others = experience.key, {}
        for name, example in default.items():
            value, lacks = experience.get(name, MISFIT), list[str]()
            fit = default.fit(name, value, lacks)
            if fit is MISFIT or lacks:
                problem = _problem(name, value, lacks if fit is not MISFIT else [])
                self._troubles.tell(key, name, f"{key} {problem}; its default is shown")
            else:
                self._troubles.end(key, name, f"{key} has its value {name!r} again")
            shown = copied(example) if fit is MISFIT else fit
            if shown is not value:
                others[name] = default.entry(shown, value)
        if not others:
            return experience
        return attrs.evolve(experience, payload={**experience.payload, **others})


@attrs.frozen
class Page:
    """One request of a page: default content by key, and whether it is by class."""

    pages: Pages
    contents: Mapping[str, _Content]
    is_typed: bool = False

    def answer(self, found: Found) -> Experiences:
        """Return what the page shows, after the API has answered or failed."""
        return self.pages.experiences(self.contents, found)

    def rescued(self, trouble: Exception) -> Experiences:
        """Return the defaults after an unexpected error, without its text."""
        name = type(trouble).__name__
        _log.error("a page shows its default content, because of an unexpected %s", name)
        error = PersonalizeError(f"unexpected {name}")
        return self.answer(Found(errors=dict.fromkeys(self.contents, error), failed=[error]))

    def every(self, found: Experiences) -> tuple[Experience | TypedExperience, ...]:
        """Return an instance of each class, or each experience if the request is by key."""
        return tuple(
            self.pages.typed(content, found[key]) if isinstance(content, Content) else found[key]
            for key, content in self.contents.items()
        )


class _Outage:
    """Logs when fetches begin to fail, and when they work again."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._failures = 0
        self._last = 0.0
        self._is_refused = False

    def note(self, failed: Sequence[PersonalizeError]) -> None:
        if not failed:
            if self._failures and monotonic() >= self._last + _CALM:
                with self._lock:
                    failures, self._failures, self._is_refused = self._failures, 0, False
                if failures:
                    _log.info("fetches from MoEngage work again, after %d that failed", failures)
            return
        self._last = monotonic()
        refusals = [error for error in failed if getattr(error, "status", 0) in _REFUSALS]
        with self._lock:
            is_first, self._failures = not self._failures, self._failures + 1
            is_news = bool(refusals) and not self._is_refused
            self._is_refused |= bool(refusals)
        if is_news:
            _log.error("MoEngage refuses the credentials; pages show defaults: %s", refusals[0])
        elif is_first:
            _log.warning("fetches from MoEngage fail; pages show defaults: %s", failed[0])


class _Troubles:
    """Logs each problem with a value once, and when it ends."""

    def __init__(self) -> None:
        self._ended_at: dict[tuple[str, str], float | None] = {}

    def tell(self, key: str, name: str, problem: str) -> None:
        last = self._ended_at.get((key, name), 0.0)
        if last is None or (last and monotonic() < last + _QUIET):
            return
        if len(self._ended_at) >= _REMEMBERED:
            self._ended_at.clear()
        self._ended_at[key, name] = None
        _log.warning("%s", problem)

    def end(self, key: str, name: str, news: str) -> None:
        if self._ended_at and self._ended_at.get((key, name), 0.0) is None:
            self._ended_at[key, name] = monotonic()
            _log.info("%s", news)


def _contents(kinds: Sequence[Asked]) -> dict[str, _Content]:
    contents: dict[str, _Content] = {}
    for kind in kinds:
        if not (isinstance(kind, type) and issubclass(kind, TypedExperience) and kind.key_):
            raise InvalidArgumentError(
                "must all be classes derived from TypedExperience, or all strings", field="keys"
            )
        if kind.key_ in contents:
            raise InvalidArgumentError(f"has two classes for {kind.key_!r}", field="keys")
        contents[kind.key_] = kind.content_()
    return contents


def _problem(name: str, value: object, lacks: Sequence[str]) -> str:
    if lacks:
        paths = list(dict.fromkeys(lacks))
        more = f" and {len(paths) - _MOST_TOLD} more" if len(paths) > _MOST_TOLD else ""
        told = ", ".join(paths[:_MOST_TOLD])
        return f"has no {told}{more} in its value {name!r}, or one of another kind"
    if value is MISFIT:
        return f"has no value {name!r} any more"
    kind = "empty" if value is None else "of another kind than its default"
    return f"has the value {name!r} {kind}"
