"""When to flush, how fast, and how long to wait: with a clock that tests turn by hand."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from moengage_personalize.reporter.schedule import Backoff, FlushSchedule, RequestRate, RequestSize


class FlushMachine(RuleBasedStateMachine):
    """A flush is due exactly at the hundredth user or the fifth second, whichever comes first."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.schedule = FlushSchedule(users=3, interval=5.0)
        self.users: set[str] = set()
        self.since: float | None = None

    @rule(user=st.sampled_from("abcd"))
    def accept(self, user: str) -> None:
        fills = len(self.users) == 2 and user not in self.users
        assert self.schedule.accepted(user, self.now) == fills
        self.users.add(user)
        self.since = self.now if self.since is None else self.since

    @rule(seconds=st.floats(0, 7))
    def wait(self, seconds: float) -> None:
        self.now += seconds

    @rule()
    def flush(self) -> None:
        self.schedule.flushed()
        self.users, self.since = set(), None

    @invariant()
    def due(self) -> None:
        left = self.schedule.due_in(self.now)
        if len(self.users) >= 3:
            assert left == 0
        elif self.since is None:
            assert left == 5.0
        else:
            assert left == max(0.0, self.since + 5.0 - self.now)


FlushMachine.TestCase.settings = settings(max_examples=40)
TestFlushSchedule = FlushMachine.TestCase


@given(
    st.sampled_from([0.001, 0.01, 0.1, 0.5, 1.0]),
    st.lists(st.floats(0, 20), min_size=1, max_size=300),
)
def test_no_minute_has_more_requests_than_the_share_allows(
    share: float, pauses: list[float]
) -> None:
    """However the demand comes, every window of sixty seconds stays within the limit."""
    rate, now = RequestRate(share), 0.0
    sent: list[float] = []
    for pause in pauses:
        now += pause
        for _ in range(20):  # a burst of demand
            now += rate.wait(now)
            rate.spend(now)
            sent.append(now)
    first = 0
    for last, moment in enumerate(sent):
        while sent[first] < moment - 60:
            first += 1
        assert last - first + 1 <= 10_000 * share + 1e-6


def test_a_quiet_reporter_does_not_wait() -> None:
    """The first request after a while goes at once."""
    rate = RequestRate(0.5)
    assert rate.wait(100.0) == 0.0


@given(st.floats(0, 1), st.integers(1, 60))
def test_a_wait_grows_to_its_cap_and_never_vanishes(jitter: float, failures: int) -> None:
    """Half of it is certain, so that a crowd spreads out and nobody hammers."""
    backoff = Backoff(base=0.5, cap=60.0, jitter=lambda: jitter)
    waits = [backoff.failed() for _ in range(failures)]
    for number, wait in enumerate(waits):
        bound = min(60.0, 0.5 * 2**number)
        assert bound / 2 <= wait <= bound
    backoff.succeeded()
    assert backoff.failed() <= 0.5


def test_the_servers_wish_is_the_least_wait() -> None:
    """`Retry-After` beyond the cap, too."""
    assert Backoff().failed(retry_after=600) == 600


def test_a_request_grows_again_but_ever_more_slowly() -> None:
    """After many as large as they may be; a limit that stays costs less and less to find out."""
    size = RequestSize()
    size.refused(800_000)
    for accepted in (50, 100):
        for _ in range(accepted):
            assert size.most == 400_000
            size.accepted(300_000)
        assert size.most == 800_000
        size.refused(800_000)


def test_small_requests_tell_nothing_of_large_ones() -> None:
    """Nor does a request that a server failed over make the next ones tiny."""
    size = RequestSize()
    size.refused(100)
    assert size.most == 10_000
    for _ in range(1_000):
        size.accepted(100)
    assert size.most == 10_000


def test_a_whole_that_arrives_clears_its_size() -> None:
    """Then it was the server."""
    size = RequestSize()
    for _ in range(5):
        size.helped(40_000)
        size.accepted(40_000)
    assert size.most == 1_000_000
