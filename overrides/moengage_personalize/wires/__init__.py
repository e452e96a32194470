"""What carries a message to the API: one HTTP library or another, all alike from here on."""

from .choice import TransportName, async_wire_for, wire_for
from .injected import AsyncInjectedWire, InjectedWire
from .protocol import AsyncWire, Wire

__all__ = [
    "AsyncInjectedWire",
    "AsyncWire",
    "InjectedWire",
    "TransportName",
    "Wire",
    "async_wire_for",
    "wire_for",
]
