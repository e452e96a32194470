"""A spool in Redis Streams. Needs the extra `redis`."""
