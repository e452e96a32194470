# Generated from moengage-personalize.yaml 1.0.0 by scripts/generate; do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="Identifiers")


@_attrs_define
class Identifiers:
    """Who the visitor is: `customer_id` first; if that is absent or unknown, `user_identifiers`.
    If neither is known, the answer has only experiences for all users.

        Attributes:
            customer_id (str | Unset): The ID by which the workspace knows the customer. Example: user_8821.
            user_identifiers (UserIdentifiers | Unset): Attributes that identify a customer, by name: `u_em` e-mail, `u_mb`
                mobile number, or any
                other attribute that Identity Resolution uses. Identity Resolution must be enabled.
    """

    customer_id: str | Unset = UNSET
    user_identifiers: UserIdentifiers | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        customer_id = self.customer_id

        user_identifiers: dict[str, Any] | Unset = UNSET
        if not isinstance(self.user_identifiers, Unset):
            user_identifiers = self.user_identifiers.to_dict()

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if customer_id is not UNSET:
            field_dict["customer_id"] = customer_id
        if user_identifiers is not UNSET:
            field_dict["user_identifiers"] = user_identifiers

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        customer_id = d.pop("customer_id", UNSET)

        _user_identifiers = d.pop("user_identifiers", UNSET)
        user_identifiers: UserIdentifiers | Unset
        if isinstance(_user_identifiers, Unset):
            user_identifiers = UNSET
        else:
            user_identifiers = UserIdentifiers.from_dict(_user_identifiers)

        identifiers = cls(
            customer_id=customer_id,
            user_identifiers=user_identifiers,
        )

        return identifiers


from ..models.user_identifiers import UserIdentifiers  # noqa: E402
