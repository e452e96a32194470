"""The version of this package."""

from __future__ import annotations

import re
from pkgutil import get_data

__all__ = ["package_version"]


def package_version() -> str:
    """The version by the installed metadata, or by the packaged document where there is none.

    Code that was copied into a project or zipped for a serverless function has none.
    """
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415  (import time)

    try:
        return version("moengage-personalize")
    except PackageNotFoundError:
        pass
    try:
        document = get_data("moengage_personalize", "openapi/moengage-personalize.yaml") or b""
    except OSError:  # it was left out of the copy
        document = b""
    found = re.search(rb"^  version: (\S+)$", document, re.MULTILINE)
    return found[1].decode() if found else "unknown"
