"""The sync and the async client, and what both are made of."""
