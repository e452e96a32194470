# Generated from moengage-personalize.yaml 1.0.0 by scripts/generate; do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.day_of_the_week import DayOfTheWeek
from ..types import UNSET, Unset

T = TypeVar("T", bound="FetchExperiencesRequest")


@_attrs_define
class FetchExperiencesRequest:
    """The visitor, the experiences to fetch, and what is known of the session.

    Any other top-level field is an in-session attribute: its name is the query parameter set
    in the dashboard (such as `utm_medium`), its value a string.

        Attributes:
            identifiers (Identifiers | Unset): Who the visitor is: `customer_id` first; if that is absent or unknown,
                `user_identifiers`.
                If neither is known, the answer has only experiences for all users.
            experience_key (list[str] | Unset): The keys of the experiences to fetch, at most 25: the API ignores the rest
                without an
                error. Leave it out for every experience of the customer or, if no customer is
                identified, for all experiences that are for all users.

                A key has 5 to 50 characters and is fixed once its experience is published.
            day_of_the_week (DayOfTheWeek | Unset): The current day of the week in UTC. Case-sensitive; another value is a
                400. Example: Monday.
            time_of_the_day (str | Unset): The current hour in UTC, two digits, `00` to `23`. Example: 07.
            user_ip_address (str | Unset): The visitor's IP address, for audiences by location. Example: 203.0.113.7.
            user_agent (str | Unset): The visitor's `User-Agent` header, for audiences by device type. Example: Mozilla/5.0
                (X11; Linux x86_64) AppleWebKit/537.36 Chrome/139.0 Safari/537.36.
    """

    identifiers: Identifiers | Unset = UNSET
    experience_key: list[str] | Unset = UNSET
    day_of_the_week: DayOfTheWeek | Unset = UNSET
    time_of_the_day: str | Unset = UNSET
    user_ip_address: str | Unset = UNSET
    user_agent: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        identifiers: dict[str, Any] | Unset = UNSET
        if not isinstance(self.identifiers, Unset):
            identifiers = self.identifiers.to_dict()

        experience_key: list[str] | Unset = UNSET
        if not isinstance(self.experience_key, Unset):
            experience_key = self.experience_key

        day_of_the_week: str | Unset = UNSET
        if not isinstance(self.day_of_the_week, Unset):
            day_of_the_week = self.day_of_the_week.value

        time_of_the_day = self.time_of_the_day

        user_ip_address = self.user_ip_address

        user_agent = self.user_agent

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if identifiers is not UNSET:
            field_dict["identifiers"] = identifiers
        if experience_key is not UNSET:
            field_dict["experience_key"] = experience_key
        if day_of_the_week is not UNSET:
            field_dict["DAY_OF_THE_WEEK"] = day_of_the_week
        if time_of_the_day is not UNSET:
            field_dict["TIME_OF_THE_DAY"] = time_of_the_day
        if user_ip_address is not UNSET:
            field_dict["USER_IP_ADDRESS"] = user_ip_address
        if user_agent is not UNSET:
            field_dict["USER_AGENT"] = user_agent

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        _identifiers = d.pop("identifiers", UNSET)
        identifiers: Identifiers | Unset
        if isinstance(_identifiers, Unset):
            identifiers = UNSET
        else:
            identifiers = Identifiers.from_dict(_identifiers)

        experience_key = cast(list[str], d.pop("experience_key", UNSET))

        _day_of_the_week = d.pop("DAY_OF_THE_WEEK", UNSET)
        day_of_the_week: DayOfTheWeek | Unset
        if isinstance(_day_of_the_week, Unset):
            day_of_the_week = UNSET
        else:
            day_of_the_week = DayOfTheWeek(_day_of_the_week)

        time_of_the_day = d.pop("TIME_OF_THE_DAY", UNSET)

        user_ip_address = d.pop("USER_IP_ADDRESS", UNSET)

        user_agent = d.pop("USER_AGENT", UNSET)

        fetch_experiences_request = cls(
            identifiers=identifiers,
            experience_key=experience_key,
            day_of_the_week=day_of_the_week,
            time_of_the_day=time_of_the_day,
            user_ip_address=user_ip_address,
            user_agent=user_agent,
        )

        fetch_experiences_request.additional_properties = d
        return fetch_experiences_request

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


from ..models.identifiers import Identifiers  # noqa: E402
