# Generated from moengage-personalize.yaml 1.0.0 by scripts/generate; do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="PayloadValue")


@_attrs_define
class PayloadValue:
    """One value of an experience, with its data type.

    Attributes:
        value (Any): Any JSON value; `data_type` says which to expect. Clients must survive a value that does
            not match: a number or a boolean may come as text (`"15"`, `"true"`).

            **Offerings.** If the experience uses a decision policy, a value of type `string` holds
            JSON text: an array of objects with `dp_offering_id`, `offering_content` and
            `offering_context`, or an object with that array as `offerings`. Pass `offering_context`,
            an object, unchanged to the web SDK in the page:
            `Moengage.personalize.offeringShown(offeringContext)` when it is shown,
            `Moengage.personalize.offeringClicked(offeringContext, experienceContext)` when it is
            clicked. The latter counts a click on both the offering and the experience.
        data_type (str): Known values: `string`, `number`, `float`, `boolean`, `json` (an object). Clients must
            survive any other value.
             Example: string.
    """

    value: Any
    data_type: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        value = self.value

        data_type = self.data_type

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "value": value,
                "data_type": data_type,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        value = d.pop("value")

        data_type = d.pop("data_type")

        payload_value = cls(
            value=value,
            data_type=data_type,
        )

        payload_value.additional_properties = d
        return payload_value

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
