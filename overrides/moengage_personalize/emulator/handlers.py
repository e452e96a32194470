"""The API's three operations: from a valid request to the body of a 200."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from moengage_personalize.emulator.contract import leniencies
from moengage_personalize.emulator.experiences.visitor import Visitor
from moengage_personalize.emulator.recorder import ReceivedEvent
from moengage_personalize.emulator.responses import opaque_id
from moengage_personalize.emulator.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Question:
    """A request with valid credentials and form.

    Attributes:
        query: The query parameters, decoded, by name.
        body: The parsed body; None for an operation without a body.
    """

    query: Mapping[str, Sequence[str]]
    body: Any


Carry: TypeAlias = Callable[[Workspace, Question], bytes]


def fetch_experiences(workspace: Workspace, question: Question) -> bytes:
    """Answer with one variation of each requested experience whose audience has the visitor."""
    keys: Sequence[str] | None = question.body.get("experience_key")
    if keys is not None:
        keys = keys[: leniencies.ANSWERED_KEYS]
    return workspace.catalogue.answer(keys, Visitor.from_body(question.body))


def list_experience_metadata(workspace: Workspace, question: Question) -> bytes:
    """Answer with the experiences in the requested statuses; an unknown status has none."""
    wanted = question.query.get("status")
    return workspace.catalogue.metadata(None if wanted is None else wanted[0].split(","))


def report_experience_events(workspace: Workspace, question: Question) -> bytes:
    """Keep the events with a new UUID."""
    workspace.journal.receive(_events(question.body))
    return json.dumps(
        {
            "status": "success",
            "message": "Your request has been accepted and will be processed soon.",
            "req_id": opaque_id(),
        }
    ).encode()


OPERATIONS: Final[Mapping[str, Carry]] = {
    "fetchExperiences": fetch_experiences,
    "listExperienceMetadata": list_experience_metadata,
    "reportExperienceEvents": report_experience_events,
}
"""The handler of each `operationId`; an operation without one answers with its example."""


def _events(body: Mapping[str, Any]) -> Iterator[ReceivedEvent]:
    for element in body["elements"]:
        for action in element["actions"]:
            yield ReceivedEvent(
                uuid=action["moe_event_uuid"],
                action=action["action"],
                customer_id=element["customer_id"],
                event_time=action["event_time"],
                platform=leniencies.filed_platform(action.get("platform")),
                attributes=leniencies.filed_attributes(action),
                user_attributes=element.get("user_attributes", {}),
                user_timezone_offset=element.get("user_timezone_offset"),
            )
