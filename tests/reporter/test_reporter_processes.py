"""The reporter across process boundaries: exit, kill, fork."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from moengage_personalize import EventReporter, PersonalizeClient
from moengage_personalize.emulator import Emulator, Fault
from support import CONTEXT, Start, Stopwatch

Run = Callable[..., subprocess.Popen[str]]
DOCS = Path(__file__).parents[2] / "docs" / "running.md"
PRELUDE = """
import os, sys, time
from moengage_personalize import EventReporter, PersonalizeClient
CONTEXT = {context!r}
client = PersonalizeClient({workspace!r}, {key!r}, base_url={base_url!r})

def drain(reporter):
    # A flush does not wait for what another process has leased.
    end = time.monotonic() + 20
    while not (done := reporter.flush(20)) and time.monotonic() < end:
        time.sleep(0.05)
    return done

def show(reporter, *customers):
    for customer in customers:
        reporter.shown(CONTEXT, visitor=customer)
"""


@pytest.fixture
def run(emulator: Emulator, tmp_path: Path, start: Start) -> Run:
    """Start programs, which have a client of the emulator and the path of a file."""
    prelude = PRELUDE.format(
        context=CONTEXT,
        workspace=emulator.workspace_id,
        key=emulator.api_key,
        base_url=emulator.base_url,
    )

    def run(program: str, *arguments: str, head: str = "") -> subprocess.Popen[str]:
        script = head + prelude + textwrap.dedent(program)
        return start([sys.executable, "-c", script, str(tmp_path / "s.db"), *arguments])

    return run


def end(process: subprocess.Popen[str], timeout: float = 20) -> str:
    out, err = process.communicate(timeout=timeout)
    assert process.returncode == 0, err
    return out


@pytest.mark.usefixtures("measured")
@pytest.mark.parametrize("spool", ["None", "sys.argv[1]"])
def test_the_interpreters_exit_makes_one_last_delivery(
    emulator: Emulator, run: Run, spool: str
) -> None:
    """A script that forgets to close."""
    program = f"""
    reporter = EventReporter(client, spool={spool})
    show(reporter, *"abc")
    """
    end(run(program))
    assert {event.customer_id for event in emulator.events} == {*"abc"}


@pytest.mark.parametrize("how", ["reporter.close(3)", "pass"], ids=["closed", "forgotten"])
@pytest.mark.parametrize("spool", ["None", "sys.argv[1]"], ids=["memory", "file"])
def test_the_first_event_at_exit_is_delivered_though_no_thread_can_be_started(
    emulator: Emulator, run: Run, spool: str, how: str
) -> None:
    """From Python 3.12 on; the thread that reports delivers."""
    program = f"""
    import atexit, threading
    def refuse(self):
        raise RuntimeError("can't create new thread at interpreter shutdown")
    def report():
        threading.Thread.start = refuse
        reporter = EventReporter(client, spool={spool})
        show(reporter, *"abc")
        {how}
    atexit.register(report)
    """
    end(run(program))
    assert {event.customer_id for event in emulator.events} == {*"abc"}


def test_a_reporter_that_was_closed_says_nothing_at_exit(run: Run) -> None:
    """It begins no delivery there, where Python 3.12 starts no thread."""
    program = """
    import atexit, threading
    def refuse(self):
        raise RuntimeError("can't create new thread at interpreter shutdown")
    with EventReporter(client) as reporter:
        show(reporter, *"abc")
    atexit.register(setattr, threading.Thread, "start", refuse)
    """
    process = run(program)
    out, err = process.communicate(timeout=20)
    assert (process.returncode, out, err) == (0, "", "")


def test_a_reporter_that_hangs_at_exit_takes_no_time_of_the_others(
    emulator: Emulator, run: Run
) -> None:
    """All are told first; the healthy ones deliver while the first is waited for."""
    program = """
    import socket
    silent = socket.create_server(("127.0.0.1", 0))
    other = PersonalizeClient("w", "k", base_url=f"http://127.0.0.1:{silent.getsockname()[1]}/v1")
    reporters = [EventReporter(one, exit_timeout=1) for one in (other, client, other)]
    for reporter in reporters:
        show(reporter, "a")
    """
    end(run(program))
    assert len(emulator.events) == 1


def test_the_last_delivery_is_bounded(emulator: Emulator, run: Run, tmp_path: Path) -> None:
    """A hung server cannot hold a deploy; the file keeps what is left."""
    emulator.fail(None, Fault.hang())
    program = """
    reporter = EventReporter(client, spool=sys.argv[1], exit_timeout=0.5, lease=1,
                             request_timeout=0.9)
    show(reporter, *"abc")
    print("made", flush=True)
    """
    process = run(program)
    assert process.stdout is not None
    process.stdout.readline()
    with Stopwatch() as stopwatch:
        end(process)
    assert stopwatch.own_seconds < 2
    emulator.heal()
    assert reporter_delivers(emulator, tmp_path / "s.db") == 3


def reporter_delivers(emulator: Emulator, path: Path) -> int:
    """Deliver what an earlier process left in a file, once its leases have run out."""
    with (
        PersonalizeClient(
            emulator.workspace_id, emulator.api_key, base_url=emulator.base_url
        ) as client,
        EventReporter(client, spool=path, flush_interval=0.1) as reporter,
    ):
        deadline = time.monotonic() + 40
        while reporter.stats.pending and time.monotonic() < deadline:
            time.sleep(0.05)
        return reporter.stats.delivered


def test_kill_9_loses_nothing_that_was_accepted(
    emulator: Emulator, run: Run, tmp_path: Path
) -> None:
    """The next process on the same file delivers it."""
    emulator.fail("reportExperienceEvents", Fault.status(503))
    program = """
    reporter = EventReporter(client, spool=sys.argv[1], lease=1, request_timeout=0.5)
    number = 0
    while True:
        show(reporter, f"user-{number}")
        print(number, flush=True)
        number += 1
    """
    process = run(program)
    assert process.stdout is not None
    last = max(int(process.stdout.readline()) for _ in range(200))
    process.send_signal(signal.SIGKILL)
    last = max([last, *(int(line) for line in process.communicate()[0].split())])
    emulator.heal()
    assert reporter_delivers(emulator, tmp_path / "s.db") >= last + 1
    customers = {event.customer_id for event in emulator.events}
    assert customers >= {f"user-{number}" for number in range(last + 1)}


def test_kill_9_loses_nothing_where_the_file_is_open_twice(
    emulator: Emulator, run: Run, tmp_path: Path
) -> None:
    """Opening it again must not take the locks of those who have it open."""
    emulator.fail("reportExperienceEvents", Fault.status(503))
    program = """
    import subprocess
    options = dict(spool=sys.argv[1], lease=1, request_timeout=0.5)
    reporter, other = EventReporter(client, **options), EventReporter(client, **options)
    show(reporter, "a")
    other.close(0.1)
    subprocess.run([sys.executable, "-m", "moengage_personalize", "spool", "status", sys.argv[1]],
                   stdout=subprocess.DEVNULL, check=True)
    show(reporter, *(f"user-{number}" for number in range(50)))
    print("accepted", flush=True)
    time.sleep(60)
    """
    process = run(program)
    assert process.stdout is not None
    assert process.stdout.readline() == "accepted\n"
    process.kill()
    process.communicate()
    emulator.heal()
    assert reporter_delivers(emulator, tmp_path / "s.db") == 51


@pytest.mark.parametrize("times", [1, 2])
def test_a_signals_handler_may_close_whatever_it_interrupts(
    emulator: Emulator, run: Run, tmp_path: Path, times: int
) -> None:
    """The documentation's own; what is left, the file keeps."""
    emulator.fail("reportExperienceEvents", Fault.status(503))
    (recipe,) = re.findall(r"\n(previous = .*?)```", DOCS.read_text(), re.DOTALL)
    program = f"""
import signal
reporter = EventReporter(client, spool=sys.argv[1], lease=1, request_timeout=0.5)
{recipe}
number = 0
while True:
    show(reporter, f"user-{{number}}")
    print(number, flush=True)
    number += 1
"""
    process = run(program)
    assert process.stdout is not None
    last = max(int(process.stdout.readline()) for _ in range(200))
    for _ in range(times):
        process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 128 + signal.SIGTERM, err
    last = max([last, *(int(line) for line in out.split())])
    emulator.heal()
    reporter_delivers(emulator, tmp_path / "s.db")
    customers = {event.customer_id for event in emulator.events}
    assert customers >= {f"user-{number}" for number in range(last + 1)}


