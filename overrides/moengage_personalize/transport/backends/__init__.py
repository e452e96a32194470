"""The backends, which send requests with one HTTP library or another."""

from .base import AsyncBackend, Backend
from .select import TransportName, async_backend_for, backend_for

__all__ = ["AsyncBackend", "Backend", "TransportName", "async_backend_for", "backend_for"]
