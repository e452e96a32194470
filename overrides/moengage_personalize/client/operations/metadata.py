"""Listing the workspace's experiences.

Guide: "Metadata API".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

from moengage_personalize import validation
from moengage_personalize.errors import PersonalizeError
from moengage_personalize.models.experiences import ExperienceMetadata
from moengage_personalize_api.api.experiences import list_experience_metadata
from moengage_personalize_api.models import ExperienceStatus, ListExperienceMetadataAnswer
from moengage_personalize_api.types import UNSET

from .operation import Call, Outcome

__all__ = ["Status", "metadata_call"]


Status = Literal["Active", "Paused", "Scheduled"]


def metadata_call(statuses: Sequence[str]) -> Call[tuple[ExperienceMetadata, ...]]:
    """Make a listing of the experiences with some statuses; without statuses, of all.

    Raises:
        InvalidArgumentError: A status is unknown; the API would answer with an empty list.
    """
    checked = [
        ExperienceStatus(validation.choice("status", status, get_args(Status)))
        for status in statuses
    ]
    parts = [{"status": list(dict.fromkeys(checked)) or UNSET}]
    return Call(list_experience_metadata, parts, _listing, _entries, nothing=())


def _entries(response: ListExperienceMetadataAnswer) -> tuple[ExperienceMetadata, ...]:
    return tuple(
        ExperienceMetadata(entry.experience_key, entry.experience_name, entry.status)
        for entry in response.metadata.experiences
    )


def _listing(outcomes: Sequence[Outcome]) -> tuple[ExperienceMetadata, ...]:
    (outcome,) = outcomes
    if isinstance(outcome, PersonalizeError):
        raise outcome
    listing: tuple[ExperienceMetadata, ...] = outcome
    return listing
