"""What becomes of each event of a delivery: every decision, without a server."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moengage_personalize import (
    ApiError,
    AuthenticationError,
    BadRequestError,
    ConnectionFailedError,
    Event,
    PersonalizeError,
    RateLimitedError,
    RequestTimeoutError,
    ServerError,
    UnexpectedStatusError,
)
from moengage_personalize.reporter.batch_delivery import BatchDelivery, Result, Verdict
from moengage_personalize.reporter.schedule import RequestSize
from moengage_personalize.reporter.spool import LeasedEvent
from moengage_personalize.reporter.suspicion import Plan
from support import CONTEXT

BAD = BadRequestError("400", status=400)


def leased(count: int) -> list[LeasedEvent]:
    event = Event.shown(CONTEXT, visitor="u")
    return [LeasedEvent(number, event, 1_000) for number in range(count)]


class Api:
    """Refuses batches with a poisoned event in them, and everything once it has failed."""

    def __init__(
        self,
        poison: set[int],
        *,
        fails_at: int | None = None,
        error: PersonalizeError | None = None,
        probe: PersonalizeError | None = None,
    ) -> None:
        self.poison = poison
        self.fails_at = fails_at
        self.error = error
        self.probe = probe
        self.requests = 0
        self.size = RequestSize()
        self.delivered: list[int] = []
        self.buried: list[int] = []

    def run(self, batch: list[LeasedEvent]) -> Result:
        return self.follow(Plan([batch]))

    def follow(self, plan: Plan) -> Result:
        return BatchDelivery(
            plan,
            send=lambda part: self.answer({one.id for one in part}),
            probe=self.ask,
            delivered=lambda part: self.delivered.extend(one.id for one in part),
            dead_letter=lambda letter, _: self.buried.append(letter.id),
            size=self.size,
        ).run()

    def answer(self, ids: set[int]) -> PersonalizeError | None:
        self.requests += 1
        if self.fails_at is not None and self.requests > self.fails_at:
            return self.error
        return BAD if ids & self.poison else None

    def ask(self) -> PersonalizeError | None:
        self.requests += 1
        return self.probe


@given(st.integers(1, 300), st.data())
def test_poison_is_found_and_everything_else_arrives(count: int, data: st.DataObject) -> None:
    """Whichever events the API refuses, exactly these are buried."""
    poison = data.draw(st.sets(st.integers(0, count - 1), max_size=5))
    api = Api(poison)
    assert api.run(leased(count)).verdict is Verdict.DONE
    assert sorted(api.buried) == sorted(poison)
    assert sorted(api.delivered) == sorted(set(range(count)) - poison)


def test_one_poisoned_event_among_a_hundred_costs_few_requests() -> None:
    """Halving, not trying one after the other."""
    api = Api({63})
    api.run(leased(100))
    assert api.requests <= 2 * 7 + 2


@given(st.integers(1, 100), st.integers(0, 20), st.data())
def test_a_failure_gives_back_whatever_was_not_settled(
    count: int, fails_at: int, data: st.DataObject
) -> None:
    """In the middle of a bisection too: nothing is lost and nothing is settled twice."""
    poison = data.draw(st.sets(st.integers(0, count - 1), max_size=3))
    error = ServerError("503", status=503)
    api = Api(poison, fails_at=fails_at, error=error)
    result = api.run(leased(count))
    settled = api.delivered + api.buried
    assert sorted(settled + [one.id for one in result.left]) == list(range(count))
    if result.left:
        assert (result.verdict, result.error) == (Verdict.RETRY, error)


@pytest.mark.parametrize(
    ("error", "verdict"),
    [
        (AuthenticationError("401", status=401), Verdict.PAUSED),
        (RateLimitedError("429", status=429), Verdict.RETRY),
        (ServerError("500", status=500), Verdict.RETRY),
        (RequestTimeoutError("slow"), Verdict.RETRY),
        (ConnectionFailedError("gone"), Verdict.RETRY),
    ],
)
def test_what_is_no_fault_of_an_event_buries_none(
    error: PersonalizeError, verdict: Verdict
) -> None:
    """And everything is given back."""
    api = Api(set(), fails_at=0, error=error)
    result = api.run(leased(10))
    assert (result.verdict, result.error, len(result.left)) == (verdict, error, 10)
    assert api.requests == 1


@pytest.mark.parametrize("count", [1, 7, 100])
@pytest.mark.parametrize("refusal", [BAD, AuthenticationError("401", status=401)])
def test_a_400_for_everything_is_blamed_on_the_credentials(
    count: int, refusal: PersonalizeError
) -> None:
    """An unknown MOE-APPKEY is a 400 as well; it must not turn every event into a dead letter."""
    api = Api(set(range(count)), probe=refusal)
    result = api.run(leased(count))
    assert (result.verdict, api.buried, len(result.left)) == (Verdict.PAUSED, [], count)


@pytest.mark.parametrize("count", [6, 100])
def test_a_400_for_every_event_buries_few_and_asks_for_a_person(count: int) -> None:
    """The credentials are good; it is the API, or the document, and not a hundred events."""
    api = Api(set(range(count)))
    result = api.run(leased(count))
    assert (result.verdict, len(api.buried), len(result.left)) == (Verdict.PAUSED, 5, count - 5)


def test_what_is_good_arrives_before_the_poison_is_found() -> None:
    """So a server that fails in between delays the suspects only."""
    api = Api({0}, fails_at=3, error=ServerError("503", status=503))
    result = api.run(leased(100))
    assert len(api.delivered) == 50
    assert len(result.left) == 50


def test_a_request_that_is_too_large_is_halved() -> None:
    """And an event that is too large by itself is set aside."""
    too_large = UnexpectedStatusError("413", status=413)

    class Narrow(Api):
        def answer(self, ids: set[int]) -> PersonalizeError | None:
            self.requests += 1
            return too_large if len(ids) > 10 or 7 in ids else None

    api = Narrow(set())
    assert api.run(leased(100)).verdict is Verdict.DONE
    assert (api.buried, len(api.delivered)) == ([7], 99)


@pytest.mark.parametrize("status", [403, 404, 405, 422])
def test_a_status_that_no_event_explains_asks_for_a_person(status: int) -> None:
    """A base URL or a gateway is wrong; nothing is buried and nothing is silent."""
    error: ApiError = UnexpectedStatusError(str(status), status=status)
    result = Api(set(), fails_at=0, error=error).run(leased(10))
    assert (result.verdict, len(result.left)) == (Verdict.PAUSED, 10)


def test_a_gateway_that_lost_patience_is_asked_later() -> None:
    """408 is no person's to mend."""
    error = UnexpectedStatusError("408", status=408)
    assert Api(set(), fails_at=0, error=error).run(leased(1)).verdict is Verdict.RETRY


