"""What a call costs, against every other way to make it, side by side in one run.

    scripts/benchmark            prints the tables
    scripts/benchmark --write    and puts them, and the plot, into docs/performance.md

The server is a real nginx on the same machine. Contenders take turns within each round, so that
what else the machine does meets all of them; a figure is the median of the rounds.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack
from operator import attrgetter, itemgetter
from pathlib import Path
from typing import Any, Final

import attrs

sys.path.append(str(Path(__file__).resolve().parent.parent / "scripts" / "tools"))

from contenders import AWAITED, BLOCKING, FAST, OURS, STOCK, AwaitedCall, Call, make_stock
from moengage_personalize import PersonalizeClient, TypedExperience, value
from moengage_personalize.client.operations import fetch_call
from moengage_personalize.client.pages import Pages
from moengage_personalize.emulator import Emulator, Fault
from moengage_personalize_api.models import FetchExperiencesAnswer
from nginx import SIZES, Nginx, answer, running
from report import Row, Table, write

ROUNDS: Final = 7
SECONDS: Final = 0.25
"""Of calls for each contender in each round."""
IN_FLIGHT: Final = (1, 10, 50, 200)


@attrs.frozen
class Sample:
    """One contender in one round: microseconds, and calls in a second."""

    cpu: float
    p50: float
    p99: float
    rate: float

    @classmethod
    def of(cls, taken: list[float], cpu: float, wall: float) -> Sample:
        """From each call's seconds, and those of all together."""
        taken.sort()
        calls = len(taken)
        return cls(
            cpu / calls * 1e6,
            taken[calls // 2] * 1e6,
            taken[min(calls - 1, int(calls * 0.99))] * 1e6,
            calls / wall,
        )


Samples = dict[str, list[Sample]]


def cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def blocking(call: Call, threads: int) -> Sample:
    """As many calls as fit into the time, in so many threads."""
    taken: list[list[float]] = [[] for _ in range(threads)]

    def work(own: list[float]) -> None:
        end = time.perf_counter() + SECONDS
        while (start := time.perf_counter()) < end:
            call()
            own.append(time.perf_counter() - start)

    cpu, start = cpu_seconds(), time.perf_counter()
    if threads == 1:
        work(taken[0])
    else:
        workers = [threading.Thread(target=work, args=(own,)) for own in taken]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    wall = time.perf_counter() - start
    return Sample.of([one for own in taken for one in own], cpu_seconds() - cpu, wall)


async def awaited(call: AwaitedCall, in_flight: int) -> Sample:
    """As many calls as fit into the time, so many at once."""
    taken: list[float] = []

    async def work() -> None:
        while (start := time.perf_counter()) < end:
            await call()
            taken.append(time.perf_counter() - start)

    cpu, begin = cpu_seconds(), time.perf_counter()
    end = begin + SECONDS
    await asyncio.gather(*(work() for _ in range(in_flight)))
    return Sample.of(taken, cpu_seconds() - cpu, time.perf_counter() - begin)


def table(
    title: str, samples: Mapping[str, Sequence[Sample]], columns: Sequence[str] = ("cpu", "rate")
) -> Table:
    """Medians, and their ratios to the stock client's, round by round."""
    rows = [
        Row(
            name,
            {
                column: statistics.median(getattr(one, column) for one in taken)
                for column in ("cpu", "p50", "p99", "rate")
            },
            {
                column: statistics.median(
                    getattr(one, column) / getattr(base, column)
                    for one, base in zip(taken, samples[STOCK], strict=True)
                )
                for column in columns
            },
        )
        for name, taken in samples.items()
    ]
    made = Table(title, rows)
    print(made, flush=True)
    return made


def run_blocking(base_url: str, threads: int, names: Iterable[str] = BLOCKING) -> Samples:
    with ExitStack() as opened:
        calls = {name: BLOCKING[name](base_url, opened) for name in names}
        for call in calls.values():
            call()
        samples: Samples = {name: [] for name in calls}
        for _ in range(ROUNDS):
            for name, call in calls.items():
                samples[name].append(blocking(call, threads))
    return samples


def run_awaited(base_url: str, in_flight: int) -> Samples:
    async def run() -> Samples:
        async with AsyncExitStack() as opened:
            calls = {name: await make(base_url, opened) for name, make in AWAITED.items()}
            samples: Samples = {name: [] for name in calls}
            for call in calls.values():
                await asyncio.gather(*(call() for _ in range(in_flight)))
            for _ in range(ROUNDS):
                for name, call in calls.items():
                    samples[name].append(await awaited(call, in_flight))
        return samples

    return asyncio.run(run())


def reading() -> list[tuple[str, float]]:
    """What reading an answer costs in all, as a ratio to `json.loads` of the same bytes."""
    return [
        (
            f"{experiences} experiences of {values} values",
            reading_ratio(answer(experiences, values)),
        )
        for experiences, values in SIZES.values()
    ]


def reading_ratio(body: dict[str, Any]) -> float:
    text = json.dumps(body).encode()
    call = fetch_call((), None, None)

    def read() -> object:
        response = FetchExperiencesAnswer.from_dict(json.loads(text))
        return call.answer([call.read(response)])

    def loads() -> object:
        return json.loads(text)

    return statistics.median(timed(read) / timed(loads) for _ in range(ROUNDS))


@attrs.frozen
class _Layout:
    columns: int = 1
    order: list[str] = attrs.field(factory=list[str])


class _Banner(TypedExperience, key="homepage-banner"):
    Title: str = "Welcome"
    Image: str = ""
    Discount: int = 0
    Price: float = 0.0
    Enabled: bool = False
    Layout: _Layout = value(default_factory=_Layout)


_VALUES: Final[Mapping[str, tuple[Any, str]]] = {
    "Title": ("Hi", "string"),
    "Image": ("hi.jpg", "string"),
    "Discount": (15, "number"),
    "Price": (19.99, "float"),
    "Enabled": (True, "boolean"),
    "Layout": ({"columns": 3, "order": ["hero", "offers", "reviews"]}, "json"),
}


def typed_ratio() -> float:
    """Reading a typed experience's values, against reading the same values by name."""
    payload = {name: {"value": one, "data_type": kind} for name, (one, kind) in _VALUES.items()}
    experience = {"payload": payload, "experience_context": {}}
    answered = FetchExperiencesAnswer.from_dict({"experiences": {_Banner.key_: experience}})

    def reader(
        key: type[_Banner] | str, default: dict[str, Any] | None
    ) -> Callable[[], tuple[Any, ...]]:
        page = Pages(None).page((key,), default)
        call = fetch_call((_Banner.key_,), None, None, page.answer)
        read = (attrgetter if isinstance(key, type) else itemgetter)(*_VALUES)

        def run() -> tuple[Any, ...]:
            found: Any = page.every(call.answer([call.read(answered)]))[0]
            return read(found)

        assert run()[:5] == tuple(one for one, _ in _VALUES.values())[:5]
        return run

    by_class = reader(_Banner, None)
    by_name = reader(_Banner.key_, _Banner.content_().as_json())
    return statistics.median(timed(by_class) / timed(by_name) for _ in range(ROUNDS))


def timed(work: Callable[[], Any], seconds: float = 0.1) -> float:
    """Seconds of CPU that one run of it takes."""
    runs, start, cpu = 0, time.perf_counter(), time.process_time()
    while time.perf_counter() - start < seconds:
        work()
        runs += 1
    return (time.process_time() - cpu) / runs


def split() -> float:
    """60 keys (three requests) against 25 (one), wall time at 20 ms of latency."""
    ratios: list[float] = []
    with Emulator() as api:
        api.fail("fetchExperiences", Fault.latency(0.02))
        with PersonalizeClient(api.workspace_id, api.api_key, base_url=api.base_url) as client:
            for _ in range(20):
                taken: list[float] = []
                for count in (60, 25):
                    start = time.perf_counter()
                    client.fetch(*(f"key-{number}" for number in range(count)))
                    taken.append(time.perf_counter() - start)
                ratios.append(taken[0] / taken[1])
    return statistics.median(ratios)


def imports() -> list[tuple[str, float]]:
    """CPU of whole processes that import something, as a ratio to `import httpx`."""

    def cost(statement: str) -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-I", "-c", statement], check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    found: list[tuple[str, float]] = []
    for statement in (
        "import moengage_personalize",
        "from moengage_personalize import PersonalizeClient",
    ):
        ratios = [cost(statement) / cost("import httpx") for _ in range(3 * ROUNDS)]
        found.append((statement, statistics.median(ratios)))
    return found


def measure(server: Nginx) -> tuple[list[Table], list[tuple[str, float]]]:
    plain = f"{server.base_url}/1/v1"
    tables = [
        table("Sync, one call at a time", run_blocking(plain, 1), ("cpu", "p50")),
        table(
            "Sync, in 8 threads",
            run_blocking(plain, 8, [name for name in BLOCKING if name != "raw socket, json"]),
        ),
    ]
    tables += [
        table(f"asyncio, {count} in flight", run_awaited(plain, count)) for count in IN_FLIGHT
    ]
    tables += [
        table(
            f"Sync, a response of {shape[0]} experiences with {shape[1]} values each",
            run_blocking(f"{server.base_url}/{size}/v1", 1),
            ("cpu", "p50"),
        )
        for size, shape in SIZES.items()
        if size != "1"
    ]
    tls = f"{server.tls_base_url}/1/v1"
    tables.append(table("Sync, over TLS", run_blocking(tls, 1), ("cpu", "p50")))
    single = [(f"reading {what}, against json.loads", ratio) for what, ratio in reading()]
    single.append(("60 keys against 25, wall time at 20 ms of latency", split()))
    single.append(("reading a typed experience, against its values by name", typed_ratio()))
    single += [(f"`{what}`, CPU against `import httpx`", ratio) for what, ratio in imports()]
    for what, ratio in single:
        print(f"{what}: {ratio:.2f}", flush=True)
    return tables, single


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--write", action="store_true", help="write docs/performance.md too")
    arguments = parser.parse_args()
    with running() as server:
        os.environ["SSL_CERT_FILE"] = os.environ["REQUESTS_CA_BUNDLE"] = str(server.authority)
        make_stock()
        machine = (
            f"Python {platform.python_version()}, {os.cpu_count()} cores of a virtual "
            f"{platform.machine()} machine, nginx beside it"
        )
        print(machine)
        tables, single = measure(server)
    if arguments.write:
        write(machine, tables, single, highlight=(OURS, FAST))


if __name__ == "__main__":
    main()
