"""What the OpenAPI document says about a request, and the API's known leniencies."""
