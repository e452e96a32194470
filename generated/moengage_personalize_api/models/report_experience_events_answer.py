# Generated from moengage-personalize.yaml 1.0.0 by scripts/generate; do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="ReportExperienceEventsAnswer")


@_attrs_define
class ReportExperienceEventsAnswer:
    """The report was accepted.

    Attributes:
        status (str): Known value: `success`. Example: success.
        message (str | Unset): The outcome in words. Example: Your request has been accepted and will be processed
            soon..
        req_id (str | Unset): The ID of the request, for MoEngage support. Example: SKuSLFnX.
    """

    status: str
    message: str | Unset = UNSET
    req_id: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        status = self.status

        message = self.message

        req_id = self.req_id

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "status": status,
            }
        )
        if message is not UNSET:
            field_dict["message"] = message
        if req_id is not UNSET:
            field_dict["req_id"] = req_id

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        status = d.pop("status")

        message = d.pop("message", UNSET)

        req_id = d.pop("req_id", UNSET)

        report_experience_events_answer = cls(
            status=status,
            message=message,
            req_id=req_id,
        )

        report_experience_events_answer.additional_properties = d
        return report_experience_events_answer

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
