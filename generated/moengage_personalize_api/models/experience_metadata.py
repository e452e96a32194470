# Generated from moengage-personalize.yaml 1.0.0 by scripts/generate; do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="ExperienceMetadata")


@_attrs_define
class ExperienceMetadata:
    """One experience of the workspace.

    Attributes:
        experience_name (str): The name that the dashboard shows. Example: Homepage banner.
        experience_key (str): The key to fetch it by; 5 to 50 characters, fixed once it is published. Example: homepage-
            banner.
        status (str): Known values: `Active` (live, fetched for visitors who match), `Paused` (stopped) and
            `Scheduled` (not started yet). A fetch never has a paused or scheduled one.
             Example: Active.
    """

    experience_name: str
    experience_key: str
    status: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        experience_name = self.experience_name

        experience_key = self.experience_key

        status = self.status

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "experience_name": experience_name,
                "experience_key": experience_key,
                "status": status,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        experience_name = d.pop("experience_name")

        experience_key = d.pop("experience_key")

        status = d.pop("status")

        experience_metadata = cls(
            experience_name=experience_name,
            experience_key=experience_key,
            status=status,
        )

        experience_metadata.additional_properties = d
        return experience_metadata

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
