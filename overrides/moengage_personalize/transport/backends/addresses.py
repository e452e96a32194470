"""Looks up the addresses of a host, in a thread that all calls to it share."""

from __future__ import annotations

import ipaddress
import os
import socket
from concurrent.futures import Future
from typing import Final

import httpcore

from moengage_personalize.transport.thread_timeout import start_in_thread

__all__ = ["addresses_of", "share_of"]

_UNTIL_TCP_REPEATS: Final = 1.0
"""The time after which TCP sends lost data again, in seconds."""
_under_way: Final[dict[tuple[int, str, int], Future[list[str]]]] = {}
"""Lookups, shared by all threads without a lock: one that is held during a fork stays held."""


def addresses_of(host: str, port: int) -> Future[list[str]]:
    """Return a future for a host's addresses.

    A lookup cannot be interrupted. So while a name server hangs, there is one daemon thread for
    each host, and not for each call.
    """
    future: Future[list[str]] = Future()
    try:
        ipaddress.ip_address(host)
    except ValueError:
        # Of this process, because a forked child has none of its parent's threads.
        key = (os.getpid(), host, port)
        under_way = _under_way.setdefault(key, future)
        if under_way is future:
            future.add_done_callback(lambda _: _under_way.pop(key, None))
            start_in_thread(lambda: _look_up(host, port), future)
        return under_way
    future.set_result([host])
    return future


def share_of(seconds: float, addresses: int) -> float:
    """Return how long to try the first address, so that a dead one leaves time for the next."""
    return seconds if addresses == 1 else min(seconds / addresses, _UNTIL_TCP_REPEATS)


def _look_up(host: str, port: int) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise httpcore.ConnectError(f"the name lookup failed: {error}") from error
    return list(dict.fromkeys(str(address[4][0]) for address in found))
