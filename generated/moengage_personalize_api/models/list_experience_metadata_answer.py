# Generated from moengage-personalize.yaml 1.0.0 by scripts/generate; do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="ListExperienceMetadataAnswer")


@_attrs_define
class ListExperienceMetadataAnswer:
    """The experiences of the workspace.

    Attributes:
        metadata (ExperienceMetadataList): The experiences in the requested statuses, and how many there are.
    """

    metadata: ExperienceMetadataList
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        metadata = self.metadata.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "metadata": metadata,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        metadata = ExperienceMetadataList.from_dict(d.pop("metadata"))

        list_experience_metadata_answer = cls(
            metadata=metadata,
        )

        list_experience_metadata_answer.additional_properties = d
        return list_experience_metadata_answer

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


from ..models.experience_metadata_list import ExperienceMetadataList  # noqa: E402
