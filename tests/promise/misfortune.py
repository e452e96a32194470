"""What can befall a page that asks for experiences: server, answer, visitor and surroundings.

A `Case` is drawn by Hypothesis from a seed. `right` says, without the package's help, what a page
may show after it.
"""

from __future__ import annotations

import contextlib
import copy
import json
import math
import socket
import struct
import time
from collections.abc import Callable
from typing import Any, Final

import attrs
from hypothesis import strategies as st

from support import CONTEXT, ScriptedServer, http

CUSTOMER: Final = "customer-5entinel"
"""In everything that tells who a visitor is, so that a log that tells can be caught."""

KEYS: Final = ("banner", "price", "layout")
DEFAULTS: Final[dict[str, dict[str, Any]]] = {
    "banner": {"Title": "Welcome", "Discount": 0, "Ratio": 0.5, "Shown": False},
    "price": {"Amount": 10, "Plan": {"name": "basic"}},
    "layout": {"Rows": ["hero"], "Note": "none"},
}
TYPES: Final = {str: "string", int: "number", float: "float", bool: "boolean"}
SENT: Final[dict[str, dict[str, Any]]] = {
    "banner": {"Title": "Hi", "Discount": 15, "Ratio": 0.25, "Shown": True},
    "price": {"Amount": 12, "Plan": {"name": "gold"}},
    "layout": {"Rows": ["hero", "grid"], "Note": "some"},
}

QUICK: Final = 10.0
"""Seconds for a call whose server answers at once: a busy machine must not look like a fault."""
SLOW: Final = 0.12
"""Seconds for a call that waits in vain."""


def good_answer() -> dict[str, Any]:
    """What the API sends for `KEYS` when all is well."""
    return {
        "experiences": {
            key: {
                "payload": {
                    name: {"value": value, "data_type": TYPES.get(type(value), "json")}
                    for name, value in values.items()
                },
                "experience_context": dict(CONTEXT),
            }
            for key, values in copy.deepcopy(SENT).items()
        }
    }


# --- what a browser sends ---------------------------------------------------------------------

ANY_TEXT = st.text(st.characters(exclude_categories=[]), max_size=30)


def _named(text: str) -> str:
    return f"{CUSTOMER}{text}"


WHO = st.one_of(st.none(), st.just(""), st.just(" "), ANY_TEXT.map(_named))
VISITORS = st.fixed_dictionaries(
    {},
    optional={
        "customer_id": WHO,
        "session_id": WHO,
        "user_agent": WHO,
        "ip_address": WHO,
        "attributes": st.dictionaries(
            st.one_of(
                ANY_TEXT,
                st.sampled_from(["identifiers", "experience_key", "USER_AGENT", "DAY_OF_THE_WEEK"]),
            ),
            ANY_TEXT.map(_named),
            max_size=4,
        ),
        "platform": st.sampled_from(["web", "android", "ios", "tv"]),
        "timezone": st.sampled_from(["Asia/Kolkata", 3600]),
    },
)

# --- what a dashboard or a broken API makes of an answer --------------------------------------

ANY_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats()
    | st.text(st.characters(exclude_categories=[]), max_size=8)
    | st.sampled_from(["15", "true", "{}", "1e999", "NaN", ""]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)


@st.composite
def spoilt_experience(draw: st.DrawFn) -> tuple[dict[str, Any], tuple[str, ...]]:
    """An answer in which something of one experience is amiss, and the keys left alone."""
    answer = good_answer()
    key = draw(st.sampled_from(KEYS))
    node: Any = answer["experiences"]
    name: Any = key
    for _ in range(draw(st.integers(0, 3))):
        if not isinstance(node[name], dict) or not node[name]:
            break
        node = node[name]
        name = draw(st.sampled_from(sorted(node)))
    match draw(st.sampled_from(["remove", "replace", "rename", "data_type"])):
        case "remove":
            del node[name]
        case "rename":
            node[draw(ANY_TEXT.filter(lambda text: text not in KEYS))] = node.pop(name)
        case "data_type" if isinstance(node[name], dict):
            node[name]["data_type"] = draw(ANY_JSON)
        case _:
            node[name] = draw(ANY_JSON)
    return answer, tuple(other for other in KEYS if other != key)


@st.composite
def spoilt_body(draw: st.DrawFn) -> bytes:
    """A success whose body is no answer at all, or not quite."""
    body = json.dumps(good_answer()).encode()
    at = draw(st.integers(0, len(body) - 1))
    return draw(
        st.sampled_from([b"", body[:at], b'{"experiences":' + b"[" * 50_000])
        | st.just(body.decode().encode("utf-16"))
        | st.binary(max_size=200)
        | st.binary(min_size=1, max_size=4).map(lambda noise: body[:at] + noise + body[at:])
        | ANY_JSON.map(lambda value: json.dumps(value).encode())
    )


# --- what a server, a gateway or a network does -----------------------------------------------

Act = Callable[[socket.socket, ScriptedServer], None]


def _answer(sent: bytes) -> Act:
    def act(connection: socket.socket, _: ScriptedServer) -> None:
        connection.sendall(sent)

    return act


def _close(connection: socket.socket, _: ScriptedServer) -> None:
    connection.shutdown(socket.SHUT_RDWR)


def _reset(connection: socket.socket, _: ScriptedServer) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def _hang(connection: socket.socket, _: ScriptedServer) -> None:
    connection.recv(1)  # until the client has gone


def _trickle(connection: socket.socket, server: ScriptedServer) -> None:
    for byte in http(200, good_answer()):
        if server.stopped.wait(0.02):
            return
        connection.sendall(bytes([byte]))


