"""What oasdiff's findings mean for who uses a client of the API. No I/O here.

oasdiff judges an API as a server's owner sees it. A client library reads answers with typed models
and names its functions after the document, so some findings weigh more here, and some less. Each
such correction stands below with its reason; without one, oasdiff's word holds: what it calls an
error or a warning breaks, what it merely mentions is an addition.
"""

import re
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from typing import NamedTuple

from api_changes.change import EVERYBODY, OTHER_LANGUAGES, Audience, Change, Step
from api_changes.oasdiff import Finding


class Correction(NamedTuple):
    """Where a client sees a finding otherwise than oasdiff.

    Attributes:
        pattern: The findings' ids, `*` standing for any part.
        step: The version step that they need.
        why: Why.
    """

    pattern: str
    step: Step
    why: str


# The first that matches counts.
CORRECTIONS = (
    Correction(
        "response-*write-only-*",
        Step.MINOR,
        "such a field never is in an answer",
    ),
    Correction(
        "response-*-became-write-only",
        Step.MAJOR,
        "no answer has the field any more",
    ),
    Correction(
        "response-*property-removed*",
        Step.MAJOR,
        "who reads the field finds no attribute of that name any more",
    ),
    Correction(
        "response-*-became-enum",
        Step.MAJOR,
        "a closed list makes clients refuse the first value that is not on it",
    ),
    Correction(
        "response-*enum-value-removed",
        Step.MAJOR,
        "the enum's member is gone from the generated code",
    ),
    Correction(
        "response-*property-became-required",
        Step.MAJOR,
        "generated readers refuse an answer without it: a recorded one, or an older server's",
    ),
    Correction(
        "response-required-property-added",
        Step.MAJOR,
        "generated readers refuse an answer without it: a recorded one, or an older server's",
    ),
    Correction(
        "response-success-status-added",
        Step.MAJOR,
        "a client that knows the other statuses only reads no answer from this one",
    ),
    Correction(
        "response-*type-specialized",
        Step.MAJOR,
        "the field has another type in the generated code",
    ),
    Correction(
        "*-type-generalized",
        Step.MAJOR,
        "the argument or field has another type in the generated code",
    ),
    Correction(
        "*-list-of-types-*",
        Step.MAJOR,
        "the argument or field has another type in the generated code",
    ),
    Correction(
        "request-optional-property-became-read-only",
        Step.MAJOR,
        "generators leave a read-only field out of requests",
    ),
    Correction(
        "request-*-removed-with-deprecation",
        Step.MAJOR,
        "the argument or field is gone from the generated code, announced or not",
    ),
    Correction(
        "api-*removed-with-deprecation",
        Step.MAJOR,
        "the function is gone from the generated code, announced or not",
    ),
    Correction(
        "api-operation-id-*",
        Step.MAJOR,
        "the generated function is named after it",
    ),
    Correction(
        "api-tag-removed",
        Step.MAJOR,
        "the generated module is named after the first tag",
    ),
    Correction(
        "api-schema-removed",
        Step.MAJOR,
        "the generated model is named after it",
    ),
    Correction(
        "api-*security-*",
        Step.MAJOR,
        "which credentials a call takes is part of every client's signature",
    ),
    Correction(
        "response-*-discriminator-*",
        Step.MAJOR,
        "it decides which model an answer is read into",
    ),
    Correction(
        "request-*-discriminator-*",
        Step.MAJOR,
        "it decides which model a request is made from",
    ),
    Correction(
        "response-*-min-*",
        Step.MINOR,
        "generated readers check no limits",
    ),
    Correction(
        "response-*-max-*",
        Step.MINOR,
        "generated readers check no limits",
    ),
    Correction(
        "response-*-pattern-*",
        Step.MINOR,
        "generated readers check no patterns",
    ),
    Correction(
        "api-deprecated-sunset-missing",
        Step.MINOR,
        "a deprecated operation still works; it needs no date here",
    ),
)

# The version is what this very comparison is to decide.
_NOT_A_CHANGE = ("api-version-*", "api-major-version-*", "api-minor-version-*")
_WIDTH = re.compile(r"`(?:format|type/format)` changed from `(?P<old>\S+)` to `(?P<new>\S+)`")
_STATUS = re.compile(r" (?:with the `\d+` status|for (?:the )?(?:response )?status `\d+`)$")
_INTEGERS = frozenset({"int32", "int64", "integer/int32", "integer/int64"})


def changes(findings: Iterable[Finding]) -> list[Change]:
    """The changes that the findings mean; the same one in several operations is one."""
    merged: dict[tuple[str, str], list[str]] = {}
    kept: dict[tuple[str, str], Finding] = {}
    for finding in findings:
        if any(fnmatchcase(finding.id, pattern) for pattern in _NOT_A_CHANGE):
            continue
        # An answer that operations share is one place in the document.
        key = finding.id, _STATUS.sub("", finding.text)
        kept.setdefault(key, finding)
        operations = merged.setdefault(key, [])
        if finding.operation not in operations:
            operations.append(finding.operation)
    return [_change(finding, what, merged[finding.id, what]) for (_, what), finding in kept.items()]


def _change(finding: Finding, what: str, operations: list[str]) -> Change:
    step, why = _judged(finding)
    affects = _affected(finding)
    if affects == OTHER_LANGUAGES:
        why = "Python has integers of one width"
    named = re.findall(r"`([^`]+)`", what)
    return Change(
        what=what,
        where=", ".join(operations),
        step=step,
        affects=affects,
        rule=finding.id,
        why=why,
        names=tuple(_names(named, operations)),
    )


def _judged(finding: Finding) -> tuple[Step, str]:
    for correction in CORRECTIONS:
        if fnmatchcase(finding.id, correction.pattern):
            return correction.step, correction.why
    informs = 1
    return (Step.MINOR, "") if finding.level == informs else (Step.MAJOR, "")


def _affected(finding: Finding) -> frozenset[Audience]:
    width = _WIDTH.search(finding.text)
    if width is not None and {width["old"], width["new"]} <= _INTEGERS:
        return OTHER_LANGUAGES
    return EVERYBODY


def _names(named: list[str], operations: list[str]) -> Iterator[str]:
    # `elements/items/source` is called `source` by people.
    for name in named:
        if not name.isdigit():
            yield name.rpartition("/")[2]
    yield from operations
