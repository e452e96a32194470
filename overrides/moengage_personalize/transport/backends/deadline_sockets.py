"""Sockets that keep a call's deadline, for sync code.

A sync HTTP client has a time limit for each operation. A server that sends a byte now and then, or
a name server that does not answer, takes longer than all of them. Here, every operation may only
take the time that the call has left.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterable
from typing import Any, Final

import httpcore

from moengage_personalize.transport.deadline import Deadline

from .addresses import addresses_of, share_of

__all__ = ["DeadlineNetwork", "SocketOption"]

_WRITE_SIZE: Final = 65_536
Limit = Any
"""A `Deadline`. httpcore passes on its caller's time limit, and types it as a float."""
SocketOption = (
    tuple[int, int, int] | tuple[int, int, bytes | bytearray] | tuple[int, int, None, int]
)


class DeadlineNetwork(httpcore.SyncBackend):
    """Opens connections before a deadline: name lookup, TCP and TLS together."""

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
            share = share_of(timeout.remaining_or_raise(), len(addresses) - position)
            try:
                stream = super().connect_tcp(address, port, share, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return _DeadlineStream(stream)
        raise failure


class _DeadlineStream(httpcore.NetworkStream):
    """A connection whose operations all end at the deadline."""

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
        return addresses_of(host, port).result(deadline.remaining_or_raise())
    except TimeoutError:
        raise deadline.passed() from None
