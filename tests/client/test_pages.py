"""A page never breaks: what the API gave, filled up from the page's own defaults."""

from __future__ import annotations

import json
import logging
import re
import socket
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moengage_personalize import (
    AsyncPersonalizeClient,
    BadRequestError,
    ClientClosedError,
    ConnectionFailedError,
    Experience,
    InvalidArgumentError,
    PersonalizeClient,
    RequestTimeoutError,
    ServerError,
    Source,
    UnreadableAnswerError,
)
from moengage_personalize.client import pages
from moengage_personalize.client.operations import Found
from moengage_personalize.client.pages import Pages
from moengage_personalize_api.api.experiences import list_experience_metadata
from support import CONTEXT, Driver, Handler, ScriptedServer, experiences, http

Answering = Callable[..., ScriptedServer]
Serve = Callable[[Handler], ScriptedServer]

DEFAULT: dict[str, Any] = {"Title": "Welcome", "Discount": 0}
NOWHERE = "http://127.0.0.1:9/v1"


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What was logged above DEBUG."""
    return [
        f"{record.levelname} {record.message}"
        for record in caplog.records
        if record.levelno > logging.DEBUG
    ]


def answer(values: dict[str, Any], data_type: str = "string") -> dict[str, Any]:
    payload = {name: {"value": value, "data_type": data_type} for name, value in values.items()}
    return {"experiences": {"banner": {"payload": payload, "experience_context": CONTEXT}}}


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (http(400, {"title": "Bad", "description": "odd"}), BadRequestError),
        (http(401), None),
        (http(403), None),
        (http(404), None),
        (http(429), None),
        (http(500), ServerError),
        (http(503, b"<html>", content_type="text/html"), ServerError),
        (http(200, b"<html>", content_type="text/html"), UnreadableAnswerError),
        (http(200, {"experiences": 5}), UnreadableAnswerError),
        (http(204), UnreadableAnswerError),
        (b"this is no HTTP\r\n\r\n", ConnectionFailedError),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", RequestTimeoutError),
    ],
)
def test_nothing_that_the_server_does_raises(
    call: Driver, answering: Answering, answer: bytes, error: type[Exception] | None
) -> None:
    """The experience says where it came from and why."""
    server = answering(answer)
    options: dict[str, Any] = {"timeout": 0.5 if error is RequestTimeoutError else 30, "retries": 0}
    banner = call(server.base_url, "experience", "banner", "user_8821", DEFAULT, **options)
    assert (dict(banner), banner.source, banner.is_reportable) == (DEFAULT, Source.DEFAULT, False)
    assert type(banner.error).__name__ in banner.reason
    assert error is None or isinstance(banner.error, error)
    page = call(server.base_url, "experiences", "a", "b", defaults={"a": {}, "b": {}}, **options)
    assert (list(page), sorted(page.errors), page.missing) == (["a", "b"], ["a", "b"], ())


def test_a_server_that_is_gone_does_not_raise(call: Driver) -> None:
    """Neither does a host that does not exist."""
    for base_url in (NOWHERE, "https://no-such-host.invalid/v1"):
        banner = call(base_url, "experience", "banner", None, DEFAULT, timeout=1.0)
        assert banner["Title"] == "Welcome"


def test_a_closed_client_gives_defaults(transport: str) -> None:
    """A page may outlive it, in the last moments of a process."""
    del transport
    client = PersonalizeClient("W", "K", base_url=NOWHERE)
    client.close()
    banner = client.experience("banner", None, DEFAULT)
    assert (dict(banner), type(banner.error)) == (DEFAULT, ClientClosedError)


def test_not_even_an_error_of_this_package_breaks_a_page(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Its text, which may hold anything, is not repeated."""

    def fail(*_: Any) -> None:
        raise LookupError("user_8821")

    monkeypatch.setattr("moengage_personalize.client.sync_client.send", fail)
    with PersonalizeClient("W", "K", base_url=NOWHERE) as client:
        banner = client.experience("banner", None, DEFAULT)
    assert (dict(banner), str(banner.error)) == (DEFAULT, "unexpected LookupError")
    assert "LookupError" in lines(caplog)[0]
    assert "8821" not in caplog.text


