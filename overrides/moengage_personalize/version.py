"""The version of this package."""

from __future__ import annotations

import re
from contextlib import suppress
from functools import cache
from pkgutil import get_data

__all__ = ["package_version"]


@cache
def package_version() -> str:
    """Return the version from the installed metadata, or from the packaged document.

    Code that was copied into a project or zipped for a serverless function has no metadata.
    """
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415  (import time)

    with suppress(PackageNotFoundError):
        return version("moengage-personalize")
    document = None
    with suppress(OSError):  # the copy may lack it
        document = get_data("moengage_personalize", "openapi/moengage-personalize.yaml")
    found = re.search(rb"^  version: (\S+)$", document or b"", re.MULTILINE)
    return found[1].decode() if found else "unknown"
