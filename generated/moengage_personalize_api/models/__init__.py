# Generated from moengage-personalize.yaml 1.0.0 by scripts/generate; do not edit.
"""Contains all the data models used in inputs/outputs"""

from .day_of_the_week import DayOfTheWeek
from .error_response import ErrorResponse
from .event_action import EventAction
from .event_action_name import EventActionName
from .event_element import EventElement
from .experience import Experience
from .experience_context import ExperienceContext
from .experience_metadata import ExperienceMetadata
from .experience_metadata_list import ExperienceMetadataList
from .experience_status import ExperienceStatus
from .experiences_by_key import ExperiencesByKey
from .fetch_experiences_answer import FetchExperiencesAnswer
from .fetch_experiences_request import FetchExperiencesRequest
from .identifiers import Identifiers
from .list_experience_metadata_answer import ListExperienceMetadataAnswer
from .payload import Payload
from .payload_value import PayloadValue
from .platform import Platform
from .report_experience_events_answer import ReportExperienceEventsAnswer
from .report_experience_events_request import ReportExperienceEventsRequest
from .user_attributes import UserAttributes
from .user_identifiers import UserIdentifiers

__all__ = (
    "DayOfTheWeek",
    "ErrorResponse",
    "EventAction",
    "EventActionName",
    "EventElement",
    "Experience",
    "ExperienceContext",
    "ExperienceMetadata",
    "ExperienceMetadataList",
    "ExperiencesByKey",
    "ExperienceStatus",
    "FetchExperiencesAnswer",
    "FetchExperiencesRequest",
    "Identifiers",
    "ListExperienceMetadataAnswer",
    "Payload",
    "PayloadValue",
    "Platform",
    "ReportExperienceEventsAnswer",
    "ReportExperienceEventsRequest",
    "UserAttributes",
    "UserIdentifiers",
)