def test_a_key_without_an_experience_shows_its_default(call: Driver, answering: Answering) -> None:
    """The API answered; this visitor matches nothing, and nothing is amiss."""
    server = answering(experiences("promo"))
    defaults = {"banner": DEFAULT, "promo": {"Title": "Hi"}}
    page = call(server.base_url, "experiences", "banner", "promo", defaults=defaults)
    assert (page["banner"].source, page["banner"].error) == (Source.DEFAULT, None)
    assert page["banner"].reason == "no experience for this visitor"
    assert (page["promo"].source, page["promo"]["Title"]) == (Source.NETWORK, "Hello from promo")
    assert (page.missing, page.errors) == ((), {})


def test_no_keys_are_those_that_the_client_has_defaults_for(
    call: Driver, answering: Answering
) -> None:
    """And they are asked for by name."""
    server = answering(experiences())
    page = call(server.base_url, "experiences", defaults={"a": {}, "b": {}})
    assert list(page) == ["a", "b"]
    assert json.loads(server.requests[0])["experience_key"] == ["a", "b"]


@pytest.mark.parametrize(
    ("method", "arguments", "options", "field"),
    [
        ("experience", ("banner", None), {}, "default"),
        ("experience", ("banner", None), {"defaults": {"promo": {}}}, "default"),
        ("experiences", ("promo", "banner"), {"defaults": {"promo": {}}}, "default"),
        ("experiences", (), {}, "keys"),
        ("experience", ("banner", None, ["Title"]), {}, "default"),
        ("experience", ("banner", None, {1: "x"}), {}, "default"),
        ("experience", (5, None, {}), {}, "key"),
        ("experience", (["banner"], None, {}), {}, "key"),
        ("experience", ("", None, {}), {}, "key"),
        ("experience", (["banner"], None), {}, "keys"),
        ("experience", ("banner", 8821, {}), {}, "visitor"),
        ("experience", ("banner", None, {}), {"timeout": 0}, "timeout"),
        ("experience", ("banner", None, {}), {"at": "monday"}, "at"),
        ("experiences", (), {"defaults": ["a"]}, "defaults"),
        ("experiences", (), {"defaults": {"a": "text"}}, "defaults['a']"),
        ("experiences", (), {"defaults": {"": {}}}, "defaults (a key in it)"),
    ],
)
def test_the_programmers_mistake_raises_at_once(
    method: str, arguments: tuple[Any, ...], options: dict[str, Any], field: str
) -> None:
    """Also without a network, so that it is found in development."""
    with pytest.raises(InvalidArgumentError) as caught:
        Driver("sync")(NOWHERE, method, *arguments, **options)
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("came", "default", "shown"),
    [
        (("Hi", "string"), "Welcome", "Hi"),
        (("15", "number"), 0, 15),
        (("15", "string"), 0, 15),
        ((15.0, "float"), 0, 15),
        (("15.5", "float"), 0.0, 15.5),
        ((15.5, "number"), 0, 15.5),
        ((15, "float"), 0.0, 15.0),
        (("true", "boolean"), False, True),
        (('{"columns": 3}', "json"), {}, {"columns": 3}),
        (("[1, 2]", "json"), [], [1, 2]),
        ((None, "string"), None, None),
        (([1], "json"), None, [1]),
        (("x", "string"), object, "x"),
    ],
)
def test_a_value_is_shown_in_the_kind_of_its_default(
    answering: Answering,
    caplog: pytest.LogCaptureFixture,
    came: tuple[Any, str],
    default: Any,
    shown: Any,
) -> None:
    """What is only written in another way is no trouble."""
    value, data_type = came
    server = answering(answer({"name": value}, data_type))
    banner = Driver("sync")(server.base_url, "experience", "banner", None, {"name": default})
    assert (banner["name"], type(banner["name"])) == (shown, type(shown))
    assert (banner.source, banner.is_reportable, lines(caplog)) == (Source.NETWORK, True, [])


@pytest.mark.parametrize(
    ("value", "default"),
    [
        (None, "Welcome"),
        (15, "Welcome"),
        ("fifteen", 0),
        (True, 0),
        (1, False),
        ("yes", False),
        ([1], {}),
        ({}, []),
        ("NaN", 0.0),
        ("9" * 5_000, 0),
        (10**400, 0.0),
    ],
)
def test_a_value_of_another_kind_is_the_defaults(
    answering: Answering, caplog: pytest.LogCaptureFixture, value: Any, default: Any
) -> None:
    """The template was written for that; the other values are the API's."""
    server = answering(answer({"name": value, "other": "Hi"}))
    banner = Driver("sync")(server.base_url, "experience", "banner", None, {"name": default})
    assert (banner["name"], banner["other"]) == (default, "Hi")
    assert (banner.source, banner.is_reportable) == (Source.NETWORK, True)
    assert len(lines(caplog)) == 1


