"""Checks requests against the OpenAPI document, with the API's known leniencies."""
