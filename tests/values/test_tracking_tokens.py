"""Signed tokens that carry a context through a browser."""

from __future__ import annotations

import re
import time
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moengage_personalize import (
    Event,
    Experience,
    InvalidArgumentError,
    InvalidTokenError,
    Source,
    TrackingTokens,
    Visitor,
)
from support import CONTEXT

SECRET = "a secret of the application"
TOKENS = TrackingTokens(SECRET)
BANNER = Experience("promo", {}, {**CONTEXT, "new": ["ü", 1, None]}, Source.NETWORK, "matched")
TOKEN = TOKENS.sign(BANNER, visitor="u")


def test_a_token_brings_key_and_context_through_a_url() -> None:
    """It needs no escaping, and what comes back can be reported."""
    token = TOKENS.sign(BANNER, visitor="user_8821")
    assert re.fullmatch(r"[A-Za-z0-9._-]+", token)
    again = TrackingTokens(SECRET).read(token, visitor="user_8821")
    assert (again.key, again.context, again.source) == ("promo", BANNER.context, Source.TOKEN)


def test_the_customer_is_bound_and_not_readable() -> None:
    """A token of one session is worth nothing in another, and shows nobody's ID."""
    token = TOKENS.sign(BANNER, visitor="user_8821")
    assert "8821" not in token
    with pytest.raises(InvalidTokenError, match="another visitor"):
        TOKENS.read(token, visitor="user_9")


def test_nobodys_token_is_nobody_elses() -> None:
    """A page without a customer ID and a cookie signs for nobody, not for everybody."""
    token = TOKENS.sign(BANNER, visitor=None)
    assert TOKENS.read(token, visitor=None).key == "promo"
    with pytest.raises(InvalidTokenError, match="another visitor"):
        TOKENS.read(token, visitor="user_8821")


@given(st.data())
def test_a_changed_token_is_refused(data: st.DataObject) -> None:
    """Whichever character the browser changes."""
    token = TOKEN
    position = data.draw(st.integers(0, len(token) - 2))  # the last has unused bits
    letter = data.draw(st.sampled_from("abcXYZ019_-.").filter(lambda c: c != token[position]))
    with pytest.raises(InvalidTokenError):
        TOKENS.read(token[:position] + letter + token[position + 1 :], visitor="u")


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "💥", None, 5, b"bytes.in.here"])
def test_rubbish_is_refused_with_a_typed_error(token: Any) -> None:
    """It comes from a browser, so it may be anything."""
    with pytest.raises((InvalidTokenError, InvalidArgumentError)):
        TOKENS.read(token, visitor="u")


def test_an_old_token_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """After `max_age` seconds."""
    tokens = TrackingTokens(SECRET, max_age=60)
    token = tokens.sign(BANNER, visitor="u")
    now = time.time()
    monkeypatch.setattr("time.time", lambda: now + 62)
    with pytest.raises(InvalidTokenError, match="older than 60 seconds"):
        tokens.read(token, visitor="u")


def test_a_secret_can_be_replaced_without_losing_clicks() -> None:
    """Old tokens verify while both are given; the new secret signs."""
    old = TOKENS.sign(BANNER, visitor="u")
    both = TrackingTokens([SECRET, "the next secret of it"])
    assert both.read(old, visitor="u").key == "promo"
    new = both.sign(BANNER, visitor="u")
    assert TrackingTokens("the next secret of it").read(new, visitor="u").key == "promo"
    with pytest.raises(InvalidTokenError):
        TOKENS.read(new, visitor="u")


@pytest.mark.parametrize("secret", ["", "short", [], ["short"], None, [None]])
def test_a_weak_secret_is_refused(secret: Any) -> None:
    """It would make forging cheap; and the error does not repeat it."""
    with pytest.raises(InvalidArgumentError, match="at least 16 characters") as caught:
        TrackingTokens(secret)
    assert "short" not in str(caught.value)


def test_the_click_of_one_token_is_one_event_however_often_its_link_is_followed() -> None:
    """The server drops repeats of a UUID; every rendered link has its own."""
    token = TOKENS.sign(BANNER, visitor="u")
    clicks = [Event.clicked(TOKENS.read(token, visitor="u"), visitor="u") for _ in range(2)]
    assert clicks[0].uuid == clicks[1].uuid
    assert clicks[0].uuid.version == 4
    other = TOKENS.read(TOKENS.sign(BANNER, visitor="u"), visitor="u")
    assert Event.clicked(other, visitor="u").uuid != clicks[0].uuid
    assert Event.shown(other, visitor="u").uuid != Event.clicked(other, visitor="u").uuid
    given = uuid4()
    assert Event.clicked(other, visitor="u", event_uuid=given).uuid == given


def test_an_anonymous_visitors_token_is_bound_to_the_session() -> None:
    """It is worth nothing in another session."""
    token = TOKENS.sign(BANNER, visitor=Visitor(session_id="3f1c"))
    assert TOKENS.read(token, visitor=Visitor(session_id="3f1c")).key == "promo"
    with pytest.raises(InvalidTokenError):
        TOKENS.read(token, visitor=Visitor(session_id="other"))


@pytest.mark.parametrize("context", [{}, {**CONTEXT, "audience_name": None}])
def test_what_is_not_reportable_has_a_token_that_is_not_either(context: dict[str, Any]) -> None:
    """A page renders its links during an outage, too, and for a visitor without any ID."""
    token = TOKENS.sign(Experience("k", {}, context, Source.NETWORK, "r"), visitor=Visitor())
    assert not TOKENS.read(token, visitor="").is_reportable
