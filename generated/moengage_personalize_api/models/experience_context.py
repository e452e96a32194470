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
    """Identifies the variation that was chosen. It goes back unchanged, including fields that are
    not listed here, as `attributes` of every event about it; a click may add `b_id`. The web
    and mobile SDKs take the same object.

    An event needs `cid`, `experience`, `moe_locale_id`, `moe_variation_id`, `audience_name` and
    `audience_id`; without one of them, the API answers the report with 400. They are not listed
    as required because an answer may lack one: the content can still be shown, but not reported.

        Attributes:
            cid (str | Unset): The ID of the campaign. Example: bbb215c642a1187c6a5e74fc_F_T_WP_AB_1_P_0_AU_42D.
            experience (str | Unset): The name of the experience. Example: Homepage banner.
            moe_locale_id (str | Unset): The ID of the locale. Example: 0.
            moe_variation_id (str | Unset): The ID of the variation. Example: 1.
            audience_name (str | Unset): The name of the audience that the visitor belongs to. Example: All Users.
            audience_id (str | Unset): The ID of that audience. Example: 42D.
            type_ (str | Unset): Known value: `Web Personalization`. Example: Web Personalization.
            experience_type (str | Unset): Only in newer answers. Known value: `API based Experience`. Example: API based
                Experience.
            b_id (str | Unset): Only for clicks: the name of the element that was clicked, such as `Add to Cart`, if a
                page has several. Answers never have it.
                 Example: Add to Cart.
    """

    cid: str | Unset = UNSET
    experience: str | Unset = UNSET
    moe_locale_id: str | Unset = UNSET
    moe_variation_id: str | Unset = UNSET
    audience_name: str | Unset = UNSET
    audience_id: str | Unset = UNSET
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
        field_dict.update({})
        if cid is not UNSET:
            field_dict["cid"] = cid
        if experience is not UNSET:
            field_dict["experience"] = experience
        if moe_locale_id is not UNSET:
            field_dict["moe_locale_id"] = moe_locale_id
        if moe_variation_id is not UNSET:
            field_dict["moe_variation_id"] = moe_variation_id
        if audience_name is not UNSET:
            field_dict["audience_name"] = audience_name
        if audience_id is not UNSET:
            field_dict["audience_id"] = audience_id
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
        cid = d.pop("cid", UNSET)

        experience = d.pop("experience", UNSET)

        moe_locale_id = d.pop("moe_locale_id", UNSET)

        moe_variation_id = d.pop("moe_variation_id", UNSET)

        audience_name = d.pop("audience_name", UNSET)

        audience_id = d.pop("audience_id", UNSET)

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
