"""Which version and CHANGELOG say enough, in tables; nothing is read here."""

import pytest

from api_changes.change import CALLERS, Change, Step
from api_changes.changelog import Section, sections
from api_changes.failures import VersionError
from api_changes.release_rules import complaints
from api_changes.versions import Version

REMOVED = Change(
    "removed `req_id`", "reportExperienceEvents", Step.MAJOR, CALLERS, "", "", ("req_id",)
)
ADDED = Change("added `page`", "listExperienceMetadata", Step.MINOR, CALLERS, "", "", ("page",))
WORDED = Change("other words or samples", "info/description", Step.PATCH, CALLERS, "")


def section(version: str, text: str = "### Added\n\n- A page.") -> list[Section]:
    return [Section(version, "unreleased", text)]


@pytest.mark.parametrize(
    ("change", "version", "wanted"),
    [
        (REMOVED, "1.2.3", "2.0.0"),
        (REMOVED, "1.3.0", "2.0.0"),
        (ADDED, "1.2.3", "1.3.0"),
        (ADDED, "1.2.4", "1.3.0"),
        (WORDED, "1.2.3", "1.2.4"),
    ],
)
def test_too_small_a_version_is_named_with_the_wanted_one(
    change: Change, version: str, wanted: str
) -> None:
    """And with the change that needs it."""
    (row,) = complaints("1.2.3", version, [change], section(version))
    assert f"info.version is {version} and must be {wanted} or later" in row
    assert change.what in row
    assert change.where in row


def test_only_what_the_version_hides_is_named() -> None:
    """A minor version says the addition, and hides the removal."""
    (row,) = complaints("1.2.3", "1.3.0", [REMOVED, ADDED], section("1.3.0"))
    assert REMOVED.what in row


@pytest.mark.parametrize(
    ("change", "version", "text"),
    [
        (REMOVED, "2.0.0", "### Removed\n\n- `req_id` from the answer to a report."),
        (REMOVED, "3.0.0", "### Changed\n\n- A report's answer has no `req_id`."),
        (ADDED, "1.3.0", "### Added\n\n- Pages."),
        (ADDED, "2.0.0", "### Changed\n\n- Pages."),
        (WORDED, "1.2.4", "### Fixed\n\n- A word."),
        (None, "1.2.3", ""),
        (None, "1.2.4", "### Fixed\n\n- A race."),
    ],
)
def test_enough_is_enough(change: Change | None, version: str, text: str) -> None:
    """A larger step says a smaller change too."""
    changes = [] if change is None else [change]
    assert complaints("1.2.3", version, changes, section(version, text)) == []


@pytest.mark.parametrize(
    ("change", "version", "text", "message"),
    [
        (REMOVED, "2.0.0", "### Added\n\n- `req_id`", "an entry under Changed or Removed"),
        (REMOVED, "2.0.0", "### Removed\n\n- A field.", "write `req_id` there"),
        (REMOVED, "2.0.0", "### Removed\n", "an entry under Changed or Removed"),
        (ADDED, "1.3.0", "### Fixed\n\n- Something.", "an entry under Added or Changed"),
        (WORDED, "1.2.4", "", "an entry under"),
    ],
)
def test_a_changelog_that_says_too_little_is_named(
    change: Change, version: str, text: str, message: str
) -> None:
    """With the change, and what to write."""
    rows = complaints("1.2.3", version, [change], section(version, text))
    assert any(message in row and change.what in row for row in rows), rows


@pytest.mark.parametrize("base", [None, "1.2.3"])
def test_a_changelog_without_the_version_is_named(base: str | None) -> None:
    """Also before the first release."""
    for told in ([], section("1.2.3"), [*section("1.2.9"), *section("1.3.0")]):
        (row,) = complaints(base, "1.3.0", [ADDED], told)
        assert "must begin with a section for 1.3.0" in row


def test_before_the_first_release_any_change_is_fine() -> None:
    """Nobody has anything that could break."""
    assert complaints(None, "1.0.0", [REMOVED], section("1.0.0")) == []


def test_a_version_that_goes_backwards_is_refused() -> None:
    """Whatever changed."""
    with pytest.raises(VersionError, match=r"1\.2\.3 is released: it goes backwards"):
        complaints("1.2.3", "1.2.2", [], section("1.2.2"))


@pytest.mark.parametrize("text", ["1.2", "1.2.3-rc1", "v1.2.3", "01.2.3", ""])
def test_a_version_is_three_numbers(text: str) -> None:
    """Anything else is refused by name."""
    with pytest.raises(VersionError, match="three numbers"):
        Version.of(text)


def test_sections_are_read_with_their_headings_and_dates() -> None:
    """Newest first, and an empty heading does not count."""
    newest, first = sections(
        "# Changelog\n\nIntro.\n\n## 1.1.0 (unreleased)\n\n### Added\n\n- A.\n\n### Fixed\n\n"
        "## 1.0.0 (2026-11-25)\n\n### Added\n\n- B.\n"
    )
    assert (newest.version, newest.is_dated) == ("1.1.0", False)
    assert newest.headings == frozenset({"Added"})
    assert (first.version, first.is_dated, first.text) == ("1.0.0", True, "### Added\n\n- B.")
