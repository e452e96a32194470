"""The emulated workspace: credentials, experiences, requests, events and faults."""

import threading
from typing import Final

from moengage_personalize.emulator.contract import document
from moengage_personalize.emulator.experiences import file
from moengage_personalize.emulator.experiences.catalogue import Catalogue
from moengage_personalize.emulator.faults.fault import FaultBook
from moengage_personalize.emulator.rate_limit import RateLimit
from moengage_personalize.emulator.recorder import Journal

WORKSPACE_ID: Final = "EMULATED_WORKSPACE"
API_KEY: Final = "EMULATED_KEY"


class Workspace:
    """One workspace of the API. Its `repr` shows no credential.

    Attributes:
        workspace_id: The workspace ID.
        catalogue: The experiences.
        journal: The requests and events that arrived.
        faults: The faults that wait for requests.
        rate_limit: The count of fetches in this minute.
    """

    def __init__(
        self,
        experiences: file.Source | None,
        workspace_id: str,
        api_key: str,
        history: int | None,
    ) -> None:
        """Make a workspace.

        Args:
            experiences: A file of experiences, or their values; None for the ones that ship with
                the emulator.
            workspace_id: The workspace ID to accept.
            api_key: The Personalize API key to accept.
            history: The number of requests, and of events, to keep; None for all.

        Raises:
            ValueError: The file (an `ExperienceFileError`) or mapping cannot be used.
        """
        self.workspace_id = workspace_id
        self._own_catalogue = file.read(experiences)
        self.catalogue: Catalogue = self._own_catalogue
        self.journal: Journal = Journal(history)
        self.faults: FaultBook = FaultBook(document.load().operation_ids)
        self.rate_limit: RateLimit = RateLimit()
        self._api_key = api_key
        self._lock = threading.Lock()

    @property
    def api_key(self) -> str:
        """The current Personalize API key."""
        with self._lock:
            return self._api_key

    def expire_key(self, new_key: str) -> None:
        """Replace the key, as regenerating it in the dashboard does: the old one gets 401."""
        with self._lock:
            self._api_key = new_key

    def replace_experiences(self, experiences: file.Source | None) -> None:
        """Answer with other experiences; None for the ones that the workspace was made with."""
        self.catalogue = self._own_catalogue if experiences is None else file.read(experiences)

    def reset(self) -> None:
        """Forget requests, events and faults; keep the key and the experiences."""
        self.faults.clear()
        self.journal.clear()
        self.rate_limit.clear()
