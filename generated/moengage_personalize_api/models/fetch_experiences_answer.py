# Generated from moengage-personalize.yaml 1.0.0 by scripts/generate; do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="FetchExperiencesAnswer")


@_attrs_define
class FetchExperiencesAnswer:
    """The experiences for one visitor.

    Attributes:
        experiences (ExperiencesByKey): The experiences for this visitor, by experience key.
    """

    experiences: ExperiencesByKey
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        experiences = self.experiences.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "experiences": experiences,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        experiences = ExperiencesByKey.from_dict(d.pop("experiences"))

        fetch_experiences_answer = cls(
            experiences=experiences,
        )

        fetch_experiences_answer.additional_properties = d
        return fetch_experiences_answer

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


from ..models.experiences_by_key import ExperiencesByKey  # noqa: E402
