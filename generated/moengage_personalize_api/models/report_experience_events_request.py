# Generated from moengage-personalize.yaml 1.0.0 by scripts/generate; do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="ReportExperienceEventsRequest")


@_attrs_define
class ReportExperienceEventsRequest:
    """What users saw and clicked.

    Attributes:
        elements (list[EventElement]): One element per user; at most 100 per request.
    """

    elements: list[EventElement]

    def to_dict(self) -> dict[str, Any]:
        elements = []
        for elements_item_data in self.elements:
            elements_item = elements_item_data.to_dict()
            elements.append(elements_item)

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "elements": elements,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        elements = []
        _elements = d.pop("elements")
        for elements_item_data in _elements:
            elements_item = EventElement.from_dict(elements_item_data)

            elements.append(elements_item)

        report_experience_events_request = cls(
            elements=elements,
        )

        return report_experience_events_request


from ..models.event_element import EventElement  # noqa: E402
