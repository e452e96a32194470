"""Finds the data center that accepts the credentials: lists experiences at each, in parallel."""

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
    """How a data center answered to the credentials."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNDECIDED = "undecided"


@attrs.frozen
class Answer:
    """The answer of one data center.

    Attributes:
        data_center: Its name.
        base_url: The address that was called.
        verdict: How it answered to the credentials.
        detail: Its answer in words.
    """

    data_center: str
    base_url: str
    verdict: Verdict
    detail: str


def data_centers() -> dict[str, str]:
    """Return the base URL of every data center that this package knows, by its number."""
    return {data_center.value: data_center.base_url for data_center in DataCenter}


def survey(connection: Connection, candidates: Mapping[str, str]) -> list[Answer]:
    """Ask all candidates in parallel, within the connection's timeout.

    Args:
        connection: The credentials to try, and the timeout.
        candidates: Base URLs by name, instead of the connection's own host.
    """

    def ask(name: str, base_url: str) -> Answer:
        there = attrs.evolve(connection, data_center=None, base_url=base_url)
        return Answer(name, base_url, *_verdict(there))

    with ThreadPoolExecutor(max(1, len(candidates))) as threads:
        return list(threads.map(ask, candidates.keys(), candidates.values()))


def unknown_there(error: PersonalizeError) -> bool:
    """Return whether an error is the answer for a workspace of another data center."""
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
