# Generated from moengage-personalize.yaml 1.0.0 by scripts/generate; do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="EventElement")


@_attrs_define
class EventElement:
    """One user, and what that user saw and clicked.

    Attributes:
        customer_id (str): The ID by which the workspace knows the customer; for an anonymous visitor, an ID of the
            session. MoEngage creates a profile for an ID that it does not know.
             Example: user_8821.
        actions (list[EventAction]): What this user saw and clicked, one entry per impression or click.
        user_attributes (UserAttributes | Unset): Attributes to set on the user's profile, by name.
        user_timezone_offset (int | Unset): The user's offset from UTC in seconds, positive to the east: India 19800,
            Singapore
            28800, Berlin 3600 (summer 7200), London 0 (summer 3600), New York -18000 (summer
            -14400), Los Angeles -28800 (summer -25200).
             Example: 19800.
    """

    customer_id: str
    actions: list[EventAction]
    user_attributes: UserAttributes | Unset = UNSET
    user_timezone_offset: int | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        customer_id = self.customer_id

        actions = []
        for actions_item_data in self.actions:
            actions_item = actions_item_data.to_dict()
            actions.append(actions_item)

        user_attributes: dict[str, Any] | Unset = UNSET
        if not isinstance(self.user_attributes, Unset):
            user_attributes = self.user_attributes.to_dict()

        user_timezone_offset = self.user_timezone_offset

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "customer_id": customer_id,
                "actions": actions,
            }
        )
        if user_attributes is not UNSET:
            field_dict["user_attributes"] = user_attributes
        if user_timezone_offset is not UNSET:
            field_dict["user_timezone_offset"] = user_timezone_offset

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        customer_id = d.pop("customer_id")

        actions = []
        _actions = d.pop("actions")
        for actions_item_data in _actions:
            actions_item = EventAction.from_dict(actions_item_data)

            actions.append(actions_item)

        _user_attributes = d.pop("user_attributes", UNSET)
        user_attributes: UserAttributes | Unset
        if isinstance(_user_attributes, Unset):
            user_attributes = UNSET
        else:
            user_attributes = UserAttributes.from_dict(_user_attributes)

        user_timezone_offset = d.pop("user_timezone_offset", UNSET)

        event_element = cls(
            customer_id=customer_id,
            actions=actions,
            user_attributes=user_attributes,
            user_timezone_offset=user_timezone_offset,
        )

        return event_element


from ..models.event_action import EventAction  # noqa: E402
from ..models.user_attributes import UserAttributes  # noqa: E402
