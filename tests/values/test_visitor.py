"""Who a call is about: what the programmer wrote wrong raises, what a browser sent never does."""

from __future__ import annotations

import json
import logging
import pickle
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moengage_personalize import InvalidArgumentError, Visitor

ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()))
ANY_BYTES = st.binary().map(lambda sent: sent.decode("latin-1"))
HALF = "\ud83c"


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"customer_id": 8821}, "customer_id"),
        ({"session_id": b"3f1c"}, "session_id"),
        ({"identifiers": "jane@example.com"}, "identifiers"),
        ({"identifiers": []}, "identifiers"),
        ({"identifiers": {"u_mb": 15550100}}, "identifiers['u_mb']"),
        ({"identifiers": {"": "x"}}, "identifiers (a name in it)"),
        ({"user_agent": b"UA"}, "user_agent"),
        ({"ip_address": 1}, "ip_address"),
        ({"attributes": ["utm"]}, "attributes"),
        ({"attributes": {"utm": ["email"]}}, "attributes (a value in it)"),
        ({"attributes": {5: "x"}}, "attributes (a name in it)"),
        ({"platform": "desktop"}, "platform"),
        ({"platform": None}, "platform"),
        ({"timezone": "Mars/Phobos"}, "timezone"),
        ({"timezone": "../../etc/passwd"}, "timezone"),
        ({"timezone": ""}, "timezone"),
        ({"timezone": 54001}, "timezone"),
        ({"timezone": -54001}, "timezone"),
        ({"timezone": 5.5}, "timezone"),
        ({"timezone": True}, "timezone"),
    ],
)
def test_the_programmers_mistake_is_refused_by_name(arguments: dict[str, Any], field: str) -> None:
    """When the visitor is made, and without repeating who it is."""
    with pytest.raises(InvalidArgumentError) as caught:
        Visitor(**arguments)
    assert caught.value.field == field
    for secret in ("8821", "jane", "1555"):
        assert secret not in str(caught.value)


def test_the_accepted_platforms_are_listed_and_matched_without_case() -> None:
    """The API matches them so; another one would count as unknown."""
    assert Visitor(platform="iOS").platform == "ios"  # type: ignore[arg-type]  # as it was typed
    with pytest.raises(InvalidArgumentError, match="web, android, ios, tv"):
        Visitor(platform="desktop")  # type: ignore[arg-type]  # the mistake


@given(ANY_TEXT, ANY_TEXT)
def test_no_text_of_a_browser_raises_and_all_that_is_left_can_be_sent(
    text: str, other: str
) -> None:
    """Cookies, headers and queries hold whatever the other side likes."""
    visitor = Visitor(
        text,
        session_id=other,
        identifiers={"u_em": text},
        user_agent=text,
        ip_address=other,
        attributes={text: other, other: text},
    )
    kept: list[Any] = [visitor.customer_id, visitor.session_id, visitor.identifiers]
    kept += [visitor.user_agent, visitor.ip_address, visitor.attributes]
    json.dumps(kept, ensure_ascii=False).encode()


@pytest.mark.parametrize("text", ["", " \n", HALF, f"user_8821{HALF}"])
def test_an_identity_is_left_out_rather_than_altered(
    text: str, caplog: pytest.LogCaptureFixture
) -> None:
    """An altered one would be somebody else's."""
    caplog.set_level(logging.DEBUG)
    visitor = Visitor(text, session_id=text, identifiers={"u_em": text})
    assert (visitor.customer_id, visitor.session_id, visitor.identifiers) == (None, None, {})
    assert "customer_id: is left out" in caplog.text
    assert "8821" not in caplog.text


def test_bad_characters_of_other_texts_are_replaced() -> None:
    """A crawler's agent with one bad byte is still its agent."""
    agent = b"Mozilla OrangeEspa\xf1a\x00".decode("utf-8", "surrogateescape")
    visitor = Visitor(user_agent=agent, attributes={f"utm{HALF}": f"mail{HALF}"})
    assert visitor.user_agent == "Mozilla OrangeEspa\ufffda\ufffd"
    assert visitor.attributes == {"utm\ufffd": "mail\ufffd"}


def test_names_of_the_apis_own_are_no_attributes() -> None:
    """`/?identifiers=1` breaks no page, and changes no field."""
    names = ["identifiers", "experience_key", "USER_AGENT", "DAY_OF_THE_WEEK", "", " "]
    assert Visitor(attributes={**dict.fromkeys(names, "1"), "utm": "x"}).attributes == {"utm": "x"}


def test_what_the_application_does_not_know_either_is_left_out() -> None:
    """A profile without an e-mail address."""
    unknown: Any = {"u_em": None, "u_mb": "15550100"}
    assert Visitor(identifiers=unknown).identifiers == {"u_mb": "15550100"}
    assert Visitor(attributes={"utm": None}).attributes == {}  # type: ignore[dict-item]  # the same


def test_no_repr_shows_who_it_is() -> None:
    """It may be logged, copied and compared; nothing that the caller does later changes it."""
    attributes = {"utm_medium": "email"}
    visitor = Visitor(
        "user_8821",
        session_id="3f1c",
        identifiers={"u_em": "jane@example.com"},
        user_agent="Mozilla",
        ip_address="203.0.113.7",
        attributes=attributes,
        timezone="Asia/Kolkata",
    )
    assert repr(visitor) == "Visitor(platform='web')"
    attributes["utm_medium"] = "sms"
    assert visitor.attributes == {"utm_medium": "email"}
    copied = pickle.loads(pickle.dumps(visitor))
    assert copied == visitor
    assert len({copied, visitor}) == 1


