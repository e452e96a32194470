"""Runs clients of every language through one set of cases; `scripts/languages` is its command."""