FORK = """
reporter = EventReporter(client, spool={spool}, flush_interval=0.05)
show(reporter, "parent-before")
{wait}
children = []
for number in range(3):
    child = os.fork()
    if child == 0:
        show(reporter, *(f"child-{{number}}-{{event}}" for event in range(20)))
        os._exit(0 if drain(reporter) else 1)
    children.append(child)
show(reporter, "parent-after")
codes = [os.waitpid(child, 0)[1] for child in children]
print(codes, drain(reporter), reporter.stats.is_balanced)
"""


@pytest.mark.parametrize("spool", ["None", "sys.argv[1]"])
@pytest.mark.parametrize("wait", ["", "reporter.flush(5)"], ids=["at once", "after a delivery"])
def test_a_forked_child_delivers_its_own_events_and_nobody_elses(
    emulator: Emulator, run: Run, spool: str, wait: str
) -> None:
    """A preloading server: threads, locks and connections do not cross a fork."""
    process = run(FORK.format(spool=spool, wait=wait))
    assert end(process, 40).strip() == "[0, 0, 0] True True"
    expected = {f"child-{child}-{event}" for child in range(3) for event in range(20)}
    customers = [event.customer_id for event in emulator.wait_for_events(62, timeout=5)]
    assert sorted(customers) == sorted(expected | {"parent-before", "parent-after"})
    if spool == "None":
        assert {event.deliveries for event in emulator.events} == {1}


