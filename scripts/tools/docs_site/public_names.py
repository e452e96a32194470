"""The names that the reference documents."""

from functools import cache
from importlib import import_module
from typing import Final

__all__ = ["PACKAGES", "homes"]

PACKAGES: Final = ("moengage_personalize", "moengage_personalize.emulator")
"""Their `__all__` is what the reference documents."""


@cache
def homes() -> dict[str, str]:
    """Where users import each name from, by its bare name and by where it is defined."""
    found: dict[str, str] = {}
    for package in PACKAGES:
        module = import_module(package)
        for name in module.__all__:
            home = getattr(getattr(module, name), "__module__", package)
            found[name] = found[f"{home}.{name}"] = f"{package}.{name}"
    return found
