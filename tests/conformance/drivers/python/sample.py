"""Fetches an experience for a visitor, and reports that it was shown and clicked."""

import time
import uuid

from connect import SECONDS, connect
from personalize import EventsApi, ExperienceContext, ExperiencesApi
from personalize.models import (
    EventAction,
    EventActionName,
    EventElement,
    FetchExperiencesRequest,
    Identifiers,
    Platform,
    ReportExperienceEventsRequest,
)

CUSTOMER = "user_8821"


def report(api: EventsApi, action: EventActionName, context: ExperienceContext) -> None:
    """Report one event; a repeat after a failure keeps its UUID."""
    event = EventAction(
        action=action,
        moe_event_uuid=uuid.uuid4(),
        event_time=int(time.time()),
        platform=Platform.WEB,
        attributes=context,
    )
    element = EventElement(customer_id=CUSTOMER, actions=[event])
    body = ReportExperienceEventsRequest(elements=[element])
    api.report_experience_events(body, _request_timeout=SECONDS)


with connect() as client:
    request = FetchExperiencesRequest(
        identifiers=Identifiers(customer_id=CUSTOMER), experience_key=["loyalty-offer"]
    )
    request.additional_properties["utm_medium"] = "email"  # an in-session attribute
    answer = ExperiencesApi(client).fetch_experiences(request, _request_timeout=SECONDS)

    offer = answer.experiences.get("loyalty-offer")
    if offer is None:  # no error: not meant for this visitor
        print("Welcome")
    else:
        print(offer.payload["Title"].value)
        context = offer.experience_context
        events = EventsApi(client)
        report(events, EventActionName.MOE_PERSONALIZATION_MESSAGE_SHOWN, context)
        context.b_id = "Add to Cart"  # what was clicked
        report(events, EventActionName.MOE_PERSONALIZATION_MESSAGE_CLICKED, context)
