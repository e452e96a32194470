"""Selects the HTTP library that sends the requests."""

from __future__ import annotations

import logging
from functools import cache
from importlib.util import find_spec
from types import ModuleType
from typing import TYPE_CHECKING, Final, Literal, get_args

from moengage_personalize import validation
from moengage_personalize.errors import InvalidArgumentError

from .base import AsyncBackend, Backend
from .custom_httpx import async_custom_backend, custom_backend
from .environment import has_patched_sockets

if TYPE_CHECKING:
    import httpx

__all__ = ["TransportName", "async_backend_for", "backend_for"]

TransportName = Literal["httpx", "pyreqwest"]
"""The name of a library; `pyreqwest` comes with the extra `fast`."""

_NAMES: Final[tuple[str, ...]] = get_args(TransportName)
_IS_INSTALLED: Final = find_spec("pyreqwest") is not None
DEFAULT: TransportName = "pyreqwest" if _IS_INSTALLED else "httpx"

_log: Final = logging.getLogger("moengage_personalize")


def backend_for(
    base_url: str,
    http_client: httpx.Client | None = None,
    transport: httpx.BaseTransport | TransportName | None = None,
) -> Backend:
    """Make a sync backend for this address; the arguments are those of the client.

    Raises:
        InvalidArgumentError: The library is unknown or not installed, a setting of the environment
            is malformed, or the httpx object is of another type.
    """
    validation.at_most_one(http_client=http_client, transport=transport)
    if http_client is not None or not (transport is None or isinstance(transport, str)):
        return custom_backend(http_client, transport)
    if (fast := _fast_if_chosen(transport)) is not None:
        return fast.PyreqwestBackend(base_url)  # type: ignore[no-any-return]  # a module loaded late
    from .httpcore_sync import HttpcoreBackend  # noqa: PLC0415  (import time: httpx too loads it late)

    return HttpcoreBackend(base_url)


def async_backend_for(
    base_url: str,
    http_client: httpx.AsyncClient | None = None,
    transport: httpx.AsyncBaseTransport | TransportName | None = None,
) -> AsyncBackend:
    """Like `backend_for`, for async code."""
    validation.at_most_one(http_client=http_client, transport=transport)
    if http_client is not None or not (transport is None or isinstance(transport, str)):
        return async_custom_backend(http_client, transport)
    if (fast := _fast_if_chosen(transport)) is not None:
        return fast.AsyncPyreqwestBackend(base_url)  # type: ignore[no-any-return]  # the same
    from .httpcore_async import AsyncHttpcoreBackend  # noqa: PLC0415  (import time: the same)

    return AsyncHttpcoreBackend(base_url)


def _fast_if_chosen(name: object) -> ModuleType | None:
    """Return the module of the fast backends, if they are chosen by name or by default."""
    if name is None and (has_patched_sockets() or DEFAULT != "pyreqwest"):
        return None
    if name is not None and validation.choice("transport", name, _NAMES) != "pyreqwest":
        return None
    if not _IS_INSTALLED:
        raise InvalidArgumentError(
            "pyreqwest is not installed: install the package again with the extra fast",
            field="transport",
        )
    fast = _fast()
    if isinstance(fast, ModuleType):
        return fast
    if name is None:
        return None
    raise InvalidArgumentError(f"pyreqwest cannot be loaded here: {fast}", field="transport")


@cache
def _fast() -> ModuleType | Exception:
    """Return the module, or the error if it cannot be loaded, as in a second sub-interpreter."""
    try:
        from . import pyreqwest as fast  # noqa: PLC0415  (an extra)
    except Exception as error:  # noqa: BLE001  (whatever the module of another machine raises)
        _log.warning(
            "pyreqwest is installed but cannot be loaded, so httpx is the default: %s", error
        )
        return error
    return fast
