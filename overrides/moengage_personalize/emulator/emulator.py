"""The emulator for tests: a real port, in a thread of its own."""

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
    """The Personalize API on a port of this machine, for as long as a `with` block lasts.

    ```python
    with Emulator() as emulator:
        client = PersonalizeClient(
            emulator.workspace_id, emulator.api_key, base_url=emulator.base_url
        )
        emulator.fail("fetchExperiences", Fault.status(503, times=2))
        client.fetch("homepage-banner", visitor="user_8821")
        assert len(emulator.requests) == 3
    ```

    It serves from a thread and an event loop of its own, so it may be used from threads and from
    asyncio tests alike. It keeps every request and event until `reset`. Its `repr` shows nothing
    of a customer and no credential.

    `start` and `stop` do what the `with` block does. An emulator that is started again has the
    same port and all it has kept: the API went away and came back.
    """

    def __init__(
        self,
        experiences: Source | None = None,
        workspace_id: str = WORKSPACE_ID,
        api_key: str = API_KEY,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        """Prepare an emulator; it listens from `start` on.

        Args:
            experiences: A YAML file of experiences, or the values of each experience by its key,
                such as `{"homepage-banner": {"Title": "Hi"}}`, which every visitor sees and whose
                data types follow from the values; or classes derived from `TypedExperience`, or a
                Python file of such, whose defaults are the values; None for the ones that ship with
                the emulator.
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
        """The URL to give a client, such as `http://127.0.0.1:49152/v1`.

        Raises:
            RuntimeError: The emulator has never been started.
        """
        if self._base_url is None:
            raise RuntimeError("the emulator has no port before it is started")
        return self._base_url

    @property
    def control_url(self) -> str:
        """The URL under which the controls are, such as `http://127.0.0.1:49152/_emulator`.

        Raises:
            RuntimeError: The emulator has never been started.
        """
        if self._origin is None:
            raise RuntimeError("the emulator has no port before it is started")
        return self._origin + PREFIX.rstrip("/")

    @property
    def workspace_id(self) -> str:
        """The workspace ID that it accepts."""
        return self._workspace.workspace_id

    @property
    def api_key(self) -> str:
        """The Personalize API key that it accepts at the moment."""
        return self._workspace.api_key

    @property
    def requests(self) -> list[RecordedRequest]:
        """The requests so far, refused and failed ones included, in the order of arrival."""
        return self._workspace.journal.requests

    @property
    def events(self) -> list[ReceivedEvent]:
        """The events so far, each UUID once, in the order of arrival."""
        return self._workspace.journal.events

    def fail(self, operation: str | None, fault: Fault) -> None:
        """Let a fault happen to the next requests.

        Faults happen in the order in which they were added, but one without `times` makes way: of
        two, the newer happens.

        Args:
            operation: The `operationId` it happens to; None for every operation.
            fault: What happens, and how often.

        Raises:
            TypeError: It is no fault.
            ValueError: The document has no such operation.
        """
        self._workspace.faults.add(operation, fault)

    def heal(self) -> None:
        """Clear every fault; a request that hangs already goes on hanging."""
        self._workspace.faults.clear()

    def replace_experiences(self, experiences: Source | None) -> None:
        """Answer with other experiences from now on, as after a marketer's change.

        Args:
            experiences: As for the constructor; None for those that the emulator was made with.

        Raises:
            ExperienceFileError: The file cannot be used.
            ValueError: The mapping cannot be used.
        """
        self._workspace.replace_experiences(experiences)

    def reset(self) -> None:
        """Forget requests, events and faults; the key and the experiences stay as they are."""
        self._workspace.reset()

    def expire_key(self, new_key: str) -> None:
        """Replace the key, as regenerating it in the dashboard does: the old one gets 401."""
        self._workspace.expire_key(new_key)

    def wait_for_events(self, count: int, timeout: float = 5.0) -> list[ReceivedEvent]:
        """Wait until some events have arrived, and return all there are.

        It blocks: in asyncio, call it by `asyncio.to_thread`.

        Args:
            count: How many different events to wait for.
            timeout: How long to wait at most, in seconds.

        Raises:
            TimeoutError: Fewer arrived in that time.
        """
        return self._workspace.journal.wait_for_events(count, timeout)

    def start(self) -> None:
        """Listen, and return as soon as requests are answered.

        Raises:
            OSError: The address or port is not to be had.
            RuntimeError: The emulator runs already, or did not come up.
        """
        if self._thread is not None:
            raise RuntimeError("the emulator runs already")
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
            raise RuntimeError(f"the emulator did not come up within {_START_TIMEOUT} s")

    def stop(self) -> None:
        """Close every connection and the port, within 2 s; nothing happens to a stopped one.

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
