"""The README's picture; `scripts/picture` is its command."""
