"""Runs the checks in order; after a failure, it skips those that need the failed one.

Name lookup, TCP, TLS, the call and the survey take at most `timeout` seconds each.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Final

import attrs

from moengage_personalize import ExperienceMetadata, PersonalizeError
from moengage_personalize.cli.client_options import DATA_CENTER, Connection
from moengage_personalize.cli.errors import Failure

from .configuration import api_key_check, host_check, workspace_id_check
from .findings import Check, Status
from .network import NAMES, network_checks
from .survey import Answer, Verdict, survey, unknown_there

__all__ = ["Diagnosis", "diagnose"]

_VERSION: Final = re.compile(r"/v\d+$")
_REFUSED_ADVICE: Final = (
    "compare both with the dashboard; regenerating a key ends the old one at once, and the key of "
    "the Data API does not work here"
)
_OTHER_ADVICE: Final = "try again later; if it keeps failing, ask MoEngage's support"
_CREDENTIALS: Final = "credentials"
_EXPERIENCES: Final = "experiences"
_DATA_CENTER: Final = "data center"


@attrs.frozen
class Diagnosis:
    """The results of all checks.

    Attributes:
        checks: The checks in order.
        answers: The answer of each data center, if they were asked.
    """

    checks: Sequence[Check]
    answers: Sequence[Answer] = ()

    @property
    def healthy(self) -> bool:
        """Whether no check failed."""
        return all(check.status is not Status.FAILED for check in self.checks)


def diagnose(
    connection: Connection, candidates: Mapping[str, str], *, everywhere: bool = False
) -> Diagnosis:
    """Run every check.

    It asks the data centers if `everywhere` is set, if no host is set, or if the host is a data
    center that refuses the credentials. If another host refuses them, such as an emulator, it sends
    them nowhere else.

    Args:
        connection: The settings from the options and variables.
        candidates: Base URLs of the data centers, by name.
        everywhere: Always ask all of them.
    """
    workspace, key = workspace_id_check(connection), api_key_check(connection)
    host, base_url = host_check(connection)
    checks = [workspace, key, host]
    complete = workspace.status is Status.OK and key.status is Status.OK
    if base_url is None:
        checks += [Check.skipped(name, "no host is set") for name in NAMES]
    else:
        checks += network_checks(base_url, connection.timeout)
    reached = all(check.status is not Status.FAILED for check in checks)
    refused = False
    if reached:
        call, refused = _call(connection, base_url or "")
        checks += call
    else:
        reason = "an earlier check failed"
        checks += [Check.skipped(name, reason) for name in (_CREDENTIALS, _EXPERIENCES)]
    unnamed = connection.data_center is None and connection.base_url is None
    wanted = everywhere or unnamed or (refused and base_url in candidates.values())
    if not (wanted and complete):
        return Diagnosis(checks)
    answers = survey(connection, candidates)
    return Diagnosis([*checks, _conclusion(answers, base_url)], answers)


def _call(connection: Connection, base_url: str) -> tuple[list[Check], bool]:
    """Check the credentials and count the experiences; return also whether it was a refusal."""
    try:
        with connection.client() as client:
            listing = client.metadata()
    except (PersonalizeError, Failure) as error:
        refused = isinstance(error, PersonalizeError) and unknown_there(error)
        advice = _OTHER_ADVICE
        if refused:
            advice = _REFUSED_ADVICE
        elif getattr(error, "status", 0) == HTTPStatus.NOT_FOUND and not _VERSION.search(base_url):
            advice = f"add the API's version to the base URL: {base_url}/v1"
        return [
            Check.failed(_CREDENTIALS, str(error), advice),
            Check.skipped(_EXPERIENCES, "the listing failed"),
        ], refused
    return [Check.ok(_CREDENTIALS, "accepted"), Check.ok(_EXPERIENCES, _counts(listing))], False


def _counts(listing: Sequence[ExperienceMetadata]) -> str:
    statuses = Counter(entry.status for entry in listing)
    told = ", ".join(f"{count} {status}" for status, count in statuses.items())
    return f"{len(listing)} ({told})" if told else "none yet"


def _conclusion(answers: Sequence[Answer], base_url: str | None) -> Check:
    accepting = [answer for answer in answers if answer.verdict is Verdict.ACCEPTED]
    undecided = sum(answer.verdict is Verdict.UNDECIDED for answer in answers)
    if not accepting and undecided:
        return Check.failed(
            _DATA_CENTER,
            f"none accepts the credentials, and {undecided} of {len(answers)} gave no clear answer",
            "run doctor again on a network that reaches MoEngage",
        )
    if not accepting:
        return Check.failed(
            _DATA_CENTER,
            "none accepts the credentials",
            "compare the workspace ID and the key of the Personalize tile with the dashboard",
        )
    names = ", ".join(answer.data_center for answer in accepting)
    if any(answer.base_url == base_url for answer in accepting):
        return Check.ok(_DATA_CENTER, f"{names} accepts the credentials, as configured")
    return Check.failed(
        _DATA_CENTER,
        f"{names} accepts the credentials",
        f"set {DATA_CENTER}={accepting[0].data_center} or give "
        f"--data-center {accepting[0].data_center}",
    )