def test_a_server_that_fails_while_the_credentials_are_in_doubt_decides_nothing() -> None:
    """Later, then."""
    result = Api({0}, probe=ServerError("503", status=503)).run(leased(1))
    assert (result.verdict, len(result.left)) == (Verdict.RETRY, 1)


class Poisoned(Api):
    """A server that fails over some events, with whatever is no 400."""

    def answer(self, ids: set[int]) -> PersonalizeError | None:
        self.requests += 1
        return self.error if ids & self.poison else None


FAILURES = [
    ServerError("500", status=500),
    UnexpectedStatusError("403", status=403),
    ConnectionFailedError("reset"),
    RequestTimeoutError("slow"),
]


@pytest.mark.parametrize("error", FAILURES, ids=str)
def test_a_search_finds_what_fails_alone(error: PersonalizeError) -> None:
    """Everything else arrives, and nothing is buried yet."""
    api = Poisoned({3, 70}, error=error)
    batch = leased(100)
    parts = [batch[start : start + 25] for start in range(0, 100, 25)]
    result = api.follow(Plan(parts, is_search=True))
    assert (result.verdict, result.left, api.buried) == (Verdict.DONE, (), [])
    assert sorted(one.id for one, _ in result.alone) == [3, 70]
    assert sorted(api.delivered) == sorted(set(range(100)) - {3, 70})
    assert api.requests < 40


def test_a_search_in_an_outage_ends_soon() -> None:
    """Three requests instead of one, and everything is given back."""
    api = Poisoned(set(range(100)), error=ServerError("503", status=503))
    batch = leased(100)
    result = api.follow(Plan([batch[:50], batch[50:]], is_search=True))
    assert (result.verdict, len(result.left), result.alone) == (Verdict.RETRY, 100, ())
    assert api.requests == 3


def test_a_search_ends_when_the_server_fails_meanwhile() -> None:
    """After eight failures in a row; what was delivered stays so."""
    api = Api(set(), fails_at=1, error=ServerError("503", status=503))
    batch = leased(100)
    result = api.follow(Plan([batch[:50], batch[50:]], is_search=True))
    assert (result.verdict, len(result.left), len(api.delivered)) == (Verdict.RETRY, 50, 50)
    assert api.requests == 1 + 8


def test_a_search_after_an_outage_soon_sends_whole_batches() -> None:
    """Parts that succeed are joined."""
    api = Api(set())
    assert api.follow(Plan([[one] for one in leased(1_000)], is_search=True)).left == ()
    assert api.requests <= 10
    assert sorted(api.delivered) == list(range(1_000))


def test_a_suspect_is_sent_alone_and_last_and_holds_nothing_up() -> None:
    """What failed before fails again; the others arrived."""
    api = Poisoned({3, 4}, error=ServerError("500", status=500))
    batch = leased(10)
    result = api.follow(Plan([batch[:3] + batch[6:]], alone=batch[3:6]))
    assert (result.verdict, result.is_contrast) == (Verdict.DONE, True)
    assert [one.id for one, _ in result.alone] == [3, 4]
    assert api.delivered == [0, 1, 2, 6, 7, 8, 9, 5]


def test_a_suspect_alone_is_no_contrast() -> None:
    """Without others, it may be the server."""
    api = Poisoned({0}, error=ServerError("500", status=500))
    assert api.follow(Plan([], alone=leased(1))).is_contrast is None


class Narrow(Api):
    """A server that fails over more than so many events, without a word about their size."""

    most = 10

    def answer(self, ids: set[int]) -> PersonalizeError | None:
        self.requests += 1
        return self.error if len(ids) > self.most else None


def test_a_size_that_is_refused_is_remembered() -> None:
    """By a 413: the next request is not as large."""
    api = Narrow(set(), error=UnexpectedStatusError("413", status=413))
    api.run(leased(100))
    assert len(api.delivered) == 100
    assert api.size.most == 10_000


def test_a_size_that_always_fails_is_remembered() -> None:
    """By a reset, as of a proxy: the search finds no event that is guilty."""
    api = Narrow(set(), error=ConnectionFailedError("reset"))
    batch = leased(40)
    api.follow(Plan([batch[:20], batch[20:]], is_search=True))
    assert (len(api.delivered), api.size.most) == (40, 10_000)


def test_a_server_that_recovered_has_no_size_that_fails() -> None:
    """The first time that parts arrive of what failed as a whole, it may be that."""
    api = Api(set())
    batch = leased(40)
    for most in (1_000_000, 20_000):
        api.follow(Plan([batch[:20], batch[20:]], is_search=True))
        assert api.size.most == most
