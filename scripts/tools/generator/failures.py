"""Why a run ends without a generated package, and the exit code that says so.

GenerateError
├── ToolsError      3  a tool is missing or has another version than the pinned one
├── DocumentError   4  the document is no YAML, or no valid OpenAPI
├── RefusedError    5  the generator warned or failed
├── PatchError      6  a template patch no longer applies to the generator's template
└── TargetError     7  the folder to write cannot be replaced
"""


class GenerateError(Exception):
    """What stopped a run. The message is for the person who started it."""

    exit_code = 1


class ToolsError(GenerateError):
    """A tool is missing or has another version than the pinned one."""

    exit_code = 3


class DocumentError(GenerateError):
    """The document is no YAML, or no valid OpenAPI. The message names the lines."""

    exit_code = 4


class RefusedError(GenerateError):
    """The generator warned or failed. The message names the document's lines where it can."""

    exit_code = 5


class PatchError(GenerateError):
    """A template patch no longer applies to the pinned generator's template."""

    exit_code = 6


class TargetError(GenerateError):
    """The folder to write cannot be replaced."""

    exit_code = 7
