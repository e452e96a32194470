"""Two interfaces held against each other, by the tools and by this project's own rules."""

from dataclasses import dataclass

from api_changes import document_parts, document_rules, oasdiff, python_rules
from api_changes.change import Change, Step, needed_step
from api_changes.interfaces import Interface
from api_changes.versions import Version


@dataclass(frozen=True, slots=True)
class Comparison:
    """What changed between two interfaces.

    Attributes:
        base: The older one.
        revision: The newer one.
        changes: What changed, the gravest first.
    """

    base: Interface
    revision: Interface
    changes: tuple[Change, ...]

    @property
    def step(self) -> Step:
        """The version step that says all of it."""
        return needed_step(self.changes)

    @property
    def due(self) -> Version:
        """The least version that says all of it.

        Raises:
            VersionError: The base has no version of three numbers.
        """
        return Version.of(self.base.document.version).next(self.step)


def compare(base: Interface, revision: Interface) -> Comparison:
    """Finds every change, of the document and of the Python face.

    Raises:
        ToolsError: oasdiff cannot be built.
        DocumentError: A document is not understood.
    """
    old, new = base.document, revision.document
    found: list[Change] = []
    if old.data != new.data:
        told = document_rules.changes(oasdiff.findings(old.content, new.content))
        found += [*told, *document_parts.changes(old.data, new.data, told)]
    if base.face is not None and revision.face is not None:
        found += python_rules.changes(base.face, revision.face)
    ordered = sorted(found, key=lambda change: (-change.step, change.where, change.what))
    return Comparison(base, revision, tuple(ordered))
