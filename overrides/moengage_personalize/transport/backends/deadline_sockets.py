"""Sockets that keep a call's deadline, for sync code.

A sync HTTP client has time limits for each operation, so a server that sends a byte now and then,
or a name server that does not answer, would outlast any of them. Here every operation may take
only the time that the call has left.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterable
from concurrent.futures import Future
from typing import Any, Final

import httpcore

from moengage_personalize.forks import register_at_fork
from moengage_personalize.transport.deadline import Deadline
from moengage_personalize.transport.thread_timeout import begin, result_within

__all__ = ["DeadlineNetwork"]

_WRITE_SIZE: Final = 65_536
Limit = Any
"""A `Deadline`. httpcore hands on the time limit that its caller gave it, and calls it a float."""
SocketOption = (
    tuple[int, int, int] | tuple[int, int, bytes | bytearray] | tuple[int, int, None, int]
)


class DeadlineNetwork(httpcore.NetworkBackend):
    """Opens connections before a deadline: name lookup, TCP and TLS together."""

    def __init__(self) -> None:
        self._backend = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: Limit = None,
        local_address: str | None = None,
        socket_options: Iterable[SocketOption] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first of a host's addresses that answers."""
        addresses = _addresses(host, port, timeout)
        failure: Exception = httpcore.ConnectError("the host has no address")
        for position, address in enumerate(addresses):
            # Not all of it, so that one dead address leaves time for the next.
            share = timeout.remaining_or_raise() / (len(addresses) - position)
            try:
                stream = self._backend.connect_tcp(
                    address, port, share, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return _DeadlineStream(stream)
        raise failure


class _DeadlineStream(httpcore.NetworkStream):
    """A connection whose every operation ends with the deadline."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: Limit = None) -> bytes:
        return self._stream.read(max_bytes, timeout.remaining_or_raise())

    def write(self, buffer: bytes, timeout: Limit = None) -> None:
        for start in range(0, len(buffer), _WRITE_SIZE):
            self._stream.write(buffer[start : start + _WRITE_SIZE], timeout.remaining_or_raise())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: Limit = None,
    ) -> httpcore.NetworkStream:
        left = timeout.remaining_or_raise()
        return _DeadlineStream(self._stream.start_tls(ssl_context, server_hostname, left))

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401  (the signature of the class above)
        return self._stream.get_extra_info(info)


def _addresses(host: str, port: int, deadline: Deadline) -> list[str]:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        pass
    else:
        return [host]

    left = deadline.remaining_or_raise()
    try:
        return _lookups.get(host, port, left)
    except TimeoutError:
        raise deadline.passed() from None
    except (OSError, UnicodeError) as error:
        raise httpcore.ConnectError(f"the name lookup failed: {error}") from error


def _look_up(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[4][0]) for address in found))


class _Lookups:
    """Name lookups under way, which all that want the same one share.

    None can be interrupted, so while a name server hangs there is one thread a host, not one a
    call.
    """

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget lookups under way; a forked child has none of its parent's threads."""
        self._lock = threading.Lock()
        self._under_way: dict[tuple[str, int], Future[list[str]]] = {}

    def get(self, host: str, port: int, seconds: float) -> list[str]:
        key = (host, port)
        with self._lock:
            future = self._under_way.get(key)
            if future is None:
                future = self._under_way[key] = begin(lambda: _look_up(host, port))
                future.add_done_callback(lambda _: self._under_way.pop(key, None))
        return result_within(future, seconds)


_lookups = _Lookups()
register_at_fork(after_in_child=_lookups.reset)
