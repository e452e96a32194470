"""The reference page as a file; `scripts/docs` is its command."""
