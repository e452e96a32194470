"""Whether version and CHANGELOG say what changed. No I/O here."""

from collections.abc import Iterator, Sequence

from api_changes.change import Change, Step, needed_step
from api_changes.changelog import Section
from api_changes.failures import VersionError
from api_changes.versions import Version

# The headings of Keep a Changelog that tell of a step; one of them must be there.
_TELLING = {
    Step.MAJOR: ("Changed", "Removed"),
    Step.MINOR: ("Added", "Changed", "Deprecated", "Removed"),
    Step.PATCH: ("Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"),
}


def complaints(
    base: str | None, version: str, changes: Sequence[Change], told: Sequence[Section]
) -> list[str]:
    """What version and CHANGELOG say too little about, a row each; empty: nothing.

    Args:
        base: The released version; None before the first release.
        version: The document's `info.version`.
        changes: What changed since the release.
        told: The CHANGELOG's sections, the newest first.

    Raises:
        VersionError: A version is not three numbers, or goes backwards.
    """
    coming = Version.of(version)
    if base is None:
        return [] if _section(version, told) else [_missing(version)]
    last = Version.of(base)
    if coming < last:
        raise VersionError(f"info.version is {coming}, but {last} is released: it goes backwards")
    step = needed_step(changes)
    due = last.next(step)
    if coming < due:
        return [
            f"info.version is {coming} and must be {due} or later, for this {change.step.word} "
            f"change: {change.what} [{change.where}]"
            for change in changes
            if coming < last.next(change.step)
        ]
    if coming == last:
        return []
    return list(_about_changelog(version, step, changes, told))


def _about_changelog(
    version: str, step: Step, changes: Sequence[Change], told: Sequence[Section]
) -> Iterator[str]:
    section = _section(version, told)
    if section is None:
        yield _missing(version)
        return
    wanted = _TELLING.get(step, ())
    if wanted and not section.headings & set(wanted):
        yield (
            f"CHANGELOG {version} must have an entry under {' or '.join(wanted)}, "
            f"for this {step.word} change: {changes[0].what} [{changes[0].where}]"
        )
    for change in changes:
        if change.is_breaking and not any(name in section.text for name in change.names):
            yield (
                f"CHANGELOG {version} does not name this major change: {change.what} "
                f"[{change.where}]; write `{change.names[0]}` there"
            )


def _section(version: str, told: Sequence[Section]) -> Section | None:
    """The newest section, if it is that version's."""
    return told[0] if told and told[0].version == version else None


def _missing(version: str) -> str:
    return f"CHANGELOG must begin with a section for {version}: ## {version} (unreleased)"
