"""Callbacks around `os.fork`, on systems that have it."""

from __future__ import annotations

import os
from collections.abc import Callable

__all__ = ["register_at_fork"]


def register_at_fork(**callbacks: Callable[[], object]) -> None:
    """Call `os.register_at_fork`; do nothing where processes cannot fork, as on Windows.

    Args:
        callbacks: `before`, `after_in_parent`, `after_in_child`.
    """
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(**callbacks)
