"""Exchange a request for a response before a deadline: retries, typed errors, backends."""
