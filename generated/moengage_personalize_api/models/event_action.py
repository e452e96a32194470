# Generated from moengage-personalize.yaml 1.0.0 by scripts/generate; do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define

from ..models.event_action_name import EventActionName
from ..models.platform import Platform

T = TypeVar("T", bound="EventAction")


@_attrs_define
class EventAction:
    """One impression or click.

    Attributes:
        action (EventActionName): Case-sensitive; another value is a 400.
        moe_event_uuid (UUID): A UUID version 4, fresh for each event and the same on every retry of that event: the
            server drops repeats by it.
        event_time (int): When it happened, in whole seconds since 1970-01-01 UTC, not milliseconds. The API also
            accepts an ISO 8601 string; send the integer.
        platform (Platform): Where the user saw it. The API matches it without regard to case, and files a missing or
            another value under `Unknown`.
        attributes (ExperienceContext): What identifies the chosen variation. It goes back unchanged, fields unknown
            today included,
            as `attributes` of every event about it; a click may add `b_id`. The web and mobile SDKs
            take the same object.
    """

    action: EventActionName
    moe_event_uuid: UUID
    event_time: int
    platform: Platform
    attributes: ExperienceContext

    def to_dict(self) -> dict[str, Any]:
        action = self.action.value

        moe_event_uuid = str(self.moe_event_uuid)

        event_time = self.event_time

        platform = self.platform.value

        attributes = self.attributes.to_dict()

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "action": action,
                "moe_event_uuid": moe_event_uuid,
                "event_time": event_time,
                "platform": platform,
                "attributes": attributes,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        action = EventActionName(d.pop("action"))

        moe_event_uuid = UUID(d.pop("moe_event_uuid"))

        event_time = d.pop("event_time")

        platform = Platform(d.pop("platform"))

        attributes = ExperienceContext.from_dict(d.pop("attributes"))

        event_action = cls(
            action=action,
            moe_event_uuid=moe_event_uuid,
            event_time=event_time,
            platform=platform,
            attributes=attributes,
        )

        return event_action


from ..models.experience_context import ExperienceContext  # noqa: E402
