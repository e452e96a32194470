"""Turns the answers of a workspace into a Python module of typed experiences. No network.

::

    samples ─ schemas ─┬─ render ─ update     write a new module, or update one that people changed
                       └─ check               compare a module with the workspace

An existing module is read as a syntax tree and never imported, because it may be part of an
application. It needs the extra `types`.
"""

try:
    from .check import Difference, differences
    from .module import Module, ModuleError
    from .openapi import merged_document, overlay, project_document, workspace_schema
    from .samples import AnswerError, Sample, Workspace, read_answers
    from .schemas import schemas
    from .update import Update, updated
except ModuleNotFoundError as error:
    if (error.name or "").partition(".")[0] not in {"genson", "ruamel", "ruff"}:
        raise
    raise ImportError(
        "writing types needs more packages: install the package again with the extra types",
        name=error.name,
    ) from error

__all__ = [
    "AnswerError",
    "Difference",
    "Module",
    "ModuleError",
    "Sample",
    "Update",
    "Workspace",
    "differences",
    "merged_document",
    "overlay",
    "project_document",
    "read_answers",
    "schemas",
    "updated",
    "workspace_schema",
]
