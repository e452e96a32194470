"""JSON that a page can hold without harm."""

from __future__ import annotations

import json
from typing import Any, Final

__all__ = ["HtmlSafeJson", "html_safe"]

_UNSAFE: Final = {ord(character): f"\\u{ord(character):04x}" for character in "<>&'"}


class HtmlSafeJson(str):
    """JSON that may stand in a `<script>` element or a single-quoted attribute of a page.

    Template engines that know `__html__` (Jinja, Django) do not escape it again.
    """

    __slots__ = ()

    def __html__(self) -> str:
        return str(self)


def html_safe(value: Any) -> HtmlSafeJson:  # noqa: ANN401  (any JSON value)
    """The value as JSON for a page; `{}` if JSON cannot express it.

    `<`, `>`, `&`, `'` and all that is not ASCII are escaped.
    """
    try:
        text = json.dumps(value, separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        text = "{}"
    return HtmlSafeJson(text.translate(_UNSAFE))
