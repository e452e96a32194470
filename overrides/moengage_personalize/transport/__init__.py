"""Sends requests and receives responses before a deadline: retries, typed errors, backends."""
