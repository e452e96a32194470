"""The libraries that judge OpenAPI documents and schemas, imported where a test needs them."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

import pytest


def validators(package: str) -> Any:
    """Import one of them without what takes its import from a third of a second to three.

    jsonschema compiles 38 grammars, of IRIs and their parts, if this optional package is there.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "rfc3987_syntax", None)
        return import_module(package)
