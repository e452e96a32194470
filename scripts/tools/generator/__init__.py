"""Turns the OpenAPI document into the generated package; `scripts/generate` is its command."""
