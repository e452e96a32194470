"""The backends: what sends a request, one HTTP library or another."""

from .choice import TransportName, async_backend_for, backend_for
from .protocol import AsyncBackend, Backend

__all__ = ["AsyncBackend", "Backend", "TransportName", "async_backend_for", "backend_for"]