@pytest.mark.parametrize("default", ["", [], {}, None, 0])
@pytest.mark.parametrize(
    "came", [[{"dp_offering_id": "1"}], {"offerings": [{"dp_offering_id": "1"}]}]
)
@pytest.mark.parametrize("as_text", [True, False])
def test_offerings_are_read_whatever_the_kind_of_the_default(
    call: Driver, answering: Answering, default: Any, came: Any, *, as_text: bool
) -> None:
    """The value shows the default if it is of another kind; the offerings are those that came."""
    server = answering(http(200, answer({"Offers": json.dumps(came) if as_text else came})))
    banner = call(server.base_url, "experience", "banner", "u", {"Offers": default})
    assert [dict(one) for one in banner.offerings("Offers")] == [{"dp_offering_id": "1"}]


def test_offerings_of_the_default_stand_in(call: Driver, answering: Answering) -> None:
    """Where the API has none, as for the value itself."""
    server = answering(http(200, answer({"Offers": None})))
    default = {"Offers": [{"dp_offering_id": "own"}]}
    banner = call(server.base_url, "experience", "banner", "u", default)
    assert [one["dp_offering_id"] for one in banner.offerings("Offers")] == ["own"]


def test_a_renamed_value_is_told_once_and_so_is_its_end(
    answering: Answering, caplog: pytest.LogCaptureFixture
) -> None:
    """However many pages show it."""
    caplog.set_level(logging.INFO)
    old, new = answer({"Title": "Hi", "Discount": 5}), answer({"Heading": "Hi", "Discount": 5})
    server = answering(old, new, new, new, old, old, new, old)
    with PersonalizeClient("W", "K", base_url=server.base_url) as client:
        shown = [client.experience("banner", None, DEFAULT)["Title"] for _ in range(8)]
    assert shown == ["Hi", *["Welcome"] * 3, "Hi", "Hi", "Welcome", "Hi"]
    assert lines(caplog) == [
        "WARNING banner has no value 'Title' any more; its default is shown",
        "INFO banner has its value 'Title' again",
    ]


def test_what_was_told_does_not_fill_memory() -> None:
    """A page that makes up keys, or values, is told of each, and forgets."""
    pages = Pages(None)
    for number in range(3_000):
        found = Found({str(number): Experience.fake(str(number))})
        pages.page([str(number)], {"Title": "Hi"}).answer(found)
    assert len(pages._troubles._ended_at) <= 1_000


def test_one_bad_experience_spoils_no_other(
    call: Driver, answering: Answering, caplog: pytest.LogCaptureFixture
) -> None:
    """Nor one bad value: what is amiss in one key is that key's."""
    body = experiences("good", "damaged")
    body["experiences"]["damaged"]["payload"]["Discount"] = {"value": 5}
    body["experiences"] |= {"null": None, "list": [], "text": "x", "no payload": {}}
    body["experiences"]["payload"] = {"payload": [1], "experience_context": CONTEXT}
    defaults = {**dict.fromkeys(body["experiences"], DEFAULT), "good": {"Title": "Hi"}}
    page = call(answering(body).base_url, "experiences", defaults=defaults)
    assert page["good"]["Title"] == "Hello from good"
    assert dict(page["damaged"]) == {"Title": "Hello from damaged", "Discount": 0}
    for key in ("null", "list", "text", "no payload", "payload"):
        assert (dict(page[key]), type(page[key].error)) == (DEFAULT, UnreadableAnswerError)
    assert page.errors.keys() == body["experiences"].keys() - {"good"}
    assert len(lines(caplog)) == 6
    found = call(answering(body).base_url, "fetch", *body["experiences"], "absent")
    assert list(found) == ["good", "damaged"]
    assert found.missing == ("null", "list", "text", "no payload", "payload", "absent")
    assert found.errors.keys() == page.errors.keys()
    damage = found.errors["damaged"]
    assert isinstance(damage, UnreadableAnswerError)
    assert (damage.field, found["damaged"].error) == ("data_type", damage)


