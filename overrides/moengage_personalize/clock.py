"""A monotonic clock that runs while a test's clock stands still."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Final

__all__ = ["monotonic"]

# freezegun replaces `time.monotonic`, in `time` and in every module that has imported it. A wait on
# a frozen clock never ends. It does not replace a partial.
monotonic: Final[Callable[[], float]] = partial(
    getattr(sys.modules.get("freezegun.api"), "real_monotonic", time.monotonic)
)
