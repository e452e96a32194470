"""The sync and the async client, and their common parts."""
