# Generated from moengage-personalize.yaml 1.0.0 by scripts/generate; do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="PayloadValue")


@_attrs_define
class PayloadValue:
    """
    Attributes:
        value (Any): Any JSON value; `data_type` says which to expect. A client must survive a value that
            does not match it.
        data_type (str): Known values: `string`, `number`, `float`, `boolean`, `json` (an object). A
            client must survive another one.
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
