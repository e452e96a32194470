"""What the command line's test modules import."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs

SCRIPT = Path(sys.executable).with_name("moengage-personalize")
"""The installed console script."""

CUSTOMER = "user_8821"


@attrs.frozen
class Outcome:
    """How a command ended, and what it said."""

    code: int
    stdout: str
    stderr: str

    @property
    def json(self) -> Any:
        """The one document on stdout."""
        return json.loads(self.stdout)

    @property
    def said(self) -> str:
        """All of it."""
        return self.stdout + self.stderr


Invoke = Callable[..., Outcome]
