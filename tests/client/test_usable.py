"""What a fetch accepts can be reported, signed, put into a page and into JSON, or says so."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from moengage_personalize import (
    EventReporter,
    Experience,
    PersonalizeClient,
    TrackingTokens,
    Visitor,
)
from support import CONTEXT, ScriptedServer, http

Answering = Callable[..., ScriptedServer]

TOKENS = TrackingTokens("a secret of some length")
ODD = {
    "cut emoji": r'"Spring \ud83c"',
    "cut emoji, other half": r'"\uDF38 Spring"',
    "pair": r'"\ud83c\udf38"',
    "escaped backslash": r'"\\ud83c"',
    "null": "null",
    "NaN": "NaN",
    "infinity": "-Infinity",
    "overflow": "1e999",
    "huge": "9" * 5_000,
    "large": "9" * 400,
    "control characters": r'"\u0000\u001b\u007f\u2028"',
    "markup": '"</script><!--"',
    "deep": "[" * 400 + "]" * 400,
}


def body(name: str, *, field: str) -> bytes:
    """An answer with an odd value, and with another field of the context that is odd."""
    context = {**CONTEXT, field: "ODD"}
    experience = {
        "payload": {"Title": {"value": "ODD", "data_type": "string"}},
        "experience_context": context,
    }
    text = json.dumps({"experiences": {"k": experience}})
    return text.replace('"ODD"', ODD[name]).encode()


@pytest.mark.parametrize("field", ["audience_name", "new"])
@pytest.mark.parametrize("name", ODD)
def test_nothing_that_a_fetch_accepts_raises_later(
    answering: Answering, tmp_path: Path, name: str, field: str
) -> None:
    """Each is reported by client and reporter alike, through a token too, or by none of them."""
    server = answering(http(200, body(name, field=field)), {"status": "success"})
    with PersonalizeClient("W", "K", base_url=server.base_url) as client:
        banner = client.fetch("k")["k"]
        assert banner["Title"] is None or json.dumps(dict(banner), allow_nan=False)
        str(banner["Title"]).encode()
        page = json.loads(banner.context_html, parse_constant=pytest.fail)
        assert page == banner.context
        tracked = TOKENS.read(TOKENS.sign(banner, visitor="u"), visitor="u")
        assert tracked.is_reportable == banner.is_reportable
        receipt = client.shown(banner, tracked, visitor="u")
        accepted = 2 if banner.is_reportable else 0
        assert (receipt.accepted, receipt.skipped) == (accepted, 2 - accepted)
        with EventReporter(client, spool=tmp_path / "events.db") as reporter:
            reporter.clicked(banner, visitor="u")
            reporter.flush(5)
            assert reporter.stats.delivered + reporter.stats.skipped == 1
            assert reporter.stats.dead == 0
    is_text = isinstance(banner.context[field], str)
    assert banner.is_reportable == (is_text or field == "new")


def test_what_a_browser_sends_breaks_no_page() -> None:
    """Bytes of a crawler's agent, names of the API's own in a query, a cookie's rubbish."""
    agent = b"Mozilla OrangeEspa\xf1a".decode("utf-8", "surrogateescape")
    attributes = {"USER_AGENT": "1", "identifiers": "1", "": "1", "utm\ud83c": "\ud83c"}
    sent: dict[str, Any] = {"user_agent": agent, "ip_address": "\ud83c", "attributes": attributes}
    visitor = Visitor("\ud83c", session_id="", **sent)
    with PersonalizeClient("W", "K", base_url="http://127.0.0.1:9/v1") as client:
        banner = client.experience("k", visitor, {"Title": "Welcome"})
        assert client.shown(banner, Experience.fake("k"), visitor=visitor).skipped == 2
        assert TOKENS.read(TOKENS.sign(banner, visitor=visitor), visitor=visitor).key == "k"
