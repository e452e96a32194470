"""The documentation site; `scripts/docs` is its command."""
