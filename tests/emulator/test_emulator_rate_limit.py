"""The rate limit's headers: where the document has them, and true."""

from __future__ import annotations

import time
from typing import Any

import httpx
import pytest

from moengage_personalize.emulator import Emulator, Fault
from moengage_personalize.emulator.contract import document
from moengage_personalize.emulator.rate_limit import LIMIT, RateLimit

FETCH = "/experiences/fetch"
METADATA = "/experiences/metadata"


def limits(answer: httpx.Response) -> dict[str, str]:
    """The headers of an answer that tell the rate limit."""
    return {name: text for name, text in answer.headers.items() if name.startswith("x-ratelimit")}


def declared(status: str) -> set[str]:
    """The headers that the document has for a status of a fetch, but for `Retry-After`."""
    content: Any = document.load().content
    answer = content["paths"][FETCH]["post"]["responses"][status]
    shared = content["components"]["responses"].get(answer.get("$ref", "").rpartition("/")[2], {})
    return set((answer | shared)["headers"]) - {"Retry-After"}


def test_each_fetch_leaves_one_less(emulator: Emulator, http: httpx.Client) -> None:
    """Until the end of the minute, which every answer names, or a reset of the emulator."""
    before = time.time()
    answers = [http.post(FETCH, json={}) for _ in range(2)]
    first, second = map(limits, answers)
    assert set(first) == declared("200")
    assert first["x-ratelimit-limit"] == "10000"
    assert 0 <= int(first["x-ratelimit-reset"]) - before <= 60 + time.time() - before
    if first["x-ratelimit-reset"] == second["x-ratelimit-reset"]:
        left = [int(one["x-ratelimit-remaining"]) for one in (first, second)]
        assert left == [LIMIT - 1, LIMIT - 2]
    emulator.reset()
    assert limits(http.post(FETCH, json={}))["x-ratelimit-remaining"] == str(LIMIT - 1)


def test_a_new_minute_starts_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """And a minute with more fetches than the limit has none left, not less than none."""
    now = 1_725_258_666.0
    monkeypatch.setattr(time, "time", lambda: now)
    limit = RateLimit()
    used = [dict(limit.count()) for _ in range(LIMIT + 1)][-1]
    assert (used["x-ratelimit-remaining"], used["x-ratelimit-reset"]) == ("0", "1725258720")
    now += 60
    used = dict(limit.count())
    assert (used["x-ratelimit-remaining"], used["x-ratelimit-reset"]) == ("9999", "1725258780")


def test_what_has_no_limit_tells_none(http: httpx.Client, report_event: Any) -> None:
    """The vendor lists no limit of metadata and events."""
    assert limits(http.get(METADATA)) == limits(report_event()) == {}


@pytest.mark.parametrize("retry_after", [7, None, "Wed, 21 Oct 2026 07:28:00 GMT", "1e999"])
def test_a_429_says_when_the_limit_is_reset(
    emulator: Emulator, http: httpx.Client, retry_after: float | str | None
) -> None:
    """As `Retry-After` does in seconds; otherwise, and without one, at the end of the minute."""
    emulator.fail(None, Fault.rate_limited(retry_after))
    before = time.time()
    answer = http.post(FETCH, json={})
    told, seconds = limits(answer), 7 if retry_after == 7 else 60
    assert set(told) == declared("429")
    assert (answer.status_code, told["x-ratelimit-remaining"]) == (429, "0")
    assert ("retry-after" in answer.headers) == (retry_after is not None)
    assert before < int(told["x-ratelimit-reset"]) <= time.time() + seconds + 1


def test_a_plain_429_tells_nothing(emulator: Emulator, http: httpx.Client) -> None:
    """`Fault.status` is a gateway that only refuses."""
    emulator.fail(None, Fault.status(429))
    assert limits(http.get(METADATA)) == {}


def test_a_429_of_what_has_no_limit_tells_none(emulator: Emulator, http: httpx.Client) -> None:
    """A gateway refuses metadata and events without the fetches' count."""
    emulator.fail(None, Fault.rate_limited(7))
    answer = http.get(METADATA)
    assert (answer.status_code, answer.headers["retry-after"], limits(answer)) == (429, "7", {})
