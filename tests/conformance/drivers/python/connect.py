"""Connects to MoEngage's Personalize API, or to the emulator that MOENGAGE_BASE_URL names."""

import os

from personalize import ApiClient, Configuration


def connect() -> ApiClient:
    """Make a client of the workspace that the environment names."""
    workspace_id = os.environ["MOENGAGE_WORKSPACE_ID"]
    configuration = Configuration(
        host=os.environ.get("MOENGAGE_BASE_URL"),
        server_variables={"dc": os.environ.get("MOENGAGE_DATA_CENTER", "")},
        username=workspace_id,
        password=os.environ["MOENGAGE_PERSONALIZE_API_KEY"],
        api_key={"AppKey": workspace_id},
        retries=0,  # else a time limit counts up to four times
    )
    return ApiClient(configuration)


SECONDS = 3
"""How long to wait for an answer at most: an argument of each call."""
