"""Offerings, which a decision policy chooses for a value of an experience.

The document's `PayloadValue` describes them. The web SDK reports them from a page.
"""

from __future__ import annotations

from typing import Any

import attrs

from .values import ByName, HtmlSafeJson, html_safe, is_array, is_object, to_python

__all__ = ["Offering", "read_offerings"]


@attrs.frozen(repr=False, eq=False)  # a mapping equals any other with its fields
class Offering(ByName[Any]):
    """One offering: a mapping of all its fields as received.

    In a page, with `banner` as its experience::

        Moengage.personalize.offeringShown({{ offering.context_html }})
        Moengage.personalize.offeringClicked(
            {{ offering.context_html }}, {{ banner.context_html }})
    """

    def __repr__(self) -> str:
        return f"<Offering {self.get('dp_offering_id')!r}: {', '.join(self)}>"

    @property
    def content(self) -> Any:  # noqa: ANN401  (any JSON value)
        """`offering_content`, the content to show; None if the offering has none."""
        return self.get("offering_content")

    @property
    def context_html(self) -> HtmlSafeJson:
        """`offering_context` as JSON for a page; `{}` if the offering has none."""
        return html_safe(self.get("offering_context", {}))


def read_offerings(value: Any) -> tuple[Offering, ...]:  # noqa: ANN401  (any JSON value)
    """Read the offerings in an array, in an object with `offerings`, or in JSON text of these.

    It leaves out everything else, and never raises.
    """
    value = to_python(value.strip("\ufeff \t\r\n") if isinstance(value, str) else value, "json")
    rows = value.get("offerings") if is_object(value) else value
    return tuple(map(Offering, filter(is_object, rows))) if is_array(rows) else ()
