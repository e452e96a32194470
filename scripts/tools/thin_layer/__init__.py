"""Counts the lines of the thin layer, which may not grow unnoticed; scripts/lint runs it."""
