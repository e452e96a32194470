# Generated from moengage-personalize.yaml 1.0.0 by scripts/generate; do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="ExperienceMetadataList")


@_attrs_define
class ExperienceMetadataList:
    """The experiences in the requested statuses, and how many there are.

    Attributes:
        count (int): How many experiences are listed, after the filter by status. Example: 3.
        experiences (list[ExperienceMetadata]): The experiences; possibly none.
    """

    count: int
    experiences: list[ExperienceMetadata]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        count = self.count

        experiences = []
        for experiences_item_data in self.experiences:
            experiences_item = experiences_item_data.to_dict()
            experiences.append(experiences_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "count": count,
                "experiences": experiences,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        count = d.pop("count")

        experiences = []
        _experiences = d.pop("experiences")
        for experiences_item_data in _experiences:
            experiences_item = ExperienceMetadata.from_dict(experiences_item_data)

            experiences.append(experiences_item)

        experience_metadata_list = cls(
            count=count,
            experiences=experiences,
        )

        experience_metadata_list.additional_properties = d
        return experience_metadata_list

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


from ..models.experience_metadata import ExperienceMetadata  # noqa: E402
