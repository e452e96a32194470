"""Values in Python types, and what a page does with an experience."""

from __future__ import annotations

import copy
import html.parser
import json
import math
import pickle
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moengage_personalize import Experience, PersonalizeError, Source
from support import CONTEXT

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@attrs.frozen
class Typed:
    value: Any
    data_type: str


def experience(context: dict[str, Any] | None = None, **values: Typed) -> Experience:
    return Experience("k", values, context or dict(CONTEXT), Source.NETWORK, "matched")


@pytest.mark.parametrize(
    ("value", "data_type", "expected"),
    [
        ("Welcome", "string", "Welcome"),
        (15, "number", 15),
        (15.5, "number", 15.5),
        (19.99, "float", 19.99),
        (20, "float", 20.0),
        (True, "boolean", True),
        ({"columns": 3}, "json", {"columns": 3}),
        ([1, 2], "json", [1, 2]),
        # the vendor's schema has text for these
        ("15", "number", 15),
        (" 15.5 ", "number", 15.5),
        ("20", "float", 20.0),
        ("true", "boolean", True),
        ('{"a": 1}', "json", {"a": 1}),
        ("[]", "json", []),
        # what does not match its type, or has an unknown one, comes as it is
        (True, "float", True),
        (None, "string", None),
        ("15", "string", "15"),
        ("15 %", "number", "15 %"),
        ("true", "number", "true"),
        ("15", "json", "15"),
        ('"x"', "json", '"x"'),
        ("NaN", "float", "NaN"),
        ("1e999", "float", "1e999"),
        ("9" * 5_000, "number", "9" * 5_000),
        ("[" * 100_000, "json", "[" * 100_000),
        ("yes", "boolean", "yes"),
        ("15", ["number"], "15"),
        (10**400, "float", 10**400),
        ("2026-01-01", "date", "2026-01-01"),
        (1, "", 1),
    ],
)
def test_a_value_has_the_python_type_of_its_data_type(
    value: Any, data_type: str, expected: Any
) -> None:
    """A mismatch or an unknown type yields the raw value."""
    found = experience(Title=Typed(value, data_type))["Title"]
    assert found == expected
    assert type(found) is type(expected)


@given(JSON, st.text())
def test_no_value_and_no_data_type_raises(value: Any, data_type: str) -> None:
    """Whatever the API sends, reading it is safe."""
    one = experience(Title=Typed(value, data_type))
    assert one["Title"] == value
    assert one.payload["Title"].value == value


def test_an_experience_is_a_mapping_of_its_values() -> None:
    """As in `banner["Title"]` and `banner.get("Discount", 0)`."""
    banner = experience(Title=Typed("Hi", "string"))
    assert dict(banner) == {"Title": "Hi"}
    assert banner.get("Discount", 0) == 0
    assert "Title" in banner
    with pytest.raises(KeyError):
        banner["Discount"]


class _Scripts(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.script = ""
        self.attribute: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attribute = dict(attrs).get("data-context", self.attribute)

    def handle_data(self, data: str) -> None:
        self.script += data


NASTY = "</script><script>alert('x')</script><!-- & \u2028 \" ' ]]>"


def test_the_html_form_cannot_end_a_script_and_reads_back_unchanged() -> None:
    """A page hands it to the web SDK."""
    banner = experience(context={**CONTEXT, "audience_name": NASTY, "ключ": "значение"})
    page = _Scripts()
    page.feed(f"<script>{banner.context_html}</script><b data-context='{banner.context_html}'>")
    assert page.tags == ["script", "b"]
    assert json.loads(page.script) == banner.context
    assert json.loads(page.attribute or "") == banner.context
    assert banner.context_html.__html__() == banner.context_html


@settings(max_examples=40)
@given(st.dictionaries(st.text(), JSON))
def test_the_html_form_of_any_context_is_free_of_what_ends_a_script(
    context: dict[str, Any],
) -> None:
    """Whatever fields the API adds."""
    form = experience(context={**CONTEXT, **context}).context_html
    assert not set(form) & set("<>&'\u2028\u2029")
    assert json.loads(form) == {**CONTEXT, **context}


@pytest.mark.parametrize("odd", [math.inf, math.nan, object()])
def test_a_context_that_json_cannot_express_is_an_empty_one_in_a_page(odd: Any) -> None:
    """No fetch gives one; a caller may, and no page breaks."""
    banner = experience(context={**CONTEXT, "odd": odd})
    assert (banner.context_html, banner.is_reportable) == ("{}", False)


def test_an_experience_can_be_cached() -> None:
    """Pickle and copy keep it, the error of default content included."""
    error = PersonalizeError("down")
    default = Experience.from_default("k", {"Title": "Hi"}, reason="down", error=error)
    for again in (pickle.loads(pickle.dumps(default)), copy.deepcopy(default)):
        assert again["Title"] == "Hi"
        assert (again.source, again.reason, str(again.error)) == ("default", "down", "down")
