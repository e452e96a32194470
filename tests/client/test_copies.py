"""What a caller holds can be copied, pickled and shared between threads."""

from __future__ import annotations

import copy
import pickle
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from moengage_personalize import (
    Event,
    Experiences,
    PersonalizeClient,
    ServerError,
)
from moengage_personalize.transport.deadline import Deadline
from moengage_personalize_api.api.experiences import fetch_experiences
from moengage_personalize_api.models import FetchExperiencesRequest
from moengage_personalize_api.types import Models
from support import Driver, ScriptedServer, experiences, http

Answering = Callable[..., ScriptedServer]


def unpickled(held: Any) -> Any:
    return pickle.loads(pickle.dumps(held))


AGAIN = pytest.mark.parametrize(
    "again",
    [copy.copy, copy.deepcopy, unpickled],
    ids=["copy", "deepcopy", "pickle"],
)


@pytest.fixture
def fetching(answering: Answering) -> Iterator[PersonalizeClient]:
    """A client of a server that knows one experience."""
    server = answering(experiences("a"))
    defaults: dict[str, dict[str, Any]] = {"a": {"Title": "Hi"}, "b": {"list": [1]}}
    with PersonalizeClient("W", "K", base_url=server.base_url, defaults=defaults) as client:
        yield client


@AGAIN
@pytest.mark.parametrize("touched", [False, True])
def test_a_fetchs_answer_is_the_same_again(
    fetching: PersonalizeClient, again: Callable[[Any], Experiences], *, touched: bool
) -> None:
    """A cache in another process keeps it, whether or not its values were read before."""
    found = fetching.experiences("a", "b")
    if touched:
        assert found["a"]["Title"]
    kept = again(found)
    assert {key: dict(one) for key, one in kept.items()} == {
        "a": {"Title": "Hello from a"},
        "b": {"list": [1]},
    }
    assert (kept.missing, kept["a"].context) == (found.missing, found["a"].context)
    assert Event.shown(kept["a"], visitor="u")


@AGAIN
def test_a_response_is_the_same_again(
    fetching: PersonalizeClient, again: Callable[[Any], Any]
) -> None:
    """Ours, and those of the generated functions and of httpx below them."""
    transport = fetching._transport
    ours = transport.exchange(transport.request({"method": "get", "url": "/x"}), Deadline(5))
    generated: Any = fetch_experiences.sync_detailed(
        client=fetching.api, body=FetchExperiencesRequest()
    )
    of_httpx = fetching.api.get_httpx_client().get("/experiences/metadata")
    for held in (ours, generated, of_httpx):
        kept = again(held)
        assert kept.headers["content-type"] == "application/json"
        assert kept.content == held.content
    assert again(generated).parsed.to_dict() == generated.parsed.to_dict()


@AGAIN
def test_an_error_of_a_call_is_the_same_again(
    answering: Answering, again: Callable[[Any], Any]
) -> None:
    """Task queues send it to another process, with its fields and what succeeded."""
    keys = [str(number) for number in range(30)]
    server = answering(http(503, {"title": "Busy"}, Retry_After="7"), experiences("a"))
    with pytest.raises(ServerError) as caught:
        Driver("sync")(server.base_url, "fetch", *keys, retries=0)
    kept = again(caught.value)
    assert (str(kept), kept.attempts) == (str(caught.value), 1)
    assert kept.experiences["a"]["Title"] == "Hello from a"
    assert (kept.status, kept.title, kept.retry_after) == (503, "Busy", 7)
    assert {type(error) for error in kept.experiences.errors.values()} == {ServerError}


def test_threads_are_given_the_same_model() -> None:
    """Also if they ask for it first, and together."""
    started = threading.Barrier(8)

    def make(_: Any) -> object:
        started.wait(timeout=5)  # each of them makes one
        return object()

    models = Models({"a": None}, make)
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as threads:
            found = list(threads.map(models.__getitem__, ["a"] * 8))
    finally:
        sys.setswitchinterval(interval)
    assert len(set(map(id, found))) == 1
