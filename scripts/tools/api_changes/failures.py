"""Why a command about changes and releases ends early, and the exit code that says so.

ChangesError
├── ToolsError       3  a tool is missing, too old, or does not start
├── DocumentError    4  a document is no YAML, or no valid OpenAPI
├── BaseError        5  there is no such base to compare with
├── TreeError        6  the checkout has changes that are not committed, or is none
├── VersionError     7  the version goes backwards, is released already, or is none
├── ChangelogError   8  the CHANGELOG has no finished section for the version
├── BuildError       9  two builds differ, or the built package does not work
└── UploadError     10  the index did not take the package
"""


class ChangesError(Exception):
    """What stopped a command. The message is for the person who started it."""

    exit_code = 1


class ToolsError(ChangesError):
    """A tool is missing, too old, or does not start."""

    exit_code = 3


class DocumentError(ChangesError):
    """A document is no YAML, or no valid OpenAPI. The message names the lines."""

    exit_code = 4


class BaseError(ChangesError):
    """There is no such base to compare with."""

    exit_code = 5


class TreeError(ChangesError):
    """The checkout has changes that are not committed, or is none."""

    exit_code = 6


class VersionError(ChangesError):
    """The version goes backwards, is released already, or is none."""

    exit_code = 7


class ChangelogError(ChangesError):
    """The CHANGELOG has no finished section for the version."""

    exit_code = 8


class BuildError(ChangesError):
    """Two builds differ, or the built package does not work."""

    exit_code = 9


class UploadError(ChangesError):
    """The index did not take the package."""

    exit_code = 10