# The parent's thread is asleep by then: one that waits for the interpreter's own lock during a fork
# without hooks leaves the child an interpreter that hangs, whatever runs in it.
IN_USE = "show(reporter, 'a'); reporter.flush(5); time.sleep(0.3)"
UNSEEN_FORK = """
import ctypes, logging, signal
logging.basicConfig(stream=sys.stdout, format="%(message)s", level=logging.ERROR)
reporter = EventReporter(client, spool={spool}, flush_interval=0.8)
{before}
child = ctypes.PyDLL(None).fork()
if child == 0:
    signal.alarm(60)
    show(reporter, *(f"child-{{event}}" for event in range(20)))
    while reporter.stats.delivered < 20:
        time.sleep(0.01)
    sys.stdout.flush()
    os._exit(0)
print(os.waitpid(child, 0)[1])
"""


@pytest.mark.parametrize(
    ("spool", "before"),
    [
        pytest.param("None", "", id="memory"),
        pytest.param("None", IN_USE, id="memory, in use"),
        pytest.param("sys.argv[1]", "", id="file"),
    ],
)
@pytest.mark.usefixtures("measured")
def test_a_child_of_a_fork_without_hooks_delivers_its_events(
    emulator: Emulator, run: Run, spool: str, before: str
) -> None:
    """As a worker of uWSGI: the thread and the file begin with a process's first event."""
    program = UNSEEN_FORK.format(spool=spool, before=before)
    assert end(run(program)) == "0\n"
    customers = {event.customer_id for event in emulator.events}
    assert customers >= {f"child-{event}" for event in range(20)}


