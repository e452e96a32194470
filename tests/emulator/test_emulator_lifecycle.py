import asyncio
import gc
import logging
import signal
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from moengage_personalize.emulator import Emulator, Fault, create_app
from support import Stopwatch

METADATA = "/experiences/metadata"


def auth(emulator: Emulator) -> dict[str, object]:
    """Return the right credentials as arguments of httpx."""
    return {
        "auth": (emulator.workspace_id, emulator.api_key),
        "headers": {"MOE-APPKEY": emulator.workspace_id},
    }


def emulator_threads() -> list[str]:
    """Return the names of the emulators' threads that are alive."""
    names = [thread.name for thread in threading.enumerate()]
    return [name for name in names if name.startswith("emulator-")]


def hang(emulator: Emulator, fault: Fault, count: int = 1) -> list[threading.Thread]:
    """Let requests hang in threads, and return once they have arrived."""
    emulator.fail(None, fault)

    def request() -> None:
        with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
            httpx.get(emulator.base_url + METADATA, timeout=10)

    threads = [threading.Thread(target=request) for _ in range(count)]
    for thread in threads:
        thread.start()
    while len(emulator.requests) < count:
        time.sleep(0.01)
    return threads


def test_base_url_has_the_port_and_the_base_path() -> None:
    """The URL for a client names this machine, a real port and the document's base path."""
    with Emulator() as emulator:
        port = int(emulator.base_url.removeprefix("http://127.0.0.1:").removesuffix("/v1"))
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
        assert emulator.control_url == f"http://127.0.0.1:{port}/_emulator"


def test_there_is_no_url_before_the_start() -> None:
    """A port that is not taken yet has no URL."""
    emulator = Emulator()
    with pytest.raises(RuntimeError, match="before it is started"):
        _ = emulator.base_url
    with pytest.raises(RuntimeError, match="before it is started"):
        _ = emulator.control_url


def test_stop_leaves_neither_thread_nor_port() -> None:
    """After the block there is no thread of it, and nobody listens."""
    with Emulator() as emulator:
        port = int(emulator.control_url.split(":")[2].split("/")[0])
        assert f"emulator-{port}" in emulator_threads()
    assert f"emulator-{port}" not in emulator_threads()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=1)


@pytest.mark.parametrize("fault", [Fault.hang(), Fault.latency(60), Fault.trickle(interval=60)])
def test_stop_does_not_wait_for_what_hangs(fault: Fault) -> None:
    """Requests that wait end with the emulator, which is gone within 2 s."""
    with Emulator() as emulator:
        threads = hang(emulator, fault, count=3)
        with Stopwatch() as stopwatch:
            emulator.stop()
    assert stopwatch.own_seconds < 2
    for thread in threads:
        thread.join(2)
        assert not thread.is_alive()


def test_stop_does_not_wait_for_idle_connections() -> None:
    """A client's pool of kept connections does not hold the emulator up."""
    with httpx.Client() as client, Emulator() as emulator:
        client.get(emulator.base_url + METADATA)
        with Stopwatch() as stopwatch:
            emulator.stop()
        assert stopwatch.own_seconds < 2


def test_stop_does_not_wait_for_half_a_request() -> None:
    """A client that never finishes its request does not hold the emulator up."""
    with Emulator() as emulator:
        host, port = emulator.base_url.removeprefix("http://").removesuffix("/v1").split(":")
        with socket.create_connection((host, int(port)), timeout=2) as connection:
            connection.sendall(b"POST /v1/experiences/fetch HTTP/1.1\r\nContent-Length: 9\r\n\r\n{")
            time.sleep(0.05)
            with Stopwatch() as stopwatch:
                emulator.stop()
            assert stopwatch.own_seconds < 2
        assert emulator.requests == []


def test_many_emulators_one_after_another() -> None:
    """An emulator may be started often in one process, and leaves no socket open."""
    for _ in range(5):
        with Emulator() as emulator:
            assert httpx.get(emulator.base_url + METADATA).status_code == 401
    gc.collect()


