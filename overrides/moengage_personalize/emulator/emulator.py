"""The emulator for tests: a real port, served by its own thread."""

import threading
from types import TracebackType
from typing import Final, Self

from moengage_personalize.emulator.experiences.file import Source
from moengage_personalize.emulator.faults.fault import Fault
from moengage_personalize.emulator.recorder import ReceivedEvent, RecordedRequest
from moengage_personalize.emulator.server.app import EmulatedApi
from moengage_personalize.emulator.server.control_api import PREFIX
from moengage_personalize.emulator.server.serve import (
    StoppableServer,
    base_url,
    listen,
    origin,
    run,
)
from moengage_personalize.emulator.workspace import API_KEY, WORKSPACE_ID, Workspace

_START_TIMEOUT: Final = 10.0
_STOP_TIMEOUT: Final = 5.0


class Emulator:
    """An emulator of the Personalize API on a port of this machine, during a `with` block.

    ```python
    with Emulator() as emulator:
        client = PersonalizeClient(
            emulator.workspace_id, emulator.api_key, base_url=emulator.base_url
        )
        emulator.fail("fetchExperiences", Fault.status(503, times=2))
        client.fetch("homepage-banner", visitor="user_8821")
        assert len(emulator.requests) == 3
    ```

    It has its own thread and event loop, so threads and asyncio tests can use it. It keeps every
    request and event until `reset`. Its `repr` shows no customer and no credential.

    `start` and `stop` do what the `with` block does. An emulator that is started again has the same
    port, requests and events, like an API that was down for a while.
    """

    def __init__(
        self,
        experiences: Source | None = None,
        workspace_id: str = WORKSPACE_ID,
        api_key: str = API_KEY,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        """Prepare an emulator; it listens after `start`.

        Args:
            experiences: A YAML file of experiences. Or the values of each experience by its key,
                such as `{"homepage-banner": {"Title": "Hi"}}`: every visitor sees them, and their
                data types follow from the values. Or classes derived from `TypedExperience`, or a
                Python file with such classes: their defaults are the values. None for the
                experiences that ship with the emulator.
            workspace_id: The workspace ID to accept.
            api_key: The Personalize API key to accept.
            host: The address to listen on.
            port: The port to listen on; 0 for a free one.

        Raises:
            ExperienceFileError: The file cannot be used.
            ValueError: The mapping cannot be used.
        """
        self._workspace = Workspace(experiences, workspace_id, api_key, history=None)
        self._host = host
        self._port = port
        self._origin: str | None = None
        self._base_url: str | None = None
        self._server: StoppableServer | None = None
        self._thread: threading.Thread | None = None

    def __repr__(self) -> str:
        state = "stopped" if self._thread is None else f"at {self.base_url}"
        return (
            f"<Emulator {state}, {len(self.requests)} requests, {len(self.events)} events received>"
        )

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def base_url(self) -> str:
        """The base URL for a client, such as `http://127.0.0.1:49152/v1`.

        Raises:
            RuntimeError: The emulator has never been started.
        """
        if self._base_url is None:
            raise RuntimeError("the emulator has no port before it is started")
        return self._base_url

    @property
    def control_url(self) -> str:
        """The base URL of the controls, such as `http://127.0.0.1:49152/_emulator`.

        Raises:
            RuntimeError: The emulator has never been started.
        """
        if self._origin is None:
            raise RuntimeError("the emulator has no port before it is started")
        return self._origin + PREFIX.rstrip("/")

    @property
    def workspace_id(self) -> str:
        """The accepted workspace ID."""
        return self._workspace.workspace_id

    @property
    def api_key(self) -> str:
        """The Personalize API key that is accepted now."""
        return self._workspace.api_key

    @property
    def requests(self) -> list[RecordedRequest]:
        """The requests so far, including refused and failed ones, in the order of arrival."""
        return self._workspace.journal.requests

    @property
    def events(self) -> list[ReceivedEvent]:
        """The events so far, each UUID once, in the order of arrival."""
        return self._workspace.journal.events

    def fail(self, operation: str | None, fault: Fault) -> None:
        """Apply a fault to the next requests.

        Faults are used in the order in which they were added. A fault without `times` is used only
        when no newer fault is left.

        Args:
            operation: The `operationId` of the requests; None for every operation.
            fault: What happens, and how often.

        Raises:
            TypeError: It is not a `Fault`.
            ValueError: The document has no such operation.
        """
        self._workspace.faults.add(operation, fault)

    def heal(self) -> None:
        """Clear every fault. A request that already hangs still hangs."""
        self._workspace.faults.clear()

    def replace_experiences(self, experiences: Source | None) -> None:
        """Answer with other experiences from now on, as after a change in the dashboard.

        Args:
            experiences: As in the constructor; None for the experiences that it was made with.

        Raises:
            ExperienceFileError: The file cannot be used.
            ValueError: The mapping cannot be used.
        """
        self._workspace.replace_experiences(experiences)

    def reset(self) -> None:
        """Forget requests, events and faults; keep the API key and the experiences."""
        self._workspace.reset()

    def expire_key(self, new_key: str) -> None:
        """Replace the API key, as in the dashboard. Requests with the old key get 401."""
        self._workspace.expire_key(new_key)

    def wait_for_events(self, count: int, timeout: float = 5.0) -> list[ReceivedEvent]:
        """Wait until some events have arrived, and return all events.

        It blocks: in asyncio, call it with `asyncio.to_thread`.

        Args:
            count: The number of different events to wait for.
            timeout: The longest time to wait, in seconds.

        Raises:
            TimeoutError: Fewer arrived in that time.
        """
        return self._workspace.journal.wait_for_events(count, timeout)

    def start(self) -> None:
        """Listen, and return as soon as requests are answered.

        Raises:
            OSError: The address or port is not available.
            RuntimeError: The emulator already runs, or did not start.
        """
        if self._thread is not None:
            raise RuntimeError("the emulator already runs; call stop first")
        listener = listen(self._host, self._port)
        self._port = listener.getsockname()[1]
        self._origin = origin(listener)
        self._base_url = base_url(listener)
        ready = threading.Event()
        server = StoppableServer(EmulatedApi(self._workspace), on_ready=ready.set)

        self._server = server
        self._thread = threading.Thread(
            target=run, args=(server, listener), name=f"emulator-{self._port}", daemon=True
        )
        self._thread.start()
        if not ready.wait(_START_TIMEOUT):
            self.stop()
            raise RuntimeError(f"the emulator did not start within {_START_TIMEOUT} s")

    def stop(self) -> None:
        """Close every connection and the port within 2 seconds; do nothing if it is stopped.

        Raises:
            RuntimeError: The server's thread does not end.
        """
        server, thread = self._server, self._thread
        if server is None or thread is None:
            return
        server.should_exit = True
        thread.join(_STOP_TIMEOUT)
        self._server = self._thread = None
        if thread.is_alive():
            raise RuntimeError(f"the emulator did not stop within {_STOP_TIMEOUT} s")
