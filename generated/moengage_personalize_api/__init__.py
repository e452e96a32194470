# Generated from moengage-personalize.yaml 1.0.0 by scripts/generate; do not edit.
"""A client library for accessing MoEngage Personalize API"""

from .client import AuthenticatedClient, Client

__all__ = (
    "AuthenticatedClient",
    "Client",
)
