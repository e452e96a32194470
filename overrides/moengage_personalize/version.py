"""The version of this package."""

from __future__ import annotations

import re
from contextlib import suppress
from functools import cache
from pkgutil import get_data

__all__ = ["package_version"]


@cache
def package_version() -> str:
    """The version by the installed metadata, or by the packaged document where there is none.

    Code that was copied into a project or zipped for a serverless function has none.
    """
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415  (import time)

    with suppress(PackageNotFoundError):
        return version("moengage-personalize")
    document = None
    with suppress(OSError):  # it was left out of the copy
        document = get_data("moengage_personalize", "openapi/moengage-personalize.yaml")
    found = re.search(rb"^  version: (\S+)$", document or b"", re.MULTILINE)
    return found[1].decode() if found else "unknown"
