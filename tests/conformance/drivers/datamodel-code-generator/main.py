"""Calls each operation once: what scripts/languages runs of a generator that has no driver."""

import json
import os
import time
import uuid
from typing import Any
from urllib.request import HTTPBasicAuthHandler, HTTPPasswordMgrWithPriorAuth, Request, build_opener

import personalize
from pydantic import BaseModel

BASE_URL = os.environ["MOENGAGE_BASE_URL"]
WORKSPACE = os.environ["MOENGAGE_WORKSPACE_ID"]
passwords = HTTPPasswordMgrWithPriorAuth()
passwords.add_password(
    None, BASE_URL, WORKSPACE, os.environ["MOENGAGE_PERSONALIZE_API_KEY"], is_authenticated=True
)
opener = build_opener(HTTPBasicAuthHandler(passwords))


def call(path: str, body: BaseModel | None = None) -> Any:
    headers = {"MOE-APPKEY": WORKSPACE, "Content-Type": "application/json"}
    data = body and body.model_dump_json(exclude_unset=True).encode()
    with opener.open(Request(BASE_URL + path, data, headers), timeout=3) as answer:
        return json.load(answer)


personalize.ListExperienceMetadataAnswer(**call("/experiences/metadata?status=Active,Paused"))
fetched = personalize.FetchExperiencesAnswer(
    **call(
        "/experiences/fetch",
        personalize.FetchExperiencesRequest(
            identifiers=personalize.Identifiers(customer_id="user_8821"),
            experience_key=["loyalty-offer"],
            utm_medium="email",  # an in-session attribute
        ),
    )
)
event = personalize.EventAction(
    action=personalize.EventActionName.MOE_PERSONALIZATION_MESSAGE_SHOWN,
    moe_event_uuid=uuid.uuid4(),
    event_time=int(time.time()),
    platform=personalize.Platform.web,
    attributes=fetched.experiences.root["loyalty-offer"].experience_context,
)
element = personalize.EventElement(customer_id="user_8821", actions=[event])
report = personalize.ReportExperienceEventsRequest(elements=[element])
personalize.ReportExperienceEventsAnswer(**call("/experiences/events", report))
