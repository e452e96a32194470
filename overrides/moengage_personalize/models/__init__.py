"""The values that callers pass in and get back. No I/O."""
