# Generated from moengage-personalize.yaml 1.0.0 by scripts/generate; do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="Experience")


@_attrs_define
class Experience:
    """The variation to show to this visitor.

    Attributes:
        payload (Payload): The values that the experience defines, by name.
        experience_context (ExperienceContext): Identifies the variation that was chosen. It goes back unchanged,
            including fields that are
            not listed here, as `attributes` of every event about it; a click may add `b_id`. The web
            and mobile SDKs take the same object.

            An event needs `cid`, `experience`, `moe_locale_id`, `moe_variation_id`, `audience_name` and
            `audience_id`; without one of them, the API answers the report with 400. They are not listed
            as required because an answer may lack one: the content can still be shown, but not reported.
    """

    payload: Payload
    experience_context: ExperienceContext
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        payload = self.payload.to_dict()

        experience_context = self.experience_context.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "payload": payload,
                "experience_context": experience_context,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        payload = Payload.from_dict(d.pop("payload"))

        experience_context = ExperienceContext.from_dict(d.pop("experience_context"))

        experience = cls(
            payload=payload,
            experience_context=experience_context,
        )

        experience.additional_properties = d
        return experience

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


from ..models.experience_context import ExperienceContext  # noqa: E402
from ..models.payload import Payload  # noqa: E402
