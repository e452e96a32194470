"""Runs conformance cases: a call as JSON in on a line, what the client read out on a line."""

import json
import sys
from collections.abc import Mapping
from typing import Any

from connect import SECONDS, connect
from personalize import ApiException, EventsApi, ExperiencesApi
from personalize.models import (
    ErrorResponse,
    ExperienceStatus,
    FetchExperiencesRequest,
    ReportExperienceEventsRequest,
)

client = connect()


def fetch(body: Mapping[str, Any]) -> dict[str, Any]:
    answer = ExperiencesApi(client).fetch_experiences(
        FetchExperiencesRequest.from_dict(body), _request_timeout=SECONDS
    )
    return {
        "experiences": {
            key: {
                "payload": {
                    name: {"value": item.value, "data_type": item.data_type}
                    for name, item in experience.payload.items()
                },
                "experience_context": experience.experience_context.to_dict(),
            }
            for key, experience in answer.experiences.items()
        }
    }


def metadata(status: list[str] | None = None) -> dict[str, Any]:
    statuses = None if status is None else [ExperienceStatus(one) for one in status]
    answer = ExperiencesApi(client).list_experience_metadata(statuses, _request_timeout=SECONDS)
    listing = answer.metadata
    return {
        "metadata": {
            "count": listing.count,
            "experiences": [
                {
                    "experience_name": one.experience_name,
                    "experience_key": one.experience_key,
                    "status": one.status,
                }
                for one in listing.experiences
            ],
        }
    }


def report(body: Mapping[str, Any]) -> dict[str, Any]:
    answer = EventsApi(client).report_experience_events(
        ReportExperienceEventsRequest.from_dict(body), _request_timeout=SECONDS
    )
    return known(status=answer.status, message=answer.message, req_id=answer.req_id)


def failure(error: ApiException) -> dict[str, Any]:
    if not isinstance(error.data, ErrorResponse):  # a gateway's page
        return {"status": error.status}
    api = error.data
    return known(status=error.status, title=api.title, description=api.description, code=api.code)


def known(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


calls = {
    "baseUrl": lambda: client.configuration.host,
    "fetchExperiences": fetch,
    "listExperienceMetadata": metadata,
    "reportExperienceEvents": report,
}
for line in sys.stdin:
    case = json.loads(line)
    try:
        outcome = {"read": calls[case["operation"]](**case["arguments"])}
    except ApiException as error:
        outcome = {"error": failure(error)}
    print(json.dumps(outcome), flush=True)