def asgi(
    peer: str | None,
    *forwarded: str,
    agent: str | None = None,
    query: str = "",
    query_patterns: Any = (),
    **options: Any,
) -> Visitor:
    headers = [(b"x-forwarded-for", value.encode("latin-1")) for value in forwarded]
    if agent is not None:
        headers.append((b"user-agent", agent.encode("latin-1")))
    scope = {
        "headers": headers,
        "client": None if peer is None else (peer, 5000),
        "query_string": query.encode("latin-1"),
    }
    return Visitor.from_asgi(scope, query=query_patterns, **options)


def wsgi(
    peer: str | None,
    *forwarded: str,
    agent: str | None = None,
    query: str = "",
    query_patterns: Any = (),
    **options: Any,
) -> Visitor:
    environ: dict[str, Any] = {"REMOTE_ADDR": peer, "QUERY_STRING": query}
    if forwarded:
        environ["HTTP_X_FORWARDED_FOR"] = ",".join(forwarded)
    if agent is not None:
        environ["HTTP_USER_AGENT"] = agent
    return Visitor.from_wsgi(environ, query=query_patterns, **options)


either = pytest.mark.parametrize("request_of", [asgi, wsgi])


@either
@pytest.mark.parametrize(
    ("peer", "forwarded", "trusted", "address"),
    [
        ("203.0.113.7", (), 0, "203.0.113.7"),
        ("203.0.113.7", ("198.51.100.1",), 0, "203.0.113.7"),
        ("10.0.0.1", ("203.0.113.7",), 1, "203.0.113.7"),
        ("10.0.0.1", ("6.6.6.6, 203.0.113.7",), 1, "203.0.113.7"),
        ("10.0.0.1", ("6.6.6.6", "203.0.113.7", "10.0.0.2"), 2, "203.0.113.7"),
        ("10.0.0.1", ("203.0.113.7",), 5, "203.0.113.7"),
        ("10.0.0.1", (), 1, "10.0.0.1"),
        ("10.0.0.1", ("6.6.6.6, unknown",), 1, "10.0.0.1"),
        ("10.0.0.1", ("6.6.6.6, ",), 1, "10.0.0.1"),
        ("10.0.0.1", ("203.0.113.7:4711",), 1, "203.0.113.7"),
        ("10.0.0.1", ('"[2001:DB8::7]:4711"',), 1, "2001:db8::7"),
        ("10.0.0.1", ("2001:db8::7",), 1, "2001:db8::7"),
        ("fe80::1%eth0", (), 0, "fe80::1"),
        ("::ffff:203.0.113.7", (), 0, "203.0.113.7"),
        ("", ("203.0.113.7",), 1, "203.0.113.7"),
        (None, ("203.0.113.7",), 1, "203.0.113.7"),
        (None, (), 0, None),
        ("testclient", (), 0, None),
    ],
)
def test_the_address_is_what_the_farthest_trusted_proxy_saw(
    request_of: Callable[..., Visitor],
    peer: str | None,
    forwarded: tuple[str, ...],
    trusted: int,
    address: str | None,
) -> None:
    """What stands farther left, the browser may have invented."""
    assert request_of(peer, *forwarded, trusted_proxies=trusted).ip_address == address


@either
def test_a_request_gives_the_agent_and_the_wanted_part_of_its_query(
    request_of: Callable[..., Visitor],
) -> None:
    """Everything else is passed on as it is given."""
    visitor = request_of(
        "203.0.113.7",
        agent="Mozilla Espa\xf1a",
        query="utm_medium=email&utm_source=%FF&page=2&=x&utm_empty=&USER_AGENT=1",
        query_patterns=["utm_*", "USER_*"],
        customer_id="user_8821",
        attributes={"utm_medium": "sms", "plan": "pro"},
        platform="tv",
    )
    assert (visitor.customer_id, visitor.platform) == ("user_8821", "tv")
    assert visitor.user_agent == "Mozilla Espa\xf1a"
    assert visitor.attributes == {"utm_medium": "sms", "utm_source": "\ufffd", "plan": "pro"}


@either
@given(agent=ANY_BYTES, forwarded=ANY_BYTES, query=ANY_BYTES)
def test_no_request_raises(
    request_of: Callable[..., Visitor], agent: str, forwarded: str, query: str
) -> None:
    """A server hands on whatever bytes it was sent."""
    options: dict[str, Any] = {"trusted_proxies": 1, "query_patterns": ["*"]}
    visitor = request_of("10.0.0.1", forwarded, agent=agent, query=query, **options)
    assert visitor.ip_address is not None


@either
@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"trusted_proxies": -1}, "trusted_proxies"),
        ({"trusted_proxies": True}, "trusted_proxies"),
        ({"trusted_proxies": "1"}, "trusted_proxies"),
        ({"query_patterns": "utm_*"}, "query"),
        ({"query_patterns": [5]}, "query"),
        ({"query_patterns": None}, "query"),
        ({"query_patterns": ["utm_*"], "attributes": ["x"]}, "attributes"),
        ({"customer_id": 8821}, "customer_id"),
    ],
)
def test_a_mistake_beside_a_request_is_refused_by_name(
    request_of: Callable[..., Visitor], options: dict[str, Any], field: str
) -> None:
    """It is the programmer's, whatever the request holds."""
    with pytest.raises(InvalidArgumentError) as caught:
        request_of("203.0.113.7", **options)
    assert caught.value.field == field


@pytest.mark.parametrize("read", [Visitor.from_asgi, Visitor.from_wsgi])
def test_a_bare_request_is_a_visitor_of_whom_nothing_is_known(read: Any) -> None:
    """A test client leaves most of it out."""
    assert read({}) == Visitor()
