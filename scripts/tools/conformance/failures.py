"""Why a language does not get as far as its cases.

LanguageError
├── ToolchainError   a program is missing, and the message names what brings it
└── BuildError       the generator or the build failed
"""


class LanguageError(Exception):
    """A language cannot be run. The message is for the person who started it."""


class ToolchainError(LanguageError):
    """A program is missing; the message names what brings it."""


class BuildError(LanguageError):
    """A command of the generation or of the build failed; the message has its last words."""
