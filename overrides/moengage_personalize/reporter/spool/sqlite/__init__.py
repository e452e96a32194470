"""A spool in an SQLite file."""
