# Generated from moengage-personalize.yaml 1.0.0 by scripts/generate; do not edit.
from enum import StrEnum


class EventActionName(StrEnum):
    MOE_PERSONALIZATION_MESSAGE_CLICKED = "MOE_PERSONALIZATION_MESSAGE_CLICKED"
    MOE_PERSONALIZATION_MESSAGE_SHOWN = "MOE_PERSONALIZATION_MESSAGE_SHOWN"

    def __str__(self) -> str:
        return str(self.value)
