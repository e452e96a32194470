"""Faults on demand: what they are, and how they are acted out."""
