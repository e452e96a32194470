"""Signed tokens that carry a context through a browser."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moengage_personalize import (
    Experience,
    InvalidArgumentError,
    InvalidTokenError,
    Source,
    TrackingTokens,
)
from support import CONTEXT

SECRET = "a secret of the application"
TOKENS = TrackingTokens(SECRET)
BANNER = Experience("promo", {}, {**CONTEXT, "new": ["ü", 1, None]}, Source.NETWORK, "matched")


def test_a_token_brings_key_and_context_through_a_url() -> None:
    """It needs no escaping, and what comes back can be reported."""
    token = TOKENS.sign(BANNER, customer_id="user_8821")
    assert re.fullmatch(r"[A-Za-z0-9._-]+", token)
    again = TrackingTokens(SECRET).read(token, customer_id="user_8821")
    assert (again.key, again.context, again.source) == ("promo", BANNER.context, Source.TOKEN)


def test_the_customer_is_bound_and_not_readable() -> None:
    """A token of one session is worth nothing in another, and shows nobody's ID."""
    token = TOKENS.sign(BANNER, customer_id="user_8821")
    assert "8821" not in token
    with pytest.raises(InvalidTokenError, match="another customer"):
        TOKENS.read(token, customer_id="user_9")


@given(st.data())
def test_a_changed_token_is_refused(data: st.DataObject) -> None:
    """Whichever character the browser changes."""
    token = TOKENS.sign(BANNER, customer_id="u")
    position = data.draw(st.integers(0, len(token) - 2))  # the last has unused bits
    letter = data.draw(st.sampled_from("abcXYZ019_-.").filter(lambda c: c != token[position]))
    with pytest.raises(InvalidTokenError):
        TOKENS.read(token[:position] + letter + token[position + 1 :], customer_id="u")


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "💥", None, 5, b"bytes.in.here"])
def test_rubbish_is_refused_with_a_typed_error(token: Any) -> None:
    """It comes from a browser, so it may be anything."""
    with pytest.raises((InvalidTokenError, InvalidArgumentError)):
        TOKENS.read(token, customer_id="u")


def test_an_old_token_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """After `max_age` seconds."""
    tokens = TrackingTokens(SECRET, max_age=60)
    token = tokens.sign(BANNER, customer_id="u")
    now = time.time()
    monkeypatch.setattr("time.time", lambda: now + 62)
    with pytest.raises(InvalidTokenError, match="older than 60 seconds"):
        tokens.read(token, customer_id="u")


def test_a_secret_can_be_replaced_without_losing_clicks() -> None:
    """Old tokens verify while both are given; the new secret signs."""
    old = TOKENS.sign(BANNER, customer_id="u")
    both = TrackingTokens([SECRET, "the next secret of it"])
    assert both.read(old, customer_id="u").key == "promo"
    new = both.sign(BANNER, customer_id="u")
    assert TrackingTokens("the next secret of it").read(new, customer_id="u").key == "promo"
    with pytest.raises(InvalidTokenError):
        TOKENS.read(new, customer_id="u")


@pytest.mark.parametrize("secret", ["", "short", [], ["short"], None, [None]])
def test_a_weak_secret_is_refused(secret: Any) -> None:
    """It would make forging cheap; and the error does not repeat it."""
    with pytest.raises(InvalidArgumentError, match="at least 16 characters") as caught:
        TrackingTokens(secret)
    assert "short" not in str(caught.value)


def test_fallback_content_has_no_token() -> None:
    """There is no context to report."""
    with pytest.raises(InvalidArgumentError, match="fallback content"):
        TOKENS.sign(Experience.from_fallback("k", {}, reason="down"), customer_id="u")