@pytest.mark.usefixtures("measured")
def test_a_child_of_a_fork_without_hooks_leaves_its_parents_open_file_alone(
    emulator: Emulator, run: Run
) -> None:
    """SQLite may hang in it: its events arrive from memory, and the remedy is said."""
    program = UNSEEN_FORK.format(spool="sys.argv[1]", before=IN_USE)
    said = end(run(program))
    assert "forked without Python's fork hooks while the file was open" in said
    assert "py-call-uwsgi-fork-hooks" in said
    assert said.endswith("\n0\n")
    customers = {event.customer_id for event in emulator.events}
    assert customers == {"a", *(f"child-{event}" for event in range(20))}


def test_a_process_that_only_forks_opens_nothing(run: Run, tmp_path: Path) -> None:
    """A preloading server's master has no thread and no file, and delivers nothing at its end."""
    program = """
    import threading
    reporter = EventReporter(client, spool=sys.argv[1])
    print(threading.active_count(), os.path.exists(sys.argv[1]))
    """
    path = tmp_path / "s.db"
    assert end(run(program)) == "1 False\n"
    assert not path.exists()


@pytest.mark.usefixtures("measured")
def test_a_multiprocessing_worker_reports(emulator: Emulator, run: Run) -> None:
    """Forked and ended by multiprocessing, which skips the interpreter's exit handlers."""
    program = """
    import multiprocessing
    reporter = EventReporter(client, spool=sys.argv[1], lease=1, request_timeout=0.9)
    def work(number):
        show(reporter, f"worker-{number}")
    context = multiprocessing.get_context("fork")
    workers = [context.Process(target=work, args=(number,)) for number in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    print([worker.exitcode for worker in workers], drain(reporter))
    """
    process = run(program)
    assert end(process).strip() == "[0, 0, 0, 0] True"
    assert {event.customer_id for event in emulator.events} == {f"worker-{n}" for n in range(4)}


def test_greenlets_report_while_the_delivery_waits(emulator: Emulator, run: Run) -> None:
    """Under gevent, whose patches turn the reporter's thread into a greenlet."""
    emulator.fail("reportExperienceEvents", Fault.latency(1.0))
    program = """
    import gevent
    reporter = EventReporter(client, spool=sys.argv[1], flush_interval=0.02)
    longest = 0.0
    def visit(number):
        for event in range(20):
            show(reporter, f"user-{number}-{event}")
            gevent.sleep(0.005)
    def tick():
        global longest
        while True:
            before = time.monotonic()
            gevent.sleep(0.01)
            longest = max(longest, time.monotonic() - before)
    ticking = gevent.spawn(tick)
    gevent.joinall([gevent.spawn(visit, number) for number in range(10)])
    done = reporter.flush(10)
    ticking.kill()
    print(done, reporter.stats.delivered, longest < 0.8, reporter.close(2))
    """
    head = "from gevent import monkey; monkey.patch_all()"
    process = run(program, head=head)
    assert end(process, 40).strip() == "True 200 True True"
    assert len(emulator.events) == 200


def test_a_file_of_many_processes_is_delivered_once(
    emulator: Emulator, run: Run, tmp_path: Path
) -> None:
    """Four workers on one file, killed at odd moments; the last one delivers the rest."""
    program = """
    reporter = EventReporter(client, spool=sys.argv[1], flush_interval=0.02, lease=1,
                             request_timeout=0.5)
    for number in range(100):
        show(reporter, f"{sys.argv[2]}-{number}")
        print(number, flush=True)
        time.sleep(0.001)
    time.sleep(60)
    """
    processes = [run(program, str(name)) for name in range(4)]
    accepted: list[set[str]] = []
    for name, process in enumerate(processes):
        assert process.stdout is not None
        for _ in range(20 * (name + 1)):
            process.stdout.readline()
        os.kill(process.pid, signal.SIGKILL)
        rest = process.communicate()[0].split()
        last = int(rest[-1]) if rest else 20 * (name + 1) - 1
        accepted.append({f"{name}-{number}" for number in range(last + 1)})
    reporter_delivers(emulator, tmp_path / "s.db")
    customers = {event.customer_id for event in emulator.events}
    assert customers >= set.union(*accepted)
    uuids = [event.uuid for event in emulator.events]
    assert len(uuids) == len(set(uuids))
