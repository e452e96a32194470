"""Which data center answers for given credentials: a listing is asked of each, side by side."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from enum import StrEnum

import attrs

from moengage_personalize import DataCenter
from moengage_personalize.cli.client_options import Connection
from moengage_personalize.cli.errors import Failure
from moengage_personalize.errors import AuthenticationError, BadRequestError, PersonalizeError

__all__ = ["Answer", "Verdict", "data_centers", "survey", "unknown_there"]


class Verdict(StrEnum):
    """What a data center made of the credentials."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNDECIDED = "undecided"


@attrs.frozen
class Answer:
    """What one data center answered.

    Attributes:
        data_center: Its name.
        base_url: Where it was asked.
        verdict: What it made of the credentials.
        detail: Its answer in words.
    """

    data_center: str
    base_url: str
    verdict: Verdict
    detail: str


def data_centers() -> dict[str, str]:
    """The base URL of every data center that this package knows, by its number."""
    return {data_center.value: data_center.base_url for data_center in DataCenter}


def survey(connection: Connection, candidates: Mapping[str, str]) -> list[Answer]:
    """Ask every candidate, side by side; all of it takes no longer than the connection's timeout.

    Args:
        connection: Whose credentials to ask about.
        candidates: Base URLs by name, instead of the connection's own host.
    """

    def ask(name: str, base_url: str) -> Answer:
        there = attrs.evolve(connection, data_center=None, base_url=base_url)
        return Answer(name, base_url, *_verdict(there))

    with ThreadPoolExecutor(max(1, len(candidates))) as threads:
        return list(threads.map(ask, candidates.keys(), candidates.values()))


def unknown_there(error: PersonalizeError) -> bool:
    """Whether an error is how a data center answers for a workspace of another one."""
    return isinstance(error, AuthenticationError | BadRequestError)


def _verdict(connection: Connection) -> tuple[Verdict, str]:
    try:
        with connection.client() as client:
            count = len(client.metadata())
    except (PersonalizeError, Failure) as error:
        if isinstance(error, PersonalizeError) and unknown_there(error):
            return Verdict.REFUSED, "does not know these credentials"
        return Verdict.UNDECIDED, str(error)
    return Verdict.ACCEPTED, f"{count} experiences"
