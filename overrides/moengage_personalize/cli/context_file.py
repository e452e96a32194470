"""Carries experience contexts from a fetch to a report, through a file or a pipe.

It reads the contexts in the output of `fetch --json`: `{"experiences": {KEY: {"context": {...}}}}`.
It also reads the API's own answer (`experience_context`), and a bare context.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, cast

from moengage_personalize.models.experiences import Experience

from .errors import Failure
from .exit_codes import ExitCode

__all__ = ["chosen", "read", "save"]

_STDIN: Final = "-"
_BARE: Final = ""

Contexts = Mapping[str, Mapping[str, Any]]
"""Contexts by experience key; a bare context, which has no key, under the empty string."""


def save(file: Path, experiences: Mapping[str, Experience]) -> None:
    """Write the contexts of experiences to a file, for `read`.

    Raises:
        Failure: The file cannot be written.
    """
    document = {
        "experiences": {
            key: {"context": experience.context} for key, experience in experiences.items()
        }
    }
    try:
        file.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise Failure(ExitCode.REFUSED, f"--save-context: {file}: {error.strerror}") from None


def read(source: str) -> Contexts:
    """Read the contexts from a file, or from stdin if the source is `-`.

    Raises:
        Failure: It cannot be read, or has no context.
    """
    document = _object(_json(source))
    if document is None:
        raise _refused(source, "must be a JSON object")
    if "cid" in document:
        return {_BARE: document}
    experiences = _object(document.get("experiences"))
    if experiences is None:
        message = (_object(document.get("error")) or {}).get("message")
        if isinstance(message, str):
            raise _refused(source, f"has no experience, because the fetch failed: {message}")
        raise _refused(source, "must be from fetch --json or --save-context, or one context")
    contexts: dict[str, Mapping[str, Any]] = {}
    for key, experience in experiences.items():
        fields = _object(experience) or {}
        context = _object(fields.get("context", fields.get("experience_context")))
        if context is None:
            raise _refused(source, f"the experience {key!r} has no context")
        contexts[key] = context
    return contexts


def chosen(contexts: Contexts, keys: Sequence[str]) -> Contexts:
    """Return the contexts of the given keys; without keys, the only context.

    Raises:
        Failure: A key has no context, or there are several contexts and no key.
    """
    if _BARE in contexts:
        if keys:
            raise Failure(ExitCode.REFUSED, "KEY: leave it out; a bare context has no key")
        return contexts
    if not contexts:
        raise Failure(ExitCode.NOT_FOUND, "--context: has no experience")
    known = ", ".join(contexts)
    if not keys:
        if len(contexts) > 1:
            raise Failure(ExitCode.REFUSED, f"KEY: give one or more of: {known}")
        return contexts
    for key in keys:
        if key not in contexts:
            raise Failure(ExitCode.NOT_FOUND, f"KEY: {key!r} has no context; known keys: {known}")
    return {key: contexts[key] for key in keys}


def _object(value: object) -> dict[str, Any] | None:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else None


def _json(source: str) -> object:
    try:
        text = sys.stdin.read() if source == _STDIN else Path(source).read_text(encoding="utf-8")
    except OSError as error:
        raise _refused(source, str(error.strerror)) from None
    except UnicodeDecodeError:
        raise _refused(source, "must be UTF-8") from None
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise _refused(source, f"is not JSON, see line {error.lineno}") from None
    except RecursionError:
        raise _refused(source, "is nested too deeply") from None


def _refused(source: str, problem: str) -> Failure:
    name = "stdin" if source == _STDIN else source
    return Failure(ExitCode.REFUSED, f"--context: {name}: {problem}")
