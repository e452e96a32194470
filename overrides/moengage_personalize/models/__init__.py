"""What callers pass in and get back: plain values, no I/O."""