def test_an_outage_is_heard_and_so_is_its_end(
    answering: Answering, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line each, however many pages show defaults meanwhile."""
    monkeypatch.setattr(pages, "_CALM", 0.0)
    caplog.set_level(logging.INFO)
    good = http(200, experiences())
    server = answering(good, http(503), http(500), http(503), good, good, http(502))
    with PersonalizeClient("W", "K", base_url=server.base_url, retries=0) as client:
        for _ in range(7):
            client.experience("banner", "user_8821", DEFAULT)
    assert lines(caplog) == [
        "WARNING fetches from MoEngage fail; pages show defaults: 503 Service Unavailable",
        "INFO fetches from MoEngage work again, after 3 that failed",
        "WARNING fetches from MoEngage fail; pages show defaults: 502 Bad Gateway",
    ]


def test_one_bad_server_of_two_is_one_outage(
    answering: Answering, caplog: pytest.LogCaptureFixture
) -> None:
    """A balancer that sends every second fetch to it must not fill the log."""
    caplog.set_level(logging.INFO)
    answers = (http(503), http(200, experiences())) * 4
    with PersonalizeClient("W", "K", base_url=answering(*answers).base_url, retries=0) as client:
        for _ in answers:
            client.experience("banner", "user_8821", DEFAULT)
    assert lines(caplog) == [
        "WARNING fetches from MoEngage fail; pages show defaults: 503 Service Unavailable"
    ]


@pytest.mark.parametrize("status", [401, 403])
def test_refused_credentials_are_an_error_once_while_that_lasts(
    answering: Answering,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    status: int,
) -> None:
    """A rotated key must not hide in an outage, and must not fill the log."""
    monkeypatch.setattr(pages, "_CALM", 0.0)
    caplog.set_level(logging.INFO)
    refused, good = http(status), http(200, experiences())
    server = answering(http(503), refused, http(503), refused, good, refused, good)
    with PersonalizeClient("W", "K", base_url=server.base_url, retries=0) as client:
        for _ in range(7):
            client.experience("banner", None, DEFAULT)
    levels = [line.partition(" ")[0] for line in lines(caplog)]
    assert levels == ["WARNING", "ERROR", "INFO", "ERROR", "INFO"]
    assert "after 4 that failed" in lines(caplog)[2]


def test_each_attempt_is_logged_for_who_looks_closely(
    answering: Answering, caplog: pytest.LogCaptureFixture
) -> None:
    """With its status, its milliseconds, and the request ID that support asks for."""
    caplog.set_level(logging.DEBUG)
    answers = http(503, {"req_id": "r-1"}), http(200, experiences(), X_Request_Id="r-2")
    server = answering(*answers)
    Driver("sync")(server.base_url, "fetch", "a", visitor="user_8821", timeout=30)
    told = [record.message for record in caplog.records if "experiences/fetch" in record.message]
    address = f"POST {server.base_url}/experiences/fetch"
    assert re.fullmatch(rf"{address}: 503 after \d+ ms, request r-1", told[0])
    assert re.fullmatch(rf"{address}: 200 after \d+ ms, request r-2", told[1])


def test_no_attempt_is_logged_with_a_secret_that_the_server_repeats(
    answering: Answering, caplog: pytest.LogCaptureFixture
) -> None:
    """In the request ID of a success, as in that of a failure."""
    caplog.set_level(logging.DEBUG, "moengage_personalize")
    echo = "r-2.user_8821.EMULATED_KEY"
    answers = http(503, X_Request_Id=echo), http(200, experiences(), X_Request_Id=echo)
    Driver("sync")(answering(*answers).base_url, "fetch", "a", visitor="user_8821", timeout=30)
    assert caplog.text.count("request r-2.[redacted].[redacted]") == 2
    assert "8821" not in caplog.text
    assert "EMULATED_KEY" not in caplog.text


def test_default_content_has_nothing_to_report(call: Driver, answering: Answering) -> None:
    """Reporting it skips it, as an outage must not break the page in a second place."""
    server = answering(http(500))
    page = call(server.base_url, "experiences", defaults={"banner": DEFAULT}, retries=0)
    sent = len(server.requests)
    for method, what in (
        ("shown", page),
        ("shown", page["banner"].context),
        ("clicked", page["banner"]),
    ):
        receipt = call(server.base_url, method, what, visitor="u")
        assert (receipt.accepted, receipt.skipped) == (0, 1)
    assert len(server.requests) == sent


def test_a_disabled_client_sends_nothing_and_gives_defaults(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """On a developer's machine, without credentials and without noise."""
    with PersonalizeClient.disabled(defaults={"banner": DEFAULT}) as client:
        banner = client.experience("banner", "user_8821")
        assert (dict(banner), banner.error) == (DEFAULT, None)
        assert banner.reason == "the client is disabled"
        assert client.fetch("banner").missing == ("banner",)
        assert client.metadata() == ()
        receipt = client.shown(Experience.fake("banner"), banner, visitor="user_8821")
        assert (receipt.accepted, receipt.skipped) == (0, 2)
        with pytest.raises(ClientClosedError):
            list_experience_metadata.sync(client=client.api)
    assert lines(caplog) == []


@pytest.mark.parametrize("made", [PersonalizeClient.from_env, AsyncPersonalizeClient.from_env])
def test_the_environment_can_disable_a_client(made: Any) -> None:
    """Without credentials; what is neither yes nor no is told."""
    for said in ("1", "true", "YES"):
        assert made({"MOENGAGE_DISABLED": said})._settings.is_disabled
    for said in ("", "0", "off"):
        with pytest.raises(InvalidArgumentError, match="workspace_id"):
            made({"MOENGAGE_DISABLED": said})
    with pytest.raises(InvalidArgumentError, match="MOENGAGE_DISABLED"):
        made({"MOENGAGE_DISABLED": "maybe"})


@pytest.mark.parametrize(
    ("mistake", "told"),
    [
        ({"timeout": 0}, "timeout"),
        ({"retries": "3"}, "retries"),
        ({"transport": "curl"}, "transport"),
        ({"defaults": {"banner": 5}}, "defaults"),
    ],
)
@pytest.mark.parametrize("kind", [PersonalizeClient, AsyncPersonalizeClient])
def test_a_programmers_mistake_is_told_by_a_disabled_client_too(
    kind: Any, mistake: dict[str, Any], told: str
) -> None:
    """So that it is found before production; credentials and host may be anything."""
    disabled = {"MOENGAGE_DISABLED": "1"}
    assert kind.from_env(disabled, workspace_id="", data_center="anywhere")._settings.is_disabled
    with pytest.raises(InvalidArgumentError, match=told):
        kind.from_env(disabled, **mistake)


def test_a_fake_is_reportable() -> None:
    """For users' own tests of what they report."""
    fake = Experience.fake("banner", {"Title": "Hi", "Layout": {"columns": 3}, "Big": True})
    assert dict(fake) == {"Title": "Hi", "Layout": {"columns": 3}, "Big": True}
    assert [typed.data_type for typed in fake.payload.values()] == ["string", "json", "boolean"]
    assert (fake.key, fake.is_reportable) == ("banner", True)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
BODIES = st.dictionaries(
    st.sampled_from(["a", "b"]),
    JSON | st.fixed_dictionaries({"payload": JSON | st.dictionaries(st.just("Title"), JSON)}),
)


@given(BODIES, JSON)
def test_no_answer_breaks_a_page(body: dict[str, Any], default: Any) -> None:
    """Whatever JSON stands where an experience should."""
    content = json.dumps({"experiences": body}).encode()
    mock = httpx.MockTransport(lambda _: httpx.Response(200, content=content))
    with PersonalizeClient("W", "K", base_url=NOWHERE, transport=mock) as client:
        for key in ("a", "b"):
            assert "Title" in client.experience(key, None, {"Title": default})


def second_part_fails(connection: socket.socket, server: ScriptedServer) -> None:
    while request := server.read_request(connection):
        keys = json.loads(request.partition(b"\r\n\r\n")[2])["experience_key"]
        answer = http(500) if "key-30" in keys else http(200, experiences(*keys[1:]))
        connection.sendall(answer)


KEYS = [f"key-{number:02}" for number in range(60)]


def test_a_part_of_a_fetch_that_failed_is_told_and_the_rest_is_kept(
    call: Driver, serve: Serve
) -> None:
    """Sixty keys, of which the second twenty-five could not be fetched."""
    with pytest.raises(ServerError) as caught:
        call(serve(second_part_fails).base_url, "fetch", *KEYS, retries=0)
    found = caught.value.experiences
    assert sorted(found) == KEYS[1:25] + KEYS[51:]
    assert found.missing == ("key-00", "key-50")
    assert sorted(found.errors) == KEYS[25:50]
    assert found.errors["key-30"] is caught.value


def test_when_every_part_fails_alike_the_error_is_the_plain_one(
    call: Driver, answering: Answering
) -> None:
    """It can be caught by its own name."""
    with pytest.raises(ServerError) as caught:
        call(answering(http(503)).base_url, "fetch", *KEYS, retries=0)
    assert caught.value.experiences is None
