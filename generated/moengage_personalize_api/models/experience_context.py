# Generated from moengage-personalize.yaml 1.0.0 by scripts/generate; do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="ExperienceContext")


@_attrs_define
class ExperienceContext:
    """What identifies the chosen variation. It goes back unchanged, fields unknown today included,
    as `attributes` of every event about it; a click may add `b_id`. The web and mobile SDKs
    take the same object.

        Attributes:
            cid (str): The campaign's identifier.
            experience (str): The experience's name.
            moe_locale_id (str):
            moe_variation_id (str):
            audience_name (str):
            audience_id (str):
            type_ (str | Unset): Known value: `Web Personalization`.
            experience_type (str | Unset): In newer answers. Known value: `API based Experience`.
            b_id (str | Unset): On a click only: names the element that was clicked, such as `Add to Cart`, where a page
                has several. The API never answers with it.
    """

    cid: str
    experience: str
    moe_locale_id: str
    moe_variation_id: str
    audience_name: str
    audience_id: str
    type_: str | Unset = UNSET
    experience_type: str | Unset = UNSET
    b_id: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        cid = self.cid

        experience = self.experience

        moe_locale_id = self.moe_locale_id

        moe_variation_id = self.moe_variation_id

        audience_name = self.audience_name

        audience_id = self.audience_id

        type_ = self.type_

        experience_type = self.experience_type

        b_id = self.b_id

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "cid": cid,
                "experience": experience,
                "moe_locale_id": moe_locale_id,
                "moe_variation_id": moe_variation_id,
                "audience_name": audience_name,
                "audience_id": audience_id,
            }
        )
        if type_ is not UNSET:
            field_dict["type"] = type_
        if experience_type is not UNSET:
            field_dict["experience_type"] = experience_type
        if b_id is not UNSET:
            field_dict["b_id"] = b_id

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        cid = d.pop("cid")

        experience = d.pop("experience")

        moe_locale_id = d.pop("moe_locale_id")

        moe_variation_id = d.pop("moe_variation_id")

        audience_name = d.pop("audience_name")

        audience_id = d.pop("audience_id")

        type_ = d.pop("type", UNSET)

        experience_type = d.pop("experience_type", UNSET)

        b_id = d.pop("b_id", UNSET)

        experience_context = cls(
            cid=cid,
            experience=experience,
            moe_locale_id=moe_locale_id,
            moe_variation_id=moe_variation_id,
            audience_name=audience_name,
            audience_id=audience_id,
            type_=type_,
            experience_type=experience_type,
            b_id=b_id,
        )

        experience_context.additional_properties = d
        return experience_context

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
