"""Our own client as a driver: a case's arguments in, what the client read out."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import anyio

from conformance.cases import Case
from moengage_personalize import (
    ApiError,
    AsyncPersonalizeClient,
    Event,
    PersonalizeClient,
    Visitor,
)
from moengage_personalize.models.experiences import ExperienceMetadata, Experiences
from moengage_personalize_api.api.events import report_experience_events
from moengage_personalize_api.api.experiences import fetch_experiences, list_experience_metadata
from moengage_personalize_api.models import (
    ExperienceStatus,
    FetchExperiencesAnswer,
    FetchExperiencesRequest,
    ListExperienceMetadataAnswer,
    ReportExperienceEventsRequest,
)
from moengage_personalize_api.types import UNSET

Call = Callable[..., Any]
"""Calls a method of the client by name, and gives what it gives."""

Outcome = dict[str, Any]


def of_methods(call: Call, case: Case) -> Outcome:
    """What the methods `fetch`, `metadata` and `report` read."""
    ask: dict[str, Callable[..., dict[str, Any]]] = {
        "fetchExperiences": _fetch,
        "listExperienceMetadata": _metadata,
        "reportExperienceEvents": _report,
    }
    return _told(lambda: ask[case.operation](call, **case.arguments))


def as_methods_tell(case: Case) -> Case:
    """The case with what the methods make of it: a receipt tells fewer things than an answer."""
    if case.operation != "reportExperienceEvents" or "error" in case.outcome:
        return case
    request_id = case.outcome["read"].get("req_id")
    accepted = sum(len(element["actions"]) for element in case.arguments["body"]["elements"])
    read = {"accepted": accepted, "request_ids": [] if request_id is None else [request_id]}
    return dataclasses.replace(case, outcome={"read": read})


def of_generated_functions(kind: str, case: Case, *client: str, **options: Any) -> Outcome:
    """What the generated functions read through `client.api`.

    Args:
        kind: `sync`, or the event loop.
        case: The case.
        client: The client's credentials.
        options: Its other arguments.
    """
    module, arguments = _generated_call(case)
    if kind == "sync":
        with PersonalizeClient(*client, **options) as made:
            return _told(lambda: _walked(module.sync(client=made.api, **arguments)))

    async def call() -> Any:
        async with AsyncPersonalizeClient(*client, **options) as made:
            return await module.asyncio(client=made.api, **arguments)

    return _told(lambda: _walked(anyio.run(call, backend=kind)))


def _told(read: Callable[[], dict[str, Any]]) -> Outcome:
    try:
        return {"read": read()}
    except ApiError as error:
        told = {"title": error.title, "description": error.description, "code": error.code}
        known = {name: value for name, value in told.items() if value is not None}
        return {"error": {"status": error.status, **known}}


def _fetch(call: Call, body: Mapping[str, Any]) -> dict[str, Any]:
    rest = dict(body)
    identifiers = rest.pop("identifiers", {})
    experiences: Experiences = call(
        "fetch",
        *rest.pop("experience_key", ()),
        at=_moment(rest.pop("DAY_OF_THE_WEEK", None), rest.pop("TIME_OF_THE_DAY", None)),
        visitor=Visitor(
            identifiers.get("customer_id"),
            identifiers=identifiers.get("user_identifiers"),
            user_agent=rest.pop("USER_AGENT", None),
            ip_address=rest.pop("USER_IP_ADDRESS", None),
            attributes=rest,
        ),
    )
    return {
        "experiences": {
            key: {
                "payload": {
                    name: {"value": typed.value, "data_type": typed.data_type}
                    for name, typed in experience.payload.items()
                },
                "experience_context": experience.context,
            }
            for key, experience in experiences.items()
        }
    }


def _moment(day: str | None, hour: str | None) -> datetime | None:
    if day is None or hour is None:
        return None
    return datetime.strptime(f"2026 1 {day} {hour} +0000", "%G %V %A %H %z")


def _metadata(call: Call, status: list[str] | None = None) -> dict[str, Any]:
    listed: tuple[ExperienceMetadata, ...] = call("metadata", *(status or ()))
    return {"metadata": {"count": len(listed), "experiences": [_listed(one) for one in listed]}}


def _report(call: Call, body: Mapping[str, Any]) -> dict[str, Any]:
    receipt = call(
        "report",
        [_event(element, action) for element in body["elements"] for action in element["actions"]],
    )
    return {"accepted": receipt.accepted, "request_ids": list(receipt.request_ids)}


def _event(element: Mapping[str, Any], action: Mapping[str, Any]) -> Event:
    context = dict(action["attributes"])
    details: dict[str, Any] = {
        "visitor": Visitor(
            element["customer_id"],
            platform=action["platform"],
            timezone=element.get("user_timezone_offset"),
        ),
        "user_attributes": element.get("user_attributes"),
        "event_time": action["event_time"],
        "event_uuid": action["moe_event_uuid"],
    }
    if action["action"].endswith("SHOWN"):
        return Event.shown(context, **details)
    return Event.clicked(context, element=context.pop("b_id"), **details)


def _generated_call(case: Case) -> tuple[Any, dict[str, Any]]:
    if case.operation == "fetchExperiences":
        request = FetchExperiencesRequest.from_dict(case.arguments["body"])
        return fetch_experiences, {"body": request}
    if case.operation == "reportExperienceEvents":
        report = ReportExperienceEventsRequest.from_dict(case.arguments["body"])
        return report_experience_events, {"body": report}
    statuses = [ExperienceStatus(text) for text in case.arguments.get("status", ())]
    return list_experience_metadata, {"status": statuses or UNSET}


def _walked(answer: Any) -> dict[str, Any]:
    if isinstance(answer, FetchExperiencesAnswer):
        by_key = answer.experiences.additional_properties
        return {
            "experiences": {
                key: {
                    "payload": {
                        name: {"value": typed.value, "data_type": typed.data_type}
                        for name, typed in experience.payload.additional_properties.items()
                    },
                    "experience_context": experience.experience_context.to_dict(),
                }
                for key, experience in by_key.items()
            }
        }
    if isinstance(answer, ListExperienceMetadataAnswer):
        listing = answer.metadata
        experiences = [_listed(one) for one in listing.experiences]
        return {"metadata": {"count": listing.count, "experiences": experiences}}
    told = {"status": answer.status, "message": answer.message, "req_id": answer.req_id}
    return {name: value for name, value in told.items() if value is not UNSET}


def _listed(one: Any) -> dict[str, str]:
    return {
        "experience_name": one.experience_name,
        "experience_key": one.experience_key,
        "status": one.status,
    }