def _cut(connection: socket.socket, _: ScriptedServer) -> None:
    sent = http(200, good_answer())
    connection.sendall(sent[: len(sent) // 2])
    connection.shutdown(socket.SHUT_RDWR)


def _late(connection: socket.socket, server: ScriptedServer) -> None:
    if not server.stopped.wait(2 * SLOW):
        connection.sendall(http(200, good_answer()))


@attrs.frozen
class Case:
    """One misfortune.

    Attributes:
        name: Its kind, for a failure's report.
        visitor: The arguments of the visitor.
        timeout: Seconds for the call.
        act: What the server does with each request.
        answer: The JSON that it answers with, if it does.
        unspoilt: The keys whose content must arrive.
        state: Of the client: `open`, `closed`, `refused` (nobody listens).
    """

    name: str
    visitor: dict[str, Any]
    timeout: float
    act: Act = attrs.field(repr=False)
    answer: Any = None
    unspoilt: tuple[str, ...] = ()
    state: str = "open"


@st.composite
def _spoilt_experiences(draw: st.DrawFn, visitor: dict[str, Any]) -> Case:
    answer, unspoilt = draw(spoilt_experience())
    return Case("experience", visitor, QUICK, _answer(http(200, answer)), answer, unspoilt)


@st.composite
def _spoilt_bodies(draw: st.DrawFn, visitor: dict[str, Any]) -> Case:
    body = draw(spoilt_body())
    try:
        answer = json.loads(body.decode(json.detect_encoding(body), errors="replace"))
    except (ValueError, RecursionError):
        answer = None
    return Case(f"body {body!r}", visitor, QUICK, _answer(http(200, body)), answer)


@st.composite
def _statuses(draw: st.DrawFn, visitor: dict[str, Any]) -> Case:
    status = draw(
        st.one_of(st.sampled_from([400, 401, 403, 413, 429, 502, 503]), st.integers(200, 599))
    )
    body = draw(st.sampled_from([b"", b"<html>", b"null", b'{"error": {"code": 1}}', b"\xff"]))
    headers = draw(
        st.dictionaries(
            st.sampled_from(["Retry_After", "Content_Encoding", "Location", "Date", "Set_Cookie"]),
            st.sampled_from(["0", "-1", "9" * 40, "gzip", "x", "Mon, 01 Jan 2024 00:00:00 GMT"]),
            max_size=2,
        )
    )
    return Case("status", visitor, 3 * SLOW, _answer(http(status, body, **headers)))


@st.composite
def _wires(draw: st.DrawFn, visitor: dict[str, Any]) -> Case:
    acts = [_close, _reset, _hang, _trickle, _cut, _late]
    raw = draw(st.one_of(st.sampled_from(acts), st.binary(max_size=60).map(_answer)))
    return Case("wire", visitor, SLOW, raw)


@st.composite
def _states(draw: st.DrawFn, visitor: dict[str, Any]) -> Case:
    state = draw(st.sampled_from(["closed", "refused"]))
    return Case(state, visitor, 3 * SLOW, _close, state=state)


def _well(visitor: dict[str, Any]) -> st.SearchStrategy[Case]:
    """A visitor's input alone, which must not keep anything back."""
    answer = good_answer()
    return st.just(Case("visitor", visitor, QUICK, _answer(http(200, answer)), answer, KEYS))


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Any misfortune, beside whatever the visitor's browser sent."""
    visitor = draw(VISITORS)
    kinds: list[Callable[..., st.SearchStrategy[Case]]]
    kinds = [_spoilt_experiences, _spoilt_experiences, _spoilt_bodies, _statuses, _wires, _well]
    if draw(st.integers(0, 19)) == 0:
        kinds = [_states]
    case: Case = draw(draw(st.sampled_from(kinds))(visitor))
    return case


# --- what a page may show ---------------------------------------------------------------------


def right(case: Case, key: str, name: str) -> list[Any]:
    """The values that a page may show."""
    default = DEFAULTS[key][name]
    if key in case.unspoilt:
        return [SENT[key][name]]
    try:
        value = case.answer["experiences"][key]["payload"][name]["value"]
    except (KeyError, TypeError, IndexError):
        return [default]
    return [default, *_readings(value, default)]


def _readings(value: Any, default: Any) -> list[Any]:
    """A value as it came, and what a text says, where that is of the default's kind."""
    readings = [value]
    if isinstance(value, str):
        with contextlib.suppress(ValueError, RecursionError):
            readings.append(json.loads(value))
    if type(default) is float:
        readings += [float(one) for one in readings if type(one) is int]
    if type(default) is int:
        readings += [int(one) for one in readings if type(one) is float and one.is_integer()]
    kinds = {float, int} if type(default) is int else {type(default)}  # JSON has one kind of number
    return [one for one in readings if type(one) in kinds and one == one]  # noqa: PLR0124  (no NaN)


def is_shown(value: Any, allowed: list[Any]) -> bool:
    """Whether it is one of them, and of its kind."""
    if isinstance(value, float) and math.isnan(value):
        return False
    return any(type(value) is type(one) and value == one for one in allowed)


class Server:
    """One server for many cases, each of which says what it does."""

    def __init__(self, scripted: Callable[[Callable[..., None]], ScriptedServer]) -> None:
        self.act: Act = _close
        self.base_url = scripted(self._handle).base_url

    def _handle(self, connection: socket.socket, server: ScriptedServer) -> None:
        while server.read_request(connection):
            self.act(connection, server)


def nobody() -> str:
    """An address where nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    return f"http://127.0.0.1:{port}/v1"


def timed(call: Callable[[], Any]) -> tuple[Any, float]:
    """What a call gave, and its seconds."""
    start = time.monotonic()
    return call(), time.monotonic() - start
