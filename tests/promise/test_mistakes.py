"""The promise's twin: what the programmer got wrong is said at once, also without a network.

Otherwise it would be found by the first visitor of a rare page.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, cast

import pytest

from moengage_personalize import (
    Event,
    EventReporter,
    Experience,
    InvalidArgumentError,
    PersonalizeClient,
    TrackingTokens,
    Visitor,
)
from promise.misfortune import DEFAULTS, nobody
from support import CONTEXT, Driver

V = Visitor("user_8821")
NOT_A_CLIENT: Any = "x"

VISITORS = [
    ({"customer_id": 5}, "customer_id"),
    ({"customer_id": ["a"]}, "customer_id"),
    ({"session_id": 5}, "session_id"),
    ({"identifiers": ["u_em"]}, "identifiers"),
    ({"identifiers": {"u_em": 5}}, "identifiers['u_em']"),
    ({"user_agent": b"Mozilla"}, "user_agent"),
    ({"ip_address": 5}, "ip_address"),
    ({"attributes": "utm_medium=email"}, "attributes"),
    ({"attributes": ["utm_medium"]}, "attributes"),
    ({"platform": "desktop"}, "platform"),
    ({"platform": None}, "platform"),
    ({"timezone": "Asia/Kalkutta"}, "timezone"),
    ({"timezone": 60_000}, "timezone"),
    ({"timezone": 5.5}, "timezone"),
]

PAGES: list[tuple[str, tuple[Any, ...], dict[str, Any], str]] = [
    ("experience", ("unknown-key", V), {}, "default"),
    ("experience", ("", V, {}), {}, "key"),
    ("experience", (5, V, {}), {}, "key"),
    ("experience", (["banner"], V, {}), {}, "key"),
    ("experience", ("banner", V, "Welcome"), {}, "default"),
    ("experience", ("banner", V, {5: "x"}), {}, "default"),
    ("experience", ("banner", 5), {}, "visitor"),
    ("experience", ("banner", {"customer_id": "x"}), {}, "visitor"),
    ("experience", ("banner", V), {"timeout": 0}, "timeout"),
    ("experience", ("banner", V), {"timeout": "fast"}, "timeout"),
    ("experience", ("banner", V), {"at": datetime(2026, 1, 1)}, "at"),  # noqa: DTZ001  (the mistake)
    ("experiences", ("banner", "unknown-key"), {"visitor": V}, "default"),
    ("experiences", (["banner"],), {"visitor": V}, "keys"),
    ("experiences", ("banner",), {"visitor": 5}, "visitor"),
    ("fetch", (["banner"],), {}, "keys"),
    ("fetch", ("banner",), {"visitor": 5}, "visitor"),
    ("fetch", ("banner",), {"at": "noon"}, "at"),
    ("fetch", ("banner",), {"timeout": -1}, "timeout"),
    ("metadata", ("active",), {}, "status"),
    ("experiences", (["banner"],), {"visitor": V}, "keys"),
    ("shown", (5,), {"visitor": V}, "experience"),
    ("shown", ({"Title": "Hi"},), {"visitor": V}, "experience"),
    ("clicked", ({},), {"visitor": V, "element": 5}, "element"),
    ("shown", (["banner"],), {"visitor": V}, "experience"),
    ("shown", (CONTEXT,), {"visitor": 5}, "visitor"),
    ("shown", (CONTEXT,), {"visitor": V, "event_time": "yesterday"}, "event_time"),
    ("shown", (CONTEXT,), {"visitor": V, "user_attributes": ["x"]}, "user_attributes"),
    ("clicked", (CONTEXT,), {"visitor": V, "element": 5}, "element"),
    ("clicked", (CONTEXT,), {"visitor": V, "event_uuid": "x"}, "event_uuid"),
    ("report", (Event.shown(CONTEXT, visitor=V),), {}, "events"),
    ("report", ([5],), {}, "events[0]"),
]


@pytest.mark.parametrize(("arguments", "field"), VISITORS)
def test_a_visitor_is_refused_for_what_its_programmer_wrote(
    arguments: dict[str, Any], field: str
) -> None:
    """Where it is made, which the traceback then shows."""
    with pytest.raises(InvalidArgumentError) as caught:
        Visitor(**arguments)
    assert caught.value.field == field


@pytest.mark.parametrize("kind", ["sync", "asyncio"])
@pytest.mark.parametrize(("method", "arguments", "options", "field"), PAGES)
def test_a_mistake_is_named_though_nobody_listens(
    kind: str, method: str, arguments: tuple[Any, ...], options: dict[str, Any], field: str
) -> None:
    """On a page too, which shows defaults for whatever else happens."""
    with pytest.raises(InvalidArgumentError) as caught:
        Driver(kind)(nobody(), method, *arguments, defaults=DEFAULTS, **options)
    assert caught.value.field == field


@pytest.mark.parametrize("kind", ["closed", "disabled"])
@pytest.mark.parametrize(("method", "arguments", "options", "field"), PAGES)
def test_a_mistake_is_named_by_a_client_that_sends_nothing(
    kind: str, method: str, arguments: tuple[Any, ...], options: dict[str, Any], field: str
) -> None:
    """So that the tests of an application find it."""
    if kind == "closed":
        client = PersonalizeClient("W", "K", base_url=nobody(), defaults=DEFAULTS)
        client.close()
    else:
        client = PersonalizeClient.disabled(defaults=DEFAULTS)
    with pytest.raises(InvalidArgumentError) as caught:
        getattr(client, method)(*arguments, **options)
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"defaults": ["banner"]}, "defaults"),
        ({"defaults": []}, "defaults"),
        ({"defaults": {"banner": "Welcome"}}, "defaults['banner']"),
        ({"defaults": {"banner": {5: "x"}}}, "defaults['banner']"),
        ({"retries": -1}, "retries"),
        ({"timeout": 0}, "timeout"),
        ({"transport": "requests"}, "transport"),
    ],
)
def test_a_clients_options_are_checked_when_it_is_made(options: dict[str, Any], field: str) -> None:
    """Not with its first page."""
    with pytest.raises(InvalidArgumentError) as caught:
        PersonalizeClient("W", "K", base_url=nobody(), **options)
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"on_lost": 3}, "on_lost"),
        ({"flush_interval": 0}, "flush_interval"),
        ({"when_full": "wait"}, "when_full"),
        ({"spool": 5}, "spool"),
        ({"spool": ""}, "spool"),
    ],
)
def test_a_reporters_options_are_checked_when_it_is_made(
    options: dict[str, Any], field: str
) -> None:
    """Events that were accepted under a wrong one could be lost."""
    client = PersonalizeClient("W", "K", base_url=nobody())
    with pytest.raises(InvalidArgumentError) as caught:
        EventReporter(client, **options)
    assert caught.value.field == field


def test_a_reporter_needs_a_client() -> None:
    """Said in these words, not as an attribute that a text lacks."""
    with pytest.raises(InvalidArgumentError) as caught:
        EventReporter(NOT_A_CLIENT)
    assert caught.value.field == "client"


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: Visitor.from_wsgi(NOT_A_CLIENT), "environ"),
        (lambda: Visitor.from_wsgi({"type": "http", "headers": []}), "environ"),
        (lambda: Visitor.from_asgi({"REQUEST_METHOD": "GET"}), "scope"),
        (lambda: Experience.fake("banner", NOT_A_CLIENT), "values"),
        (lambda: Experience.fake(""), "key"),
        (lambda: TrackingTokens(cast("Any", 5)), "secret"),
    ],
)
def test_what_is_made_of_something_else_is_refused(make: Callable[[], object], field: str) -> None:
    """A framework's request instead of its mapping, an ASGI scope instead of a WSGI one."""
    with pytest.raises(InvalidArgumentError) as caught:
        make()
    assert caught.value.field == field


def test_a_token_is_signed_for_somebody() -> None:
    """A visitor without any identity could be anybody."""
    tokens = TrackingTokens("a secret of some length")
    with pytest.raises(InvalidArgumentError) as caught:
        tokens.sign(NOT_A_CLIENT, visitor=V)
    assert caught.value.field == "experience"
