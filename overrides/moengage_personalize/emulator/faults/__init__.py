"""Faults on demand: their definitions, and how they are applied."""
