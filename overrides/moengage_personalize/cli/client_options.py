"""Which API the commands call: environment variables, and the options that override them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import attrs

from moengage_personalize import PersonalizeClient
from moengage_personalize.client import config
from moengage_personalize.client.config import (
    API_KEY,
    BASE_URL,
    DATA_CENTER,
    DISABLED,
    NOWHERE,
    WORKSPACE_ID,
)

from .errors import Failure
from .exit_codes import ExitCode

__all__ = ["API_KEY", "BASE_URL", "DATA_CENTER", "WORKSPACE_ID", "Connection", "refuse_if_disabled"]


@attrs.frozen
class Connection(config.Connection):
    """The settings of a client.

    Attributes:
        timeout: The longest time of one call, in seconds.
    """

    timeout: float

    @classmethod
    def from_options(  # noqa: PLR0913  (each is an option)
        cls,
        *,
        workspace_id: str | None,
        data_center: str | None,
        base_url: str | None,
        api_key_file: Path | None,
        timeout: float,
        environment: Mapping[str, str] | None = None,
    ) -> Connection:
        """Combine options and environment; an option for the host replaces both variables for it.

        Raises:
            Failure: The file with the API key cannot be read.
        """
        found = config.Connection.from_env(
            environment,
            workspace_id=workspace_id,
            api_key=_key_in(api_key_file) if api_key_file else None,
            data_center=data_center,
            base_url=base_url,
        )
        return cls(found.workspace_id, found.api_key, found.data_center, found.base_url, timeout)

    def client(self) -> PersonalizeClient:
        """Make a client.

        Raises:
            Failure: A setting is missing, the environment's certificates or proxy are unusable, or
                `MOENGAGE_DISABLED` is set.
            InvalidArgumentError: A setting is not acceptable.
        """
        refuse_if_disabled()
        if self.workspace_id is None:
            raise Failure(
                ExitCode.REFUSED, f"no workspace ID: set {WORKSPACE_ID} or give --workspace-id"
            )
        if self.api_key is None:
            raise Failure(ExitCode.REFUSED, f"no API key: set {API_KEY} or give --api-key-file")
        if self.data_center is None and self.base_url is None:
            raise Failure(
                ExitCode.REFUSED,
                f"no data center: set {DATA_CENTER} or give --data-center, the number in your "
                "dashboard's host (https://dashboard-03.moengage.com is 03)",
            )
        return PersonalizeClient(
            self.workspace_id,
            self.api_key,
            data_center=self.data_center,
            base_url=self.base_url,
            timeout=self.timeout,
        )


def refuse_if_disabled() -> None:
    """Refuse to call the API if `MOENGAGE_DISABLED` is set.

    Raises:
        Failure: It says so.
        InvalidArgumentError: It says neither yes nor no.
    """
    if config.Connection.from_env() is NOWHERE:
        raise Failure(
            ExitCode.REFUSED, f"{DISABLED} is set, so nothing is sent: unset it for this command"
        )


def _key_in(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8").strip()
    except OSError as error:
        problem = error.strerror
    except UnicodeDecodeError:
        problem = "must be UTF-8"
    raise Failure(ExitCode.REFUSED, f"--api-key-file: {file}: {problem}")
