"""Which HTTP library carries the messages."""

from __future__ import annotations

import socket
from importlib.util import find_spec
from typing import Final, Literal, get_args

from moengage_personalize import checks
from moengage_personalize.errors import InvalidArgumentError

from .protocol import AsyncWire, Wire

__all__ = ["TransportName", "async_wire_for", "wire_for"]

TransportName = Literal["httpx", "pyreqwest"]
"""Which library; `pyreqwest` comes with the extra `fast`."""

_NAMES: Final[tuple[str, ...]] = get_args(TransportName)
_IS_INSTALLED: Final = find_spec("pyreqwest") is not None
DEFAULT: TransportName = "pyreqwest" if _IS_INSTALLED else "httpx"


def wire_for(base_url: str, name: TransportName | None) -> Wire:
    """A blocking wire to this address; the fastest that is installed, or the one that is named.

    Raises:
        InvalidArgumentError: The named one is unknown or not installed; or a setting of the
            environment is malformed.
    """
    if _chosen(name) == "pyreqwest":
        from .rust import RustWire  # noqa: PLC0415  (an extra)

        return RustWire(base_url)
    from .pooled import PooledWire  # noqa: PLC0415  (import time: httpx too loads httpcore late)

    return PooledWire(base_url)


def async_wire_for(base_url: str, name: TransportName | None) -> AsyncWire:
    """The same, awaited."""
    if _chosen(name) == "pyreqwest":
        from .rust import AsyncRustWire  # noqa: PLC0415  (an extra)

        return AsyncRustWire(base_url)
    from .looped import LoopedWire  # noqa: PLC0415  (import time: httpx too loads httpcore late)

    return LoopedWire(base_url)


def _chosen(name: object) -> str:
    if name is None:
        return "httpx" if _is_cooperative() else DEFAULT
    chosen = checks.choice("transport", name, _NAMES)
    if chosen == "pyreqwest" and not _IS_INSTALLED:
        raise InvalidArgumentError(
            "pyreqwest is not installed: pip install 'moengage-personalize[fast]'",
            field="transport",
        )
    return chosen


def _is_cooperative() -> bool:
    """Whether gevent has patched sockets: in Rust, a wait would hold up every greenlet."""
    return socket.socket.__module__ != "socket"