def test_many_emulators_side_by_side() -> None:
    """Emulators in several threads are each their own."""

    def run(name: str) -> int:
        with Emulator(workspace_id=name) as emulator:
            answer = httpx.get(
                emulator.base_url + METADATA,
                auth=(name, emulator.api_key),
                headers={"MOE-APPKEY": name},
            )
            assert len(emulator.requests) == 1
            return answer.status_code

    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(run, ["W1", "W2", "W3"])) == [200, 200, 200]


def test_emulator_serves_an_asyncio_test() -> None:
    """Inside a running event loop the emulator answers that loop's own clients."""

    async def scenario() -> list[int]:
        with Emulator() as emulator:
            async with httpx.AsyncClient(base_url=emulator.base_url) as client:
                answers = await asyncio.gather(*(client.get(METADATA) for _ in range(5)))
            return [answer.status_code for answer in answers]

    assert asyncio.run(scenario()) == [401] * 5


def test_restart_keeps_port_and_memory() -> None:
    """The API goes away and comes back: same address, same key, same memory."""
    with Emulator() as emulator:
        url = emulator.base_url
        httpx.get(url + METADATA)
        emulator.stop()
        with pytest.raises(httpx.ConnectError):
            httpx.get(url + METADATA)
        emulator.start()
        assert emulator.base_url == url
        httpx.get(url + METADATA)
        assert [one.status for one in emulator.requests] == [401, 401]


def test_second_start_is_refused() -> None:
    """An emulator runs once at a time."""
    with Emulator() as emulator, pytest.raises(RuntimeError, match="already"):
        emulator.start()


def test_second_stop_changes_nothing() -> None:
    """Stopping a stopped emulator is no error."""
    with Emulator() as emulator:
        emulator.stop()
        emulator.stop()


def test_taken_port_is_an_error_at_once() -> None:
    """A port of somebody else is an `OSError`, and no thread is left over."""
    before = emulator_threads()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        emulator = Emulator(port=taken.getsockname()[1])
        with pytest.raises(OSError):
            emulator.start()
    assert emulator_threads() == before


def test_signal_handlers_stay_as_they_are() -> None:
    """The program's own handling of signals is not touched."""
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    with Emulator():
        during = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    assert during == before


def test_nothing_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """An emulator is quiet, whatever happens to its connections."""
    with caplog.at_level(logging.WARNING), Emulator() as emulator:
        host, port = emulator.base_url.removeprefix("http://").removesuffix("/v1").split(":")
        with socket.create_connection((host, int(port)), timeout=2) as connection:
            connection.sendall(b"nonsense\r\n\r\n")
            assert connection.recv(100).startswith(b"HTTP/1.1 400")
        (thread,) = hang(emulator, Fault.hang())
    thread.join(2)
    assert [one for one in caplog.records if not one.name.startswith("moengage")] == []


def test_loggers_of_uvicorn_stay_as_they_are() -> None:
    """A program that runs uvicorn itself keeps its own logging."""
    loggers = [logging.getLogger(f"uvicorn{name}") for name in ("", ".error", ".access")]

    def state() -> list[tuple[int, list[logging.Handler], bool]]:
        return [(one.level, list(one.handlers), one.propagate) for one in loggers]

    before = state()
    with Emulator():
        assert state() == before


def test_repr_shows_nothing_of_a_customer(emulator: Emulator, report_event: object) -> None:
    """Neither the emulator nor a request shows credentials, customers or addresses."""
    assert callable(report_event)
    report_event()
    shown = repr([emulator, emulator.requests])
    assert "1 requests, 1 events" in shown
    for hidden in ("user_8821", emulator.api_key, emulator.workspace_id, "Basic", "42D"):
        assert hidden not in shown
    assert "stopped" in repr(Emulator())


def test_application_works_in_process() -> None:
    """Without a server, the application answers, and a dropped connection is an exception."""
    app = create_app(workspace_id="W1", api_key="K1")

    async def scenario() -> None:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://emulator") as client:
            client.headers["MOE-APPKEY"] = "W1"
            answer = await client.get("/v1" + METADATA, auth=("W1", "K1"))
            assert answer.status_code == 200
            app.workspace.faults.add(None, Fault.drop())
            with pytest.raises(ConnectionResetError):
                await client.get("/v1" + METADATA)

    asyncio.run(scenario())
    assert [one.status for one in app.workspace.journal.requests] == [200, None]
