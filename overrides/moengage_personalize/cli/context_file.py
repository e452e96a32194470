"""Experience contexts on their way from a fetch to a report, through a file or a pipe.

The document is the one of `fetch --json`: `{"experiences": {KEY: {"context": {...}}}}`, of which
only that is read. Accepted too: the API's own answer (`experience_context`), and a bare context.
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
"""Contexts by experience key; a bare context, which tells no key, under the empty text."""


def save(file: Path, experiences: Mapping[str, Experience]) -> None:
    """Write the contexts of experiences to a file, for `read`.

    Raises:
        Failure: It cannot be written.
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
    """Read the contexts from a file, or from stdin where it is `-`.

    Raises:
        Failure: It cannot be read, or holds no context.
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
            raise _refused(source, f"holds no experience, as the fetch failed: {message}")
        raise _refused(source, "must be what fetch --json or --save-context gave, or one context")
    contexts: dict[str, Mapping[str, Any]] = {}
    for key, experience in experiences.items():
        fields = _object(experience) or {}
        context = _object(fields.get("context", fields.get("experience_context")))
        if context is None:
            raise _refused(source, f"the experience {key!r} has no context")
        contexts[key] = context
    return contexts


def chosen(contexts: Contexts, keys: Sequence[str]) -> Contexts:
    """The contexts of the given keys; without any, the only one there is.

    Raises:
        Failure: A key has no context, or it is unclear which one is meant.
    """
    if _BARE in contexts:
        if keys:
            raise Failure(ExitCode.REFUSED, "KEY: leave it out, a bare context tells no key")
        return contexts
    if not contexts:
        raise Failure(ExitCode.NOT_FOUND, "--context: holds no experience")
    known = ", ".join(contexts)
    if not keys:
        if len(contexts) > 1:
            raise Failure(ExitCode.REFUSED, f"KEY: say which one is meant: {known}")
        return contexts
    for key in keys:
        if key not in contexts:
            raise Failure(ExitCode.NOT_FOUND, f"KEY: {key!r} has no context; there are: {known}")
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
        raise _refused(source, f"is no JSON, see line {error.lineno}") from None
    except RecursionError:
        raise _refused(source, "is nested too deeply") from None


def _refused(source: str, problem: str) -> Failure:
    name = "what stdin gave" if source == _STDIN else source
    return Failure(ExitCode.REFUSED, f"--context: {name}: {problem}")
