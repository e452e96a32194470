# Generated from moengage-personalize.yaml 1.0.0 by scripts/generate; do not edit.
from enum import StrEnum


class Platform(StrEnum):
    ANDROID = "android"
    IOS = "ios"
    TV = "tv"
    WEB = "web"

    def __str__(self) -> str:
        return str(self.value)
