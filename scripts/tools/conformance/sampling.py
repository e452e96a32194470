"""What a sample must have done: fetched an experience, shown it, and reported the click on it."""

import subprocess
import time
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import unquote

import httpx

from conformance.judging import difference, is_same
from moengage_personalize.emulator import Emulator, ReceivedEvent

FETCHED: Final = {
    "identifiers": {"customer_id": "user_8821"},
    "experience_key": ["loyalty-offer"],
    "utm_medium": "email",
}
"""The body of every sample's fetch."""

PRINTED: Final = "Thank you for 5 years with us\n"
"""What the emulator's experience of that key has under `Title`, which a sample prints."""

ELEMENT: Final = "Add to Cart"
"""What every sample's click names."""

_GROWN_CONTEXT: Final = {
    "cid": "bbb215c642a1187c6a5e74fc_F_T_WP_AB_1_P_0_AU_42D",
    "experience": "Loyalty offer",
    "moe_locale_id": "0",
    "moe_variation_id": "1",
    "audience_name": "All Users",
    "audience_id": "42D",
    "a_new_field": {"of": ["the", "API"]},
}
GROWN: Final = {
    "experiences": {
        "loyalty-offer": {
            "payload": {"Title": {"value": "Thank you", "data_type": "a new one"}},
            "experience_context": _GROWN_CONTEXT,
            "a_new_field": 1,
        }
    }
}
"""An answer with fields that the document does not name."""

_DEFAULT: Final = "Welcome\n"
_FETCH: Final = "fetchExperiences"
_REPORT: Final = "reportExperienceEvents"
_SHOWN: Final = "MOE_PERSONALIZATION_MESSAGE_SHOWN"
_CLICKED: Final = "MOE_PERSONALIZATION_MESSAGE_CLICKED"
_CLOCK_SECONDS: Final = 120
_LAST_WORDS: Final = 8


def problem(done: subprocess.CompletedProcess[str], emulator: Emulator) -> str | None:
    """What is wrong, in words; None where the sample did all it shows.

    Args:
        done: The sample's run.
        emulator: What it was run against.
    """
    return "; ".join(_problems(done, emulator)) or None


def default_content_problem(
    done: subprocess.CompletedProcess[str], emulator: Emulator
) -> str | None:
    """What is wrong where the visitor has no experience; None where the sample takes it well."""
    if done.returncode or done.stdout != _DEFAULT:
        return f"the sample ended with {done.returncode} and printed {done.stdout!r}"
    if len(emulator.requests) != 1:
        return "the sample reported an experience that there is not"
    return None


def each_operation_problem(
    done: subprocess.CompletedProcess[str], emulator: Emulator
) -> str | None:
    """What is wrong with a program that calls each operation once; None where all arrived right.

    Args:
        done: The program's run, with `GROWN` as the answer of its fetch.
        emulator: What it was run against. It refuses wrong credentials and a repeated `status`.
    """
    if done.returncode:
        return f"the program ended with {done.returncode}: {_last_words(done)}"
    calls = [(request.operation, request.status) for request in emulator.requests]
    if calls != [("listExperienceMetadata", 200), (_FETCH, 200), (_REPORT, 200)]:
        return f"the program's calls were {calls}"
    listed, fetched, _ = emulator.requests
    sent = {"status": unquote(listed.query), "fetch": fetched.json}
    sent["attributes"] = dict(emulator.events[0].attributes)
    wanted = {"status": "status=Active,Paused", "fetch": FETCHED, "attributes": _GROWN_CONTEXT}
    return None if is_same(wanted, sent) else difference(wanted, sent)


def _problems(done: subprocess.CompletedProcess[str], emulator: Emulator) -> Iterator[str]:
    if done.returncode:
        yield f"the sample ended with {done.returncode}: {_last_words(done)}"
        return
    if done.stdout != PRINTED:
        yield f"the sample printed {done.stdout!r}"
    requests = emulator.requests
    calls = [(request.operation, request.status) for request in requests]
    if calls[:1] != [(_FETCH, 200)] or set(calls[1:]) != {(_REPORT, 200)}:
        yield f"the sample's calls were {calls}"
        return
    if not is_same(FETCHED, requests[0].json):
        yield difference(FETCHED, requests[0].json, "the sample's fetch")
    yield from _event_problems(emulator)


def _event_problems(emulator: Emulator) -> Iterator[str]:
    context = _context(emulator)
    wanted = [(_SHOWN, context), (_CLICKED, {**context, "b_id": ELEMENT})]
    events = emulator.events
    if len(events) != len(wanted):
        yield f"{len(events)} events of the sample arrived instead of {len(wanted)}"
        return
    for event, (action, attributes) in zip(events, wanted, strict=True):
        if (event.action, event.customer_id, event.platform) != (action, "user_8821", "web"):
            yield f"the sample reported {event}"
        if not is_same(attributes, event.attributes):
            yield difference(attributes, event.attributes, "the event's attributes")
        if not _is_now(event):
            yield f"the sample's event time is {event.event_time}"


def _last_words(done: subprocess.CompletedProcess[str]) -> str:
    return " | ".join(done.stderr.strip().splitlines()[-_LAST_WORDS:])


def _is_now(event: ReceivedEvent) -> bool:
    time_sent = event.event_time
    return isinstance(time_sent, int) and abs(time.time() - time_sent) < _CLOCK_SECONDS


def _context(emulator: Emulator) -> dict[str, Any]:
    """The context that the emulator answers with, asked for without any of the clients."""
    answer = httpx.post(
        f"{emulator.base_url}/experiences/fetch",
        json=FETCHED,
        auth=(emulator.workspace_id, emulator.api_key),
        headers={"MOE-APPKEY": emulator.workspace_id},
        trust_env=False,
    )
    context: dict[str, Any] = answer.json()["experiences"]["loyalty-offer"]["experience_context"]
    return context
