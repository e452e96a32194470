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
        action (EventActionName): What happened. `MOE_PERSONALIZATION_MESSAGE_SHOWN`: the experience became visible;
            report it
            once per view. `MOE_PERSONALIZATION_MESSAGE_CLICKED`: the user clicked or tapped it.
            Case-sensitive; another value is a 400.
             Example: MOE_PERSONALIZATION_MESSAGE_SHOWN.
        moe_event_uuid (UUID): A UUID version 4, new for each event and the same on every retry of that event: the
            server drops an event whose UUID it has already seen.
             Example: aa886712-4537-47c1-b126-2686efda2e26.
        event_time (int): When it happened, in whole seconds since 1970-01-01 UTC, not milliseconds. The API also
            accepts an ISO 8601 string; send the integer.
             Example: 1725258666.
        platform (Platform): Where the user saw it. The API ignores case and stores a missing or unknown value as
            `Unknown`.
             Example: web.
        attributes (ExperienceContext): Identifies the variation that was chosen. It goes back unchanged, including
            fields that are
            not listed here, as `attributes` of every event about it; a click may add `b_id`. The web
            and mobile SDKs take the same object.

            An event needs `cid`, `experience`, `moe_locale_id`, `moe_variation_id`, `audience_name` and
            `audience_id`; without one of them, the API answers the report with 400. They are not listed
            as required because an answer may lack one: the content can still be shown, but not reported.
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
