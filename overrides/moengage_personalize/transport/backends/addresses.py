"""The addresses of a host, looked up in a thread that all calls to it share."""

from __future__ import annotations

import ipaddress
import os
import socket
import threading
from concurrent.futures import Future
from typing import Final

from moengage_personalize.transport.thread_timeout import start_in_thread

__all__ = ["addresses_of", "share_of"]

_UNTIL_TCP_REPEATS: Final = 1.0
"""Seconds after which TCP repeats what a network has lost."""


def addresses_of(host: str, port: int) -> Future[list[str]]:
    """A host's addresses, once they are known.

    A lookup cannot be interrupted, so while a name server hangs there is one daemon thread a host,
    not one a call.
    """
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return _lookups.get(host, port)
    known: Future[list[str]] = Future()
    known.set_result([host])
    return known


def share_of(seconds: float, addresses: int) -> float:
    """How long to try the first of these addresses, so that a dead one leaves time for the next."""
    return seconds if addresses == 1 else min(seconds / addresses, _UNTIL_TCP_REPEATS)


def _look_up(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[4][0]) for address in found))


class _Lookups:
    """Name lookups under way in this process; a forked child has none of its parent's threads."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self._lock = threading.Lock()
        self._under_way: dict[tuple[str, int], Future[list[str]]] = {}
        self._process = os.getpid()

    def get(self, host: str, port: int) -> Future[list[str]]:
        if self._process != os.getpid():  # no hook tells of every fork: uWSGI's runs none
            self.reset()
        key = (host, port)
        under_way = self._under_way
        with self._lock:
            future = under_way.get(key)
            if future is None:
                future = under_way[key] = start_in_thread(lambda: _look_up(host, port))
                future.add_done_callback(lambda _: under_way.pop(key, None))
        return future


_lookups = _Lookups()
