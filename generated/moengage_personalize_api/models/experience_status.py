# Generated from moengage-personalize.yaml 1.0.0 by scripts/generate; do not edit.
from enum import StrEnum


class ExperienceStatus(StrEnum):
    ACTIVE = "Active"
    PAUSED = "Paused"
    SCHEDULED = "Scheduled"

    def __str__(self) -> str:
        return str(self.value)
